/* SPDX-License-Identifier: Apache-2.0 */
#include "net/sip_value.h"

#include "base/text.h"

bool sip_value_is_space(char character)
{
	return character == ' ' || character == '\t' || character == '\r' ||
		character == '\n';
}

void sip_value_copy(char *destination, size_t size, struct sip_span value)
{
	char unfolded[256];
	size_t used = 0;

	for (size_t i = 0; i < value.length && used < sizeof(unfolded); i++) {
		if (!sip_value_is_space(value.start[i]))
			unfolded[used++] = value.start[i];
		else if (used > 0 && unfolded[used - 1] != ' ')
			unfolded[used++] = ' ';
	}
	text_copy_printable(destination, size, unfolded, used);
}

bool sip_value_number(struct sip_span value, unsigned long most, unsigned long *ret)
{
	unsigned long number = 0;

	for (size_t i = 0; i < value.length; i++) {
		if (value.start[i] < '0' || value.start[i] > '9')
			return false;
		number = number * 10 + (unsigned long)(value.start[i] - '0');
		if (number > most)
			return false;
	}
	if (value.length == 0)
		return false;
	*ret = number;
	return true;
}

unsigned sip_value_words(struct sip_span list)
{
	unsigned count = 0;
	bool within = false;

	for (size_t i = 0; i < list.length; i++) {
		bool between = list.start[i] == ',' || sip_value_is_space(list.start[i]);

		count += !between && !within;
		within = !between;
	}
	return count;
}
