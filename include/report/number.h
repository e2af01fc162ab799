/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as text: shortest digits that read back as the same value, always with a point,
 * whatever the locale. By hand because snprintf costs 250 ns a line of an exposition.
 */
#ifndef REPORT_NUMBER_H
#define REPORT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/** Room for any of the numbers below. They are not NUL terminated. */
#define NUMBER_TEXT_MAX 40

/** \return octets written, as all functions here */
size_t number_integer(char *buffer, int64_t value);

/** Microseconds as seconds: 1500000 is "1.5", exact to the last digit. */
size_t number_seconds(char *buffer, int64_t micros);

/** "NaN", "+Inf" and "-Inf" as both exposition formats write them. */
size_t number_double(char *buffer, double value);

#endif
