/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to a reflector, and what its answers mean. */
#ifndef PROBES_RTP_ANSWER_H
#define PROBES_RTP_ANSWER_H

#include "probes/rtp_talk.h"

/** For the events of the asking. */
size_t rtp_answer_compose(void *context, uint32_t number,
	const struct asking_packet *packet, uint8_t *buffer);
void rtp_answer_heard(void *context, const struct volley_answer *answer);
void rtp_answer_refused(void *context, uint16_t port, const struct finding *finding);

#endif
