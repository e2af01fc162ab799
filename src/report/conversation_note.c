/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cause.h"
#include "report/conversation.h"
#include "report/phrase.h"

/* "connect: timeout", as probe_finish() leaves it, is the same in every language. */
static const struct phrase phrases[] = {
	{ "to %, in small segments", "an %, in kleinen Segmenten" },
	{ "to %, from the same port", "an %, vom selben Port" },
	{ "to %", "an %" },
	{ "connected", "verbunden" },
	{ "closed by the peer", "von der Gegenstelle geschlossen" },
	{ "a datagram from elsewhere: %", "ein Datagramm von anderswo: %" },
	{ "rewritten on the way: %", "unterwegs umgeschrieben: %" },
	{ "resolver %: % ipv4 address for %", "Nameserver %: % IPv4-Adresse zu %" },
	{ "resolver %: % ipv4 addresses for %", "Nameserver %: % IPv4-Adressen zu %" },
	{ "resolver %: % ipv6 address for %", "Nameserver %: % IPv6-Adresse zu %" },
	{ "resolver %: % ipv6 addresses for %", "Nameserver %: % IPv6-Adressen zu %" },
	{ "resolver %: % for %", "Nameserver %: % zu %" },
	{ "truncated: the same again over TCP",
		"abgeschnitten: dasselbe noch einmal über TCP" },
	{ "redirected to %", "umgeleitet zu %" },
	{ "TLS ClientHello sent", "TLS-ClientHello gesendet" },
	{ "certificate of %, issued by %, valid until %",
		"Zertifikat von %, ausgestellt von %, gültig bis %" },
	{ "certificate not trusted: %", "Zertifikat nicht vertrauenswürdig: %" },
	{ "% packets to port %, % answered", "% Pakete an Port %, % beantwortet" },
	{ "a router says that % octets are the most",
		"ein Router sagt, dass höchstens % Oktette durchgehen" },
	{ "seen as %", "gesehen als %" },
	{ "no domain is configured: its address is asked for",
		"keine Domain eingestellt: nach der Adresse wird gefragt" },
	{ "Content-Length says %, % came", "Content-Length sagt %, es kamen %" },
	{ "the body, % octets, is not awaited",
		"der Rumpf, % Oktette, wird nicht abgewartet" },
	{ "% ports asked: % pass, % are blocked, % sent again",
		"% Ports gefragt: % kommen durch, % sind gesperrt, % noch einmal "
		"gesendet" },
	{ "% ports asked: % pass, % were refused",
		"% Ports gefragt: % kommen durch, % wurden abgewiesen" },
	{ "sent with DSCP %, arrived there with %",
		"mit DSCP % gesendet, dort mit % angekommen" },
	{ "sent with DSCP %, arrived here with %",
		"mit DSCP % gesendet, hier mit % angekommen" },
	{ "forward: % of % lost, % discarded, % reordered, % twice, jitter % ms, R %",
		"Hinweg: % von % verloren, % zu spät, % vertauscht, % doppelt, Jitter % "
		"ms, R %" },
	{ "backward: % of % lost, % discarded, % reordered, % twice, jitter % ms, R %",
		"Rückweg: % von % verloren, % zu spät, % vertauscht, % doppelt, Jitter % "
		"ms, R %" },
	{ "forward: % reordered, % twice, jitter % ms",
		"Hinweg: % vertauscht, % doppelt, Jitter % ms" },
	{ "backward: % reordered, % twice, jitter % ms",
		"Rückweg: % vertauscht, % doppelt, Jitter % ms" },
	{ "port %: %", "Port %: %" },
	{ "% again: accepted", "% noch einmal: angenommen" },
	{ "%: accepted", "%: angenommen" },
	{ "% again: %", "% noch einmal: %" },
};

#define PHRASE_COUNT (sizeof(phrases) / sizeof(phrases[0]))
#define NOTE_MAX     192

void conversation_write_note(
	const uint8_t *note, size_t length, enum language language, struct text *text)
{
	char printable[NOTE_MAX];

	text_copy_printable(printable, sizeof(printable), (const char *)note, length);
	if (language != LANGUAGE_DE ||
		!phrase_translate(phrases, PHRASE_COUNT, printable, text))
		text_append(text, printable);
}
