/* SPDX-License-Identifier: Apache-2.0 */
/* What is looked at of a SIP message before libre sees it. */
#ifndef NET_SIP_FRAME_H
#define NET_SIP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Of a header with all its folds, and of a first line. */
#define SIP_LINE_MAX 1024

/** Of one that libre takes for CSeq. */
#define SIP_CSEQ_MAX 64

/** Whether the first line, as far as it is there, may be one of SIP. */
bool sip_frame_begins(const uint8_t *data, size_t length);

/**
 * What is too long in a header to be decoded at a bounded cost.
 * \param data  a whole header, from its first line on
 * \return words for people, or NULL = nothing
 */
const char *sip_frame_refuse(const uint8_t *data, size_t length);

#endif
