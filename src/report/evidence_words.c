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
	{ "the last to speak; % ipv4 checks beyond it are not heard",
		"der Letzte, der sich meldet; von % IPv4-Prüfungen dahinter kommt "
		"nichts" },
	{ "the last to speak; % ipv6 checks beyond it are not heard",
		"der Letzte, der sich meldet; von % IPv6-Prüfungen dahinter kommt "
		"nichts" },
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
	{ "R % (best)", "R % (bestens)" },
	{ "R % (high)", "R % (hoch)" },
	{ "R % (medium)", "R % (mittel)" },
	{ "R % (low)", "R % (niedrig)" },
	{ "R % (poor)", "R % (schlecht)" },
	{ "R % (unusable)", "R % (unbrauchbar)" },
	{ "% of % out of order (%)", "% von % in falscher Reihenfolge (%)" },
	{ "% copies of % packets (%)", "% Kopien von % Paketen (%)" },
	/* before its shorter form, which fits it as well */
	{ "the reflector holds none of % ports now (busy %, resting %, not its own %)",
		"der Reflektor hält gerade keinen von % Ports (belegt %, ruhend %, nicht "
		"seine %)" },
	{ "the reflector holds none of % ports now (busy %, resting %)",
		"der Reflektor hält gerade keinen von % Ports (belegt %, ruhend %)" },
	{ "our packets arrived at % of % ports, no answer came from any",
		"unsere Pakete kamen an % von % Ports an, von keinem eine Antwort" },
	{ "none of % ports answered, and the reflector's control port did not",
		"keiner von % Ports antwortete, der Steuerport des Reflektors auch "
		"nicht" },
	{ "none of % ports answered, and the reflector's control port did",
		"keiner von % Ports antwortete, der Steuerport des Reflektors schon" },
	{ "the reflector left port % within the stream",
		"der Reflektor gab Port % während des Datenstroms auf" },
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
	{ "the gateway answers, % ipv4 checks beyond it are not heard",
		"das Gateway antwortet, von % IPv4-Prüfungen dahinter kommt nichts" },
	{ "the gateway answers, % ipv6 checks beyond it are not heard",
		"das Gateway antwortet, von % IPv6-Prüfungen dahinter kommt nichts" },
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
	{ "% is seen as %", "% wird als % gesehen" },
	{ "% here, elsewhere %", "% hier, anderswo %" },
	{ "% is private (RFC 1918)", "% ist privat (RFC 1918)" },
	{ "% is of a provider's NAT (RFC 6598)",
		"% gehört zum NAT eines Providers (RFC 6598)" },
	{ "% is for benchmarks (RFC 2544)", "% ist für Messungen (RFC 2544)" },
	{ "% is reserved (RFC 1112)", "% ist reserviert (RFC 1112)" },
	{ "% is unique local (RFC 4193)", "% ist nur lokal eindeutig (RFC 4193)" },
	{ "% is site-local (RFC 3879)", "% ist standortlokal (RFC 3879)" },
	{ "% is link-local", "% ist nur am Link gültig" },
	{ "% is loopback", "% ist Loopback" },
	{ "% is multicast", "% ist Multicast" },
	{ "% is unspecified", "% ist unbestimmt" },
	{ "not a name of the DNS", "kein Name des DNS" },
	{ "root distance % s", "Abstand zur Referenzuhr % s" },
	{ "offset % s", "Abweichung % s" },
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
	{ "octets in the clear before the handshake",
		"Oktette im Klartext vor dem Handshake" },
	{ "no offer of TLS was accepted, so versions remain open",
		"kein Angebot von TLS wurde angenommen, also bleiben die Versionen "
		"offen" },
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
	{ "no end of its header", "ein Kopf ohne Ende" },
	{ "a first line too long", "eine zu lange erste Zeile" },
	{ "a header line too long", "eine zu lange Kopfzeile" },
	{ "a CSeq too long", "ein zu langes CSeq" },
	{ "no Via", "kein Via" },
	{ "a malformed Via", "ein fehlerhaftes Via" },
	{ "no From", "kein From" },
	{ "a malformed From", "ein fehlerhaftes From" },
	{ "no Call-ID", "keine Call-ID" },
	{ "no CSeq", "kein CSeq" },
	{ "a status that is none", "ein Status, der keiner ist" },
	{ "a Content-Length that is none", "ein Content-Length, das keines ist" },
	{ "a malformed status line", "eine fehlerhafte Statuszeile" },
	{ "a malformed header", "ein fehlerhafter Kopf" },
	{ "Via transport % -> %", "Transport in Via % -> %" },
	{ "From tag % -> %", "Tag in From % -> %" },
	{ "number of Via % -> %", "Zahl der Via % -> %" },
	{ "we % -> %", "wir % -> %" },
	{ "% -> missing (+%)", "% -> fehlt (+%)" },
	{ "% -> missing", "% -> fehlt" },
	{ "the body is cut short: % of % octets came",
		"der Rumpf ist abgeschnitten: % von % Oktetten kamen" },
	{ "a message without an end", "eine Nachricht ohne Ende" },
	{ ", % octets", ", % Oktette" },
	{ "the expected text is not in the page",
		"der erwartete Text steht nicht auf der Seite" },
	{ "endless headers", "Kopfzeilen ohne Ende" },
	{ "endless header line", "eine Kopfzeile ohne Ende" },
	{ "only an interim answer came", "nur eine Zwischenantwort kam" },
	{ "the stream was closed", "der Datenstrom wurde geschlossen" },
	{ "<proceed/> that nobody asked for", "<proceed/>, um das niemand bat" },
	{ "%: asked for %, an address", "%: gefragt nach %, einer Adresse" },
	{ "%: asked for %", "%: gefragt nach %" },
	{ "set domain to its name: %", "als domain ihren Namen eintragen: %" },
	{ "set domain to its name", "als domain ihren Namen eintragen" },
	{ "features without STARTTLS", "Merkmale ohne STARTTLS" },
	{ "a stream older than version 1.0", "ein Datenstrom älter als Version 1.0" },
	/* a range of ports */
	{ "refused for more reasons than are kept",
		"aus mehr Gründen abgewiesen, als behalten werden" },
	{ "% answers came from other ports than the ones asked",
		"% Antworten kamen von anderen Ports als den gefragten" },
	{ "port % of the reflector answers, and none of % ports",
		"Port % des Reflektors antwortet, von % Ports keiner" },
	{ "nothing answers: neither port % nor any of % ports",
		"nichts antwortet: weder Port % noch einer von % Ports" },
	{ "or no reflector with this key", "oder kein Reflektor mit diesem Schlüssel" },
	{ "% of % ports are closed and none answers: no reflector there",
		"% von % Ports sind geschlossen, keiner antwortet: dort ist kein "
		"Reflektor" },
	{ "the reflector was started again meanwhile: that may be why % ports are silent",
		"der Reflektor wurde inzwischen neu gestartet: daher mögen % Ports "
		"schweigen" },
	{ "the reflector was started meanwhile: that may be why % ports are silent",
		"der Reflektor wurde inzwischen gestartet: daher mögen % Ports "
		"schweigen" },
	{ "the reflector fell silent meanwhile, as % ports did",
		"der Reflektor ist inzwischen verstummt, wie % Ports" },
	{ "the reflector let go of % silent ports meanwhile",
		"der Reflektor hat % stumme Ports inzwischen losgelassen" },
	{ "% packets came back, none of them signed with our key",
		"% Pakete kamen zurück, keines mit unserem Schlüssel signiert" },
	{ "% of % ports, the first is %", "% von % Ports, der erste ist %" },
	{ "% of % ports cannot be told", "% von % Ports nicht feststellbar" },
	{ "not held now", "jetzt nicht gehalten" },
	{ "% of % ports told, all pass (busy %, resting %, not its own %)",
		"von % aus % Ports bekannt, alle offen (belegt %, ruhend %, nicht seine "
		"%)" },
	{ "% of % ports asked: without a reflector all of them take hours",
		"% von % Ports gefragt: ohne Reflektor dauern alle Stunden" },
	{ "% % lost in the runs of late", "% % verloren in den letzten Läufen" },
	{ "time ran out before anything could be told",
		"die Zeit war um, bevor sich etwas sagen ließ" },
	{ "% of % packets lost at full pace, % of % when slow",
		"% von % Paketen bei vollem Tempo verloren, % von % bei langsamem" },
	{ "% of % packets lost: forward %, backward %",
		"% von % Paketen verloren: Hinweg %, Rückweg %" },
	{ "% of % answers came back altered",
		"% von % Antworten kamen verändert zurück" },
	{ "all of the % ports asked now are silent, which proves nothing",
		"alle % jetzt gefragten Ports sind stumm, was nichts beweist" },
	{ "% of % ports are silent, which proves nothing",
		"% von % Ports sind stumm, was nichts beweist" },
	{ "% of % packets lost there or back",
		"% von % Paketen auf dem Hin- oder Rückweg verloren" },
};

