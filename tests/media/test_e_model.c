/* SPDX-License-Identifier: Apache-2.0 */
#include "media/e_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(value, other, most) assert_true(fabs((value) - (other)) <= (most))

/* Computed from the Recommendation's formulas by another program. */
static const struct {
	double delay, loss, bpl, burst, idd, rating, mos;
} vectors[] = {
	{ 20, 0, 25.1, 1, 0.00, 93.20, 4.409 },
	{ 150, 0, 25.1, 1, 0.16, 93.04, 4.406 },
	{ 200, 0, 25.1, 1, 3.04, 90.16, 4.343 },
	{ 250, 0, 25.1, 1, 8.92, 84.28, 4.175 },
	{ 400, 0, 25.1, 1, 24.07, 69.13, 3.556 },
	{ 20, 1, 25.1, 1, 0, 89.56, 4.328 },
	{ 20, 3, 25.1, 1, 0, 83.06, 4.134 },
	{ 20, 5, 25.1, 1, 0, 77.42, 3.923 },
	{ 20, 10, 25.1, 1, 0, 66.13, 3.411 },
	{ 20, 1, 4.3, 1, 0, 75.28, 3.834 },
	{ 20, 3, 4.3, 1, 0, 54.16, 2.794 },
	{ 20, 5, 4.3, 1, 0, 42.12, 2.169 },
	{ 20, 3, 25.1, 2, 0, 82.49, 4.114 },
	{ 20, 3, 4.3, 2, 0, 44.06, 2.267 },
	{ 150, 1, 25.1, 1, 0.16, 89.40, 4.324 },
};

static void the_vectors_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct e_model_input input = { .bpl = vectors[i].bpl,
			.loss_percent = vectors[i].loss,
			.burst = vectors[i].burst,
			.delay_ms = vectors[i].delay };
		double rating = e_model_rating(&input);

		assert_near(
			e_model_delay_impairment(input.delay_ms), vectors[i].idd, 0.005);
		assert_near(rating, vectors[i].rating, 0.005);
		assert_near(e_model_mos(rating), vectors[i].mos, 0.0005);
	}
}

static double rating_of(enum e_model_codec_id id, double loss, double burst)
{
	const struct e_model_codec *codec = e_model_codec(id);
	struct e_model_input input = {
		.ie = codec->ie, .bpl = codec->bpl, .loss_percent = loss, .burst = burst
	};

	return e_model_rating(&input);
}

static void codecs_differ_as_g113_has_it(void **state)
{
	(void)state;
	assert_null(e_model_codec_names[E_MODEL_CODEC_COUNT]);
	assert_near(rating_of(E_MODEL_G711, 0, 1), 93.2, 1e-9);
	assert_near(rating_of(E_MODEL_G729A, 0, 1), 82.2, 1e-9);
	/* 11 + 84 · 2 / (2 + 19) = 19 */
	assert_near(rating_of(E_MODEL_G729A, 2, 1), 74.2, 1e-9);
	assert_true(e_model_codec(E_MODEL_G711_PLC)->bursts);
	assert_false(e_model_codec(E_MODEL_G711)->bursts);
}

static void the_ends_are_held(void **state)
{
	struct e_model_input better = { .bpl = 25.1, .advantage = 20 };

	(void)state;
	assert_near(rating_of(E_MODEL_G711, 100, 1), 2.12, 0.01);
	assert_near(rating_of(E_MODEL_G729A, 100, 50), 0, 0);
	assert_near(e_model_rating(&better), 100, 0);
	assert_near(e_model_mos(100), 4.5, 0);
	assert_near(e_model_mos(-1), 1, 0);
	/* the cubic alone says 0.989 here */
	assert_near(e_model_mos(3.2), 1, 0);
	assert_near(rating_of(E_MODEL_G711_PLC, 3, 0.2),
		rating_of(E_MODEL_G711_PLC, 3, 1), 0);
}

/* Table B.1 of G.107 gives these limits with G.109's words. */
static void words_and_scores_go_together(void **state)
{
	static const struct {
		double least, mos;
		const char *word, *below;
	} rows[] = {
		{ 90, 4.34, "best", "high" },
		{ 80, 4.03, "high", "medium" },
		{ 70, 3.60, "medium", "low" },
		{ 60, 3.10, "low", "poor" },
		{ 50, 2.58, "poor", "unusable" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_string_equal(e_model_word(rows[i].least), rows[i].word);
		assert_string_equal(e_model_word(rows[i].least - 0.01), rows[i].below);
		assert_near(e_model_mos(rows[i].least), rows[i].mos, 0.0061);
	}
}

static void more_harm_is_never_better(void **state)
{
	double before = 101;

	(void)state;
	for (int loss = 0; loss <= 100; loss++) {
		double rating = rating_of(E_MODEL_G711_PLC, loss, 1.5);

		assert_true(rating < before || rating <= 0);
		before = rating;
	}
	for (int delay = 0; delay < 1000; delay++)
		assert_true(e_model_delay_impairment(delay) <=
			e_model_delay_impairment(delay + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_hold),
		cmocka_unit_test(codecs_differ_as_g113_has_it),
		cmocka_unit_test(the_ends_are_held),
		cmocka_unit_test(words_and_scores_go_together),
		cmocka_unit_test(more_harm_is_never_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
