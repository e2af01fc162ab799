/* SPDX-License-Identifier: Apache-2.0 */
/* What a path does to packets: the settings of the program impair, read from its options.
 */
#ifndef NETWORK_IMPAIR_H
#define NETWORK_IMPAIR_H

#include <stdbool.h>
#include <stdint.h>

/* Shares are parts of one, times are in milliseconds. */
struct impairment {
	double queue;
	double seed;
	double loss;
	double burst; /* mean length of a run of lost packets; 1: each by itself */
	double delay;
	double jitter;     /* uniform, up to so much more or less than the delay */
	double reorder;    /* share that is held back so that later ones overtake it */
	double reorder_by; /* for so long */
	double duplicate;
	double corrupt;     /* one octet behind the headers is another */
	double larger_than; /* packets with more octets vanish, IP header included */
	double every_other; /* spells of so long, by turns of silence and of health */
	bool keep_order;    /* jitter never lets a packet overtake another */
	bool mend;          /* after corruption the checksum fits again */
};

/** Prints what is wrong, or the usage, and returns false. */
bool impairment_read(int argc, char *argv[], struct impairment *ret_impairment);

#endif
