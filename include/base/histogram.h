/* SPDX-License-Identifier: Apache-2.0 */
/* Durations counted into fixed classic buckets, as Prometheus sums and joins them. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS 10

/** Counts are per bucket, not cumulative; the last one holds what is above all bounds. */
struct histogram {
	uint32_t counts[HISTOGRAM_BUCKETS + 1];
	int64_t sum_us;
};

void histogram_observe(struct histogram *histogram, int64_t micros);

/** Adds what `other` has counted. */
void histogram_add(struct histogram *histogram, const struct histogram *other);

/** Upper bound of a bucket, in microseconds; index below HISTOGRAM_BUCKETS. */
int64_t histogram_bound_us(unsigned index);

/** The bound in seconds exactly as `le` must show it ("0.25", "1.0"), in every format. */
const char *histogram_bound_text(unsigned index);

#endif
