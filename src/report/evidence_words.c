/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence in the reader's language: what we say ourselves, not what others have said. */
#include <stdio.h>
#include <string.h>

#include "report/phrase.h"
#include "report/wording.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Who or what it is from: what evidence_format() puts before the detail. */
static const struct phrase heads[] = {
	{ "answer from %", "Antwort von %" },
	{ "answer", "Antwort" },
	{ "certificate from %", "Zertifikat von %" },
	{ "certificate", "Zertifikat" },
	{ "TCP reset from %", "TCP-Reset von %" },
	{ "TCP reset", "TCP-Reset" },
	{ "TLS alert % from %", "TLS-Alarm % von %" },
	{ "TLS alert %", "TLS-Alarm %" },
	{ "own host: self-examination from %", "eigener Rechner: Selbstprüfung, %" },
	{ "own host: self-examination", "eigener Rechner: Selbstprüfung" },
	{ "own host: %", "eigener Rechner: %" },
	{ "from %", "von %" },
	{ "% from %", "% von %" },
};

/* Single sentences, though with a semicolon. */
static const struct phrase whole[] = {
	{ "the last to speak; % checks beyond it are not heard",
		"der Letzte, der sich meldet; von % Prüfungen dahinter kommt nichts" },
	{ "it wants a certificate of ours; only TLS was spoken",
		"er verlangt ein Zertifikat von uns; nur TLS wurde gesprochen" },
};

static const struct phrase details[] = {
	/* a stream of voice */
	{ "% of % lost (%), % in a row", "% von % verloren (%), % in Folge" },
	{ "jitter % ms, at most %", "Jitter % ms, höchstens %" },
	{ "% of % (%) over % ms late", "% von % (%) über % ms verspätet" },
	{ "% ms to the ear, at most %", "% ms bis zum Ohr, höchstens %" },
	{ "network % ms", "Netz % ms" },
	{ "half the round trip % ms", "halbe Umlaufzeit % ms" },
	{ "% of % came back altered (%)", "% von % kamen verändert zurück (%)" },
	{ "% of % out of order (%)", "% von % in falscher Reihenfolge (%)" },
	{ "% copies of % packets (%)", "% Kopien von % Paketen (%)" },
	{ "the reflector holds none of % ports now (busy %, resting %)",
		"der Reflektor hält gerade keinen von % Ports (belegt %, ruhend %)" },
	{ "our packets arrived at % of % ports, no answer came from any",
		"unsere Pakete kamen an % von % Ports an, von keinem eine Antwort" },
	{ "none of % ports answered, and the reflector's control port did not",
		"keiner von % Ports antwortete, der Steuerport des Reflektors auch "
		"nicht" },
	{ "none of % ports answered, and the reflector's control port did",
		"keiner von % Ports antwortete, der Steuerport des Reflektors schon" },
	{ "our clock was moved by % s within the stream",
		"unsere Uhr wurde während des Datenstroms um % s verstellt" },
	{ "the reflector's clock was moved within the stream",
		"die Uhr des Reflektors wurde während des Datenstroms verstellt" },
	{ "port %: not signed with our key",
		"Port %: nicht mit unserem Schlüssel signiert" },
	{ "port %: no STAMP answer to us", "Port %: keine STAMP-Antwort an uns" },
	/* common causes */
	{ "the gateway answers, % checks of the vendor are not heard",
		"das Gateway antwortet, von % Prüfungen beim Hersteller kommt nichts" },
	{ "the gateway answers, % checks beyond it are not heard",
		"das Gateway antwortet, von % Prüfungen dahinter kommt nichts" },
	{ "% checks of the vendor are not heard, others out there are",
		"von % Prüfungen beim Hersteller kommt nichts, von anderen draußen "
		"schon" },
	{ "% lookups fail: %", "% Namensauflösungen schlagen fehl: %" },
	{ "refuses % checks", "weist % Prüfungen ab" },
	{ "%: % requirements silent, other hosts answer",
		"%: % Anforderungen stumm, andere Rechner antworten" },
	{ "% time checks say it is % s behind",
		"laut % Zeitprüfungen geht sie % s nach" },
	{ "% time checks say it is % s ahead", "laut % Zeitprüfungen geht sie % s vor" },
	/* our own host, and what was compared */
	{ "this host's clock is % s behind, as time servers say",
		"die Uhr dieses Rechners geht laut Zeitservern % s nach" },
	{ "this host's clock is % s ahead, as time servers say",
		"die Uhr dieses Rechners geht laut Zeitservern % s vor" },
	{ "the loop was held up for % ms", "die Schleife stand % ms still" },
	{ "seen as % here and as % at port %", "hier als % gesehen, als % auf Port %" },
	{ "seen as %", "gesehen als %" },
	{ "% changes in the last % runs", "% Wechsel in den letzten % Läufen" },
	{ "% of % addresses (% known), %: %", "% von % Adressen (% bekannt), %: %" },
	{ "% of % addresses, %: %", "% von % Adressen, %: %" },
	{ "the same as at %", "dasselbe wie bei %" },
	{ "as at %", "wie bei %" },
	{ "several names at %", "mehrere Namen bei %" },
	/* sizes */
	{ "whole twice with segments of % octets, silent three times with larger ones",
		"zweimal vollständig mit Segmenten von % Oktetten, dreimal stumm mit "
		"größeren" },
	{ "answers packets of % octets, silent to % in fragments",
		"antwortet auf Pakete von % Oktetten, stumm bei % in Fragmenten" },
	{ "answers packets of % octets, silent from % on",
		"antwortet auf Pakete von % Oktetten, stumm ab %" },
	{ "answers a request of % octets, silent to one of %",
		"antwortet auf eine Anfrage von % Oktetten, stumm bei einer von %" },
	{ "no short request was answered, so no size was tried",
		"keine kurze Anfrage wurde beantwortet, also keine Größe versucht" },
	{ "stopped answering while requests of % octets were tried",
		"verstummte, während Anfragen von % Oktetten versucht wurden" },
	/* TLS */
	{ "valid until %", "gültig bis %" },
	{ "%, valid from %", "%, gültig ab %" },
	{ "%, expired %", "%, abgelaufen %" },
	{ "%, revoked %", "%, widerrufen %" },
	{ "%, issuer %", "%, Aussteller %" },
	{ "%, signed with %", "%, unterschrieben mit %" },
	{ "the TLS handshake was done (%), SIP stayed silent",
		"der TLS-Handshake gelang (%), SIP blieb stumm" },
	{ "% octets in the clear before the TLS handshake",
		"% Oktette im Klartext vor dem TLS-Handshake" },
	{ "no consent to TLS", "kein Einverständnis mit TLS" },
	{ "TLS is wanted on this port", "auf diesem Port wird TLS verlangt" },
	/* what came did not fit */
	{ "port %", "Port %" },
	{ "another transaction id", "eine andere Transaktionsnummer" },
	{ "another question", "eine andere Frage" },
	{ "no well-formed answer", "keine wohlgeformte Antwort" },
	{ "more than % octets without an end", "mehr als % Oktette ohne Ende" },
	{ "an answer to message %, not to %",
		"eine Antwort auf Nachricht %, nicht auf %" },
	{ "an answer that fits no question of ours",
		"eine Antwort, die zu keiner unserer Fragen passt" },
	{ "a time stamp is zero", "ein Zeitstempel ist null" },
	{ "a success without the address it saw",
		"ein Erfolg ohne die Adresse, die gesehen wurde" },
	{ "a request, as an echo of ours would be",
		"eine Anfrage, wie ein Echo der unsrigen" },
	{ "an attribute % that must be understood",
		"ein Attribut %, das man verstehen muss" },
	{ "a request: %", "eine Anfrage: %" },
	{ "%, to another request", "%, auf eine andere Anfrage" },
	{ "SIP with no end of its header", "SIP ohne Ende des Kopfes" },
	{ "SIP with %", "SIP mit %" },
	{ "the body is cut short: % of % octets came",
		"der Rumpf ist abgeschnitten: % von % Oktetten kamen" },
	{ "a message without an end", "eine Nachricht ohne Ende" },
	{ "a message of indefinite length", "eine Nachricht von unbestimmter Länge" },
	{ "a message is announced that is too long",
		"eine zu lange Nachricht ist angekündigt" },
	{ "a message that is not one of LDAP", "eine Nachricht, die nicht LDAP ist" },
	{ "the expected text is not in the page",
		"der erwartete Text steht nicht auf der Seite" },
	{ "endless headers", "Kopfzeilen ohne Ende" },
	{ "endless header line", "eine Kopfzeile ohne Ende" },
	{ "only an interim answer came", "nur eine Zwischenantwort kam" },
	{ "the stream was closed", "der Datenstrom wurde geschlossen" },
	{ "features without STARTTLS", "Merkmale ohne STARTTLS" },
	{ "a stream older than version 1.0", "ein Datenstrom älter als Version 1.0" },
	/* a range of ports */
	{ "% of % ports are silent, which proves nothing",
		"% von % Ports sind stumm, was nichts beweist" },
	{ "% of % packets lost there or back",
		"% von % Paketen auf dem Hin- oder Rückweg verloren" },
};