/* What it is about, before what is said of it, which may be words of our own as well. */
static const struct phrase beginnings[] = {
	{ "forward: ", "Hinweg: " },
	{ "backward: ", "Rückweg: " },
	{ "either way: ", "Hin- oder Rückweg: " },
	{ "SIP with ", "SIP, darin: " },
	{ "a certificate without a name", "ein Zertifikat ohne Namen" },
	{ "to StartTLS: ", "auf StartTLS: " },
	{ "Notice of Disconnection: ", "Notice of Disconnection: " },
	{ "unknown result", "unbekanntes Ergebnis" },
	{ "no known condition", "kein bekannter Zustand" },
	{ "a message of indefinite length", "eine Nachricht von unbestimmter Länge" },
	{ "a message is announced that is too long",
		"eine zu lange Nachricht ist angekündigt" },
	{ "a message that is not one of LDAP", "eine Nachricht, die nicht LDAP ist" },
	{ "an XML document that is no stream",
		"ein XML-Dokument, das kein Datenstrom ist" },
	{ "elements nested without end", "Elemente, ohne Ende verschachtelt" },
	{ "a document type declaration", "eine Dokumenttyp-Deklaration" },
	{ "a processing instruction", "eine Verarbeitungsanweisung" },
	{ "a comment", "ein Kommentar" },
	{ "an octet of zero", "ein Null-Oktett" },
};

