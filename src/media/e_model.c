/* SPDX-License-Identifier: Apache-2.0 */
#include "media/e_model.h"

#include <math.h>

/* Equation 7-29: the worst that loss can make of any codec. */
#define IE_MOST 95.0

#define DELAY_PERCEIVED_MS 100.0 /* mT of table 1, default class */

/*
 * 6 · sT with sT = 1. The dot is a product: amplet2 reads 6 - sT, which gives 3.66 for
 * 200 ms where G.107 gives 3.04.
 */
#define DELAY_EXPONENT 6.0

/* G.113, Appendix I; G.729A with voice activity detection, two frames a packet. */
static const struct e_model_codec codecs[E_MODEL_CODEC_COUNT] = {
	[E_MODEL_G711_PLC] = { 0, 25.1, 0, true },
	[E_MODEL_G711] = { 0, 4.3, 0, false },
	[E_MODEL_G729A] = { 11, 19, 5, true },
};

const struct e_model_codec *e_model_codec(enum e_model_codec_id id)
{
	return &codecs[id];
}

static double knee(double x)
{
	return pow(1 + pow(x, DELAY_EXPONENT), 1 / DELAY_EXPONENT);
}

double e_model_delay_impairment(double delay_ms)
{
	double x;

	if (delay_ms <= DELAY_PERCEIVED_MS)
		return 0;
	x = log2(delay_ms / DELAY_PERCEIVED_MS);
	return 25 * (knee(x) - 3 * knee(x / 3) + 2);
}

double e_model_loss_impairment(const struct e_model_input *input)
{
	double burst = input->burst > 1 ? input->burst : 1;
	double loss = input->loss_percent;

	return input->ie + (IE_MOST - input->ie) * loss / (loss / burst + input->bpl);
}

double e_model_rating(const struct e_model_input *input)
{
	double rating = E_MODEL_BASE - e_model_delay_impairment(input->delay_ms) -
		e_model_loss_impairment(input) + input->advantage;

	return fmin(fmax(rating, 0), 100);
}

double e_model_mos(double rating)
{
	double mos = 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6;

	if (rating <= 0)
		return 1;
	if (rating >= 100)
		return 4.5;
	return fmax(mos, 1);
}

const char *e_model_word(double rating)
{
	static const struct {
		double least;
		const char *word;
	} words[] = { { 90, "best" }, { 80, "high" }, { 70, "medium" }, { 60, "low" },
		{ E_MODEL_POOR, "poor" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (rating >= words[i].least)
			return words[i].word;
	}
	return "unusable";
}
