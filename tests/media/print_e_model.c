/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what the E-model makes of a grid of inputs, for test_e_model.py. */
#include <stdio.h>

#include "media/e_model.h"

static void print_ratings(enum e_model_codec_id id, double delay_ms)
{
	const struct e_model_codec *codec = e_model_codec(id);
	static const double losses[] = { 0, 0.2, 1, 3.5, 10, 20 };
	static const double bursts[] = { 1, 1.4, 2, 5 };

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		for (size_t j = 0; j < sizeof(bursts) / sizeof(bursts[0]); j++) {
			struct e_model_input input = { codec->ie, codec->bpl, losses[i],
				bursts[j], delay_ms, 0 };
			double rating = e_model_rating(&input);

			printf("%s %g %g %g %.9f %.9f\n", e_model_codec_names[id],
				delay_ms, losses[i], bursts[j], rating,
				e_model_mos(rating));
		}
	}
}

int main(void)
{
	for (int id = 0; id < E_MODEL_CODEC_COUNT; id++) {
		for (int delay_ms = 0; delay_ms <= 800; delay_ms += 25)
			print_ratings((enum e_model_codec_id)id, delay_ms);
	}
	return 0;
}
