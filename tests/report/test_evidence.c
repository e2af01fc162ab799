/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in German: our own words become German, other's stay as they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "report/wording.h"

static const struct row {
	enum evidence_kind kind;
	bool offended;
	const char *detail, *german;
} rows[] = {
	{ EVIDENCE_COMPARISON, true,
		"the gateway answers, 12 checks beyond it are not heard",
		"von 192.0.2.1: das Gateway antwortet, von 12 Prüfungen dahinter kommt "
		"nichts" },
	{ EVIDENCE_COMPARISON, true,
		"the gateway answers, 12 ipv6 checks beyond it are not heard",
		"von 192.0.2.1: das Gateway antwortet, von 12 IPv6-Prüfungen dahinter "
		"kommt nichts" },
	{ EVIDENCE_COMPARISON, false,
		"hq.example.com: 4 requirements silent, other hosts "
		"answer",
		"hq.example.com: 4 Anforderungen stumm, andere Rechner antworten" },
	{ EVIDENCE_PEER, true, "answers packets of 1200 octets, silent from 1400 on",
		"Antwort von 192.0.2.1: antwortet auf Pakete von 1200 Oktetten, stumm ab "
		"1400" },
	{ EVIDENCE_CERTIFICATE, true, "CN=x, issuer CN=y; as at a.example.com",
		"Zertifikat von 192.0.2.1: CN=x, Aussteller CN=y; wie bei "
		"a.example.com" },
	{ EVIDENCE_LOCAL, false, "the loop was held up for 700 ms",
		"eigener Rechner: Selbstprüfung: die Schleife stand 700 ms still" },
	/* a sentence with a semicolon of its own */
	{ EVIDENCE_COMPARISON, true,
		"the last to speak; 3 checks beyond it are not heard",
		"von 192.0.2.1: der Letzte, der sich meldet; von 3 Prüfungen dahinter "
		"kommt nichts" },
	{ EVIDENCE_COMPARISON, false,
		"forward: 25 of 500 lost (5.0 %), 1 in a row; backward: R 49.1 "
		"(unusable)",
		"Hinweg: 25 von 500 verloren (5.0 %), 1 in Folge; Rückweg: R 49.1 "
		"(unbrauchbar)" },
	{ EVIDENCE_COMPARISON, false,
		"forward: 200 ms to the ear, at most 150; network 120 ms",
		"Hinweg: 200 ms bis zum Ohr, höchstens 150; Netz 120 ms" },
	{ EVIDENCE_COMPARISON, false,
		"blocked: 10137 forward, 15000-15999 refused; not held now",
		"gesperrt: 10137 hin, 15000-15999 abgewiesen; jetzt nicht gehalten" },
	{ EVIDENCE_COMPARISON, false,
		"the reflector holds none of 9 ports now (busy 2, resting 3, not its own "
		"4)",
		"der Reflektor hält gerade keinen von 9 Ports (belegt 2, ruhend 3, nicht "
		"seine 4)" },
	{ EVIDENCE_COMPARISON, false,
		"14 of 300 packets lost: forward 4.7 %, backward 0.0 %; 5.6 % lost in "
		"the runs of late",
		"14 von 300 Paketen verloren: Hinweg 4.7 %, Rückweg 0.0 %; 5.6 % "
		"verloren in den letzten Läufen" },
	{ EVIDENCE_LOCAL, false, "5 of 300 ports, the first is 10137",
		"eigener Rechner: Selbstprüfung: 5 von 300 Ports, der erste ist 10137" },
	/* of parts */
	{ EVIDENCE_PEER, true,
		"no end of its header; no short request was answered, so no size was "
		"tried",
		"Antwort von 192.0.2.1: ein Kopf ohne Ende; keine kurze Anfrage wurde "
		"beantwortet, also keine Größe versucht" },
	{ EVIDENCE_PEER, false, "SIP with a malformed Via",
		"Antwort: SIP, darin: ein fehlerhaftes Via" },
	{ EVIDENCE_PEER, false, "number of Via 1 -> 2 (+1)",
		"Antwort: Zahl der Via 1 -> 2 (+1)" },
	{ EVIDENCE_PEER, false, "Call-ID a@b -> missing",
		"Antwort: Call-ID a@b -> fehlt" },
	{ EVIDENCE_COMPARISON, false,
		"blocked: 12000-12999 forward, 15000 backward, 15002 refused and 7 more",
		"gesperrt: 12000-12999 hin, 15000 zurück, 15002 abgewiesen und 7 "
		"weitere" },
	{ EVIDENCE_COMPARISON, false,
		"nothing answers: neither port 862 nor any of 300 ports; or no reflector "
		"with this key",
		"nichts antwortet: weder Port 862 noch einer von 300 Ports; oder kein "
		"Reflektor mit diesem Schlüssel" },
	{ EVIDENCE_PEER, false,
		"host-unknown: asked for 10.0.0.1, an address; set domain to its name",
		"Antwort: host-unknown: gefragt nach 10.0.0.1, einer Adresse; als domain "
		"ihren Namen eintragen" },
	{ EVIDENCE_PEER, false, "a message of indefinite length, 12 octets",
		"Antwort: eine Nachricht von unbestimmter Länge, 12 Oktette" },
	{ EVIDENCE_PEER, true, "10.99.99.99 is private (RFC 1918)",
		"Antwort von 192.0.2.1: 10.99.99.99 ist privat (RFC 1918)" },
	{ EVIDENCE_CERTIFICATE, false, "a certificate without a name, expired 2026-01-01",
		"Zertifikat: ein Zertifikat ohne Namen, abgelaufen 2026-01-01" },
	/* what others said */
	{ EVIDENCE_PEER, true, "SSH: SSH-2.0-OpenSSH",
		"Antwort von 192.0.2.1: SSH: SSH-2.0-OpenSSH" },
	{ EVIDENCE_ICMP, true, "", "ICMP 3/13 von 192.0.2.1" },
	{ EVIDENCE_NONE, false, "", "" },
};

static struct evidence evidence_of(const struct row *row)
{
	struct evidence evidence = { .kind = row->kind };

	if (row->kind == EVIDENCE_ICMP) {
		evidence.type = 3;
		evidence.code = 13;
	}
	if (row->offended)
		address_parse("192.0.2.1", &evidence.offender);
	snprintf(evidence.detail, sizeof(evidence.detail), "%s", row->detail);
	return evidence;
}

static void speaks_german(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct evidence evidence = evidence_of(&rows[i]);
		char said[WORDING_SAID_MAX], english[EVIDENCE_TEXT_MAX];

		assert_string_equal(
			wording_said(&evidence, LANGUAGE_DE, said, sizeof(said)),
			rows[i].german);
		assert_string_equal(
			wording_said(&evidence, LANGUAGE_EN, said, sizeof(said)),
			evidence_format(&evidence, english, sizeof(english)));
	}
}

/* Rather whole in English than cut within a letter. */
static void has_no_half_letters(void **state)
{
	struct evidence evidence = evidence_of(&rows[0]);
	char said[70];

	(void)state;
	wording_said(&evidence, LANGUAGE_DE, said, sizeof(said));
	assert_memory_equal(said, "from 192.0.2.1: the gateway answers", 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_german),
		cmocka_unit_test(has_no_half_letters),
	};

	return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
