/* SPDX-License-Identifier: Apache-2.0 */
#include "probes/rtp_pace.h"

#include "base/clock.h"

#define TRIES_MOST 12

/* At most so often shall one port of a run be blamed for lost packets. */
#define FALSE_BLAME 1e-3

/* Silent ones of a lap are asked within so many seconds, if the pace allows. */
#define LAP_SECONDS 3.0

/* A sweep: what comes back is followed by more, and silence is passed at this rate. */
#define SWEEP_PER_SECOND 10000.0
#define SWEEP_BURST      256.0

/* Where the host itself says that nobody is there, silence proves nothing (rtp_stamp.c):
 * a second try only meets a loss of the first. */
#define TRIES_ABSENT 2

/* Ports that lose packets at full pace are asked so slowly. */
#define SLOW_PER_SECOND 20.0

static struct asking_pace usual_pace(const struct rtp_talk *talk)
{
	double per_second = (double)talk->options->packets_per_second;

	if (talk->run->services->sweeps)
		return (struct asking_pace){ .per_second = SWEEP_PER_SECOND,
			.burst = SWEEP_BURST,
			.answers_pay = true };
	return (struct asking_pace){ .per_second = per_second,
		.burst = per_second / 50 < 1 ? 1 : per_second / 50 };
}

static void begin(struct rtp_talk *talk, const struct asking_pace *pace, int64_t wait_us,
	unsigned tries, void (*next)(struct rtp_talk *talk))
{
	int64_t round_trip_us = talk->tally.round_trip_max_ns / 1000;

	talk->tries = tries;
	talk->next = next;
	asking_begin(talk->asking, pace, wait_us + 2 * round_trip_us);
}

void rtp_pace_begin(struct rtp_talk *talk, int64_t wait_us, unsigned tries,
	void (*next)(struct rtp_talk *talk))
{
	struct asking_pace pace = usual_pace(talk);

	begin(talk, &pace, wait_us, tries, next);
}

void rtp_pace_begin_slowly(
	struct rtp_talk *talk, int64_t wait_us, void (*next)(struct rtp_talk *talk))
{
	const struct asking_pace pace = { .per_second = SLOW_PER_SECOND, .burst = 1 };

	begin(talk, &pace, wait_us, 1, next);
}

size_t rtp_pace_slow_room(const struct rtp_talk *talk, int64_t kept_us)
{
	int64_t left_us = talk->end_us - clock_now_us() - kept_us;
	double room = left_us > 0 ? SECONDS_OF(left_us) * SLOW_PER_SECOND : 0;

	return room < RTP_SLOW_PORTS_MAX ? (size_t)room : RTP_SLOW_PORTS_MAX;
}

/* The share of packets that get lost where the path is open; rather too high than too
 * low while few are known. */
static double loss_where_open(const struct rtp_talk *talk)
{
	size_t sent = 0, lost = 0;

	for (uint32_t i = 0; i < asking_packets(talk->asking); i++) {
		const struct asking_packet *packet = asking_packet(talk->asking, i);

		if (asking_question(talk->asking, packet->question)->state !=
			ASKING_ANSWERED)
			continue;
		sent++;
		lost += !packet->answered;
	}
	return ((double)lost + 0.5) / ((double)sent + 10);
}

/*
 * So often a port is asked before its silence is no loss.
 * While nothing at all has answered there is no loss to be told from a block: all of the
 * ports stay silent by chance less often than one of them does, and for one three tries
 * are enough.
 */
static unsigned tries_enough(const struct rtp_talk *talk)
{
	double loss = loss_where_open(talk);
	double wrong = (double)talk->tally.asked;
	unsigned tries = 0;

	if (talk->tally.replies == 0)
		return rtp_talk_is_absent(talk) ? TRIES_ABSENT : RTP_TRIES_LEAST;
	for (; wrong > FALSE_BLAME && tries < TRIES_MOST; tries++)
		wrong *= loss;
	return tries < RTP_TRIES_LEAST ? RTP_TRIES_LEAST : tries;
}

bool rtp_pace_again(void *context, unsigned lap, size_t silent, struct asking_pace *pace)
{
	struct rtp_talk *talk = context;
	unsigned tries = talk->tries > 0 ? talk->tries : tries_enough(talk);
	double slower = usual_pace(talk).per_second / (lap == 0 ? 2 : 4);

	/* what is lost later shall not undo it: no further lap would follow */
	if (talk->tries == 0)
		talk->enough = tries;
	if (talk->run->finished || lap + 1 >= tries)
		return false;
	if (slower < (double)silent / LAP_SECONDS)
		slower = (double)silent / LAP_SECONDS;
	/* slower is for limits of the rate, and those let something pass */
	if (slower < pace->per_second && talk->tally.replies > 0)
		pace->per_second = slower;
	return true;
}
