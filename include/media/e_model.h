/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a measured path does to a call: the E-model of ITU-T G.107 (06/2015) for what a
 * network probe can know. All that it cannot (levels, noise, echo) has the default of
 * table 3, with which Ro - Is = 93.2 (7.7), and echo is cancelled, so that
 * R = 93.2 - Idd - Ie,eff + A. A planning estimate, not an opinion of listeners.
 *
 * Pure. Loss in per cent as G.107 has it, not a ratio, and delay in milliseconds.
 */
#ifndef MEDIA_E_MODEL_H
#define MEDIA_E_MODEL_H

#include <stdbool.h>
#include <stddef.h>

/** R of a path that impairs nothing. */
#define E_MODEL_BASE 93.2

/** What G.113, Appendix I, says of a codec. */
struct e_model_codec {
	double ie;            /* equipment impairment without loss */
	double bpl;           /* robustness against random loss */
	double look_ahead_ms; /* delay of the coder beside its packet */
	/* Whether bursts count: G.113 wants BurstR = 1 where Bpl is below 16. */
	bool bursts;
};

enum e_model_codec_id {
	E_MODEL_G711_PLC, /* with loss concealment by G.711, Appendix I */
	E_MODEL_G711,
	E_MODEL_G729A,
	E_MODEL_CODEC_COUNT
};

/** Names of these, for an option. */
static const char *const e_model_codec_names[] = { "g711-plc", "g711", "g729a", NULL };

const struct e_model_codec *e_model_codec(enum e_model_codec_id id);

/** Every input that the rating has, so that it can be told with its inputs. */
struct e_model_input {
	double ie, bpl;
	double loss_percent; /* Ppl: what never came and what came too late to be played
			      */
	double burst;        /* BurstR: 1 = random; less counts as 1 */
	double delay_ms;     /* Ta: one way from mouth to ear */
	double advantage;    /* A: 0 = wired */
};

/** Idd, equations 7-27 and 7-28 with the default sensitivity sT = 1, mT = 100 ms. */
double e_model_delay_impairment(double delay_ms);

/** Ie,eff, equation 7-29. */
double e_model_loss_impairment(const struct e_model_input *input);

/** R, equation 7-1, held to 0 … 100. */
double e_model_rating(const struct e_model_input *input);

/** Conversational MOS, equation B-4, never below 1, where the cubic dips under it. */
double e_model_mos(double rating);

/** Below it G.109 gives no category. */
#define E_MODEL_POOR 50.0

/** Category of speech quality by G.109: "best", "high", "medium", "low", "poor" or
 * "unusable", as we call what it does not recommend. */
const char *e_model_word(double rating);

#endif
