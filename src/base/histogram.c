/* SPDX-License-Identifier: Apache-2.0 */
#include "base/histogram.h"

/* From a loopback answer to the longest timeout; the text is canonical for OpenMetrics.
 */
static const struct {
	int64_t micros;
	const char *text;
} bounds[HISTOGRAM_BUCKETS] = {
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 1000000, "1.0" },
	{ 5000000, "5.0" },
};

void histogram_observe(struct histogram *histogram, int64_t micros)
{
	unsigned index = 0;

	while (index < HISTOGRAM_BUCKETS && micros > bounds[index].micros)
		index++;
	histogram->counts[index]++;
	histogram->sum_us += micros;
}

void histogram_add(struct histogram *histogram, const struct histogram *other)
{
	for (unsigned i = 0; i <= HISTOGRAM_BUCKETS; i++)
		histogram->counts[i] += other->counts[i];
	histogram->sum_us += other->sum_us;
}

int64_t histogram_bound_us(unsigned index)
{
	return bounds[index].micros;
}

const char *histogram_bound_text(unsigned index)
{
	return bounds[index].text;
}
