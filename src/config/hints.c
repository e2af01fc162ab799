/* SPDX-License-Identifier: Apache-2.0 */
#include "config/hints.h"

static const char *reason_of(const struct variable *variable, enum language language)
{
	return variable->reason[language] ? variable->reason[language] : "";
}

void hint_variable(struct arena *arena, const struct variable *variable, const char *site,
	bool port, const char *ret_hint[LANGUAGE_COUNT])
{
	const char *value = port ? "host:port" : variable->literal ? "address" : "host";
	const char *en = reason_of(variable, LANGUAGE_EN);
	const char *de = reason_of(variable, LANGUAGE_DE);

	ret_hint[LANGUAGE_EN] = arena_format(arena, "%s%sSet `%s = \"%s\"` in site %s.",
		en, *en ? " " : "", variable->name, value, site);
	ret_hint[LANGUAGE_DE] =
		arena_format(arena, "%s%sIm Standort %s `%s = \"%s\"` setzen.", de,
			*de ? " " : "", site, variable->name, value);
}

void hint_port(struct arena *arena, const char *requirement,
	const char *ret_hint[LANGUAGE_COUNT])
{
	ret_hint[LANGUAGE_EN] = arena_format(arena,
		"The vendor's page gives no port. Name one: "
		"`requirements = ( { id = \"%s\"; port = PORT; } )`.",
		requirement);
	ret_hint[LANGUAGE_DE] = arena_format(arena,
		"Die Seite des Herstellers nennt keinen Port. Einen angeben: "
		"`requirements = ( { id = \"%s\"; port = PORT; } )`.",
		requirement);
}

void hint_vantage(unsigned vantages, const char *ret_hint[LANGUAGE_COUNT])
{
	if (vantages & 1U << VANTAGE_LAN) {
		ret_hint[LANGUAGE_EN] = "This is proven from beside the PBX only: run an "
					"instance there with `vantage = \"lan\"`.";
		ret_hint[LANGUAGE_DE] =
			"Das lässt sich nur neben der Telefonanlage nachweisen: dort "
			"eine Instanz mit `vantage = \"lan\"` betreiben.";
	} else {
		ret_hint[LANGUAGE_EN] =
			"This is proven from outside the firewall only: run an instance "
			"there with `vantage = \"internet\"`.";
		ret_hint[LANGUAGE_DE] =
			"Das lässt sich nur von außerhalb der Firewall nachweisen: dort "
			"eine Instanz mit `vantage = \"internet\"` betreiben.";
	}
}