/* Which way it is about, before what is said of it. */
static const struct phrase ways[] = {
	{ "forward: ", "Hinweg: " },
	{ "backward: ", "Rückweg: " },
	{ "either way: ", "Hin- oder Rückweg: " },
};

/* \return what follows the way */
static const char *append_way(struct text *text, const char *detail)
{
	for (size_t i = 0; i < COUNT(ways); i++) {
		size_t length = strlen(ways[i].english);

		if (strncmp(detail, ways[i].english, length) != 0)
			continue;
		text_append(text, ways[i].german);
		return detail + length;
	}
	return detail;
}

/* Two sentences may stand in one detail: the own one, and who has the same. */
static void append_detail(struct text *text, const char *detail)
{
	char first[EVIDENCE_DETAIL_MAX];
	const char *second = strstr(detail, "; ");

	if (phrase_translate(whole, COUNT(whole), detail, text))
		return;
	if (!second) {
		detail = append_way(text, detail);
		if (!phrase_translate(details, COUNT(details), detail, text))
			text_append(text, detail);
		return;
	}
	snprintf(first, sizeof(first), "%.*s", (int)(second - detail), detail);
	append_detail(text, first);
	text_append(text, "; ");
	append_detail(text, second + 2);
}

static void append_german(struct text *text, const struct evidence *evidence)
{
	struct evidence bare = *evidence;
	char head[EVIDENCE_TEXT_MAX];

	*bare.detail = '\0';
	evidence_format(&bare, head, sizeof(head));
	if (!phrase_translate(heads, COUNT(heads), head, text))
		text_append(text, head);
	if (!*evidence->detail)
		return;
	if (*head)
		text_append(text, ": ");
	append_detail(text, evidence->detail);
}

const char *wording_said(const struct evidence *evidence, enum language language,
	char *buffer, size_t size)
{
	struct text text = { 0 };

	if (language == LANGUAGE_DE)
		append_german(&text, evidence);
	/* English is better than nothing, and than half a letter */
	if (text_failed(&text) || text.length == 0 || text.length >= size)
		evidence_format(evidence, buffer, size);
	else
		snprintf(buffer, size, "%s", text.data);
	text_done(&text);
	return buffer;
}
