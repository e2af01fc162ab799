/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small installation with one row of every sort the reports must bear: fine, forbidden
 * by a firewall, degraded, never run, silent, not testable, not applying, and one whose
 * every string is hostile.
 */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include "report/source.h"

/** 2026-10-14 09:20:00 UTC, the now of the fixture. */
#define FIXTURE_NOW_US INT64_C(1791969600000000)

/** Script, quotes, a newline, a backslash, a bar and octets that are not UTF-8. */
#define FIXTURE_HOSTILE "<script>alert(\"1\")</script>'\n\\&|\xff\xc3"

struct fixture {
	struct store *store;
	struct report_source source;
};

void fixture_init(struct fixture *fixture);

/**
 * Another installation, of RTP rows: rtp-in partly blocked over IPv4 and sampled once
 * over IPv6, rtp-out silent, and a stream with gauges of two labels.
 */
void fixture_init_ports(struct fixture *fixture);

/** The gateway does not answer: two requirements of the first site are unproven. */
void fixture_cut_off(struct fixture *fixture);

/** Zeroed to begin; `checks` rows that ran `runs` times, for measuring. */
void fixture_init_large(struct fixture *fixture, size_t checks);

void fixture_done(struct fixture *fixture);

#endif