/* \return what follows the beginning */
static const char *append_beginning(struct text *text, const char *detail)
{
	for (size_t i = 0; i < COUNT(beginnings); i++) {
		size_t length = strlen(beginnings[i].english);

		if (strncmp(detail, beginnings[i].english, length) != 0)
			continue;
		text_append(text, beginnings[i].german);
		return detail + length;
	}
	return detail;
}

/* "blocked: 12000-12999 forward, 15000 backward and 7 more", word by word. */
static bool append_blocked(struct text *text, const char *detail)
{
	static const struct phrase words[] = { { "blocked", "gesperrt" },
		{ "forward", "hin" }, { "backward", "zurück" },
		{ "refused", "abgewiesen" }, { "and", "und" }, { "more", "weitere" } };
	const char *at = detail;

	if (strncmp(detail, "blocked: ", 9) != 0)
		return false;
	while (*at) {
		size_t length = strcspn(at, " ,:"), gap = strspn(at + length, " ,:");
		const char *word = NULL;

		for (size_t i = 0; i < COUNT(words); i++) {
			if (strlen(words[i].english) == length &&
				strncmp(at, words[i].english, length) == 0)
				word = words[i].german;
		}
		if (word)
			text_append(text, word);
		else
			text_append_bytes(text, at, length);
		text_append_bytes(text, at + length, gap);
		at += length + gap;
	}
	return true;
}

/* Two sentences may stand in one detail: the own one, and who has the same. */
static void append_detail(struct text *text, const char *detail)
{
	char first[EVIDENCE_DETAIL_MAX];
	const char *second = strstr(detail, "; ");

	if (phrase_translate(whole, COUNT(whole), detail, text))
		return;
	if (!second) {
		if (append_blocked(text, detail))
			return;
		detail = append_beginning(text, detail);
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
