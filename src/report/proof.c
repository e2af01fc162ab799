/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof.h"

#include <string.h>

static const struct {
	const char *kind;
	struct proof proof;
} rows[] = {
	{ "tcp",
		{ { "A connection proves that something listens on this port, no more.",
			  "Eine Verbindung beweist, dass auf diesem Port etwas lauscht, "
			  "mehr nicht." },
			{ "It says nothing of which service that is, nor whether it "
			  "works.",
				"Sie sagt nicht, welcher Dienst das ist und ob er "
				"funktioniert." } } },
	{ "udp",
		{ { "An answer proves the way there and back.",
			  "Eine Antwort beweist den Weg hin und zurück." },
			{ "Silence proves nothing, unless the row says that an answer is "
			  "owed (owes_answer).",
				"Schweigen beweist nichts, außer wo die Zeile sagt, dass "
				"eine Antwort geschuldet ist (owes_answer)." } } },
	{ "tls",
		{ { "A handshake proves the way, a TLS server and its certificate.",
			  "Ein Handshake beweist den Weg, einen TLS-Server und sein "
			  "Zertifikat." },
			{ "What is spoken inside was not tried; on 5061 that is weaker "
			  "than an answer to SIP OPTIONS.",
				"Was darin gesprochen wird, wurde nicht versucht; auf "
				"5061 ist das schwächer als eine Antwort auf SIP "
				"OPTIONS." } } },
	{ "tls-versions",
		{ { "Each TLS version was offered alone: what was accepted is accepted.",
			  "Jede TLS-Version wurde einzeln angeboten: Was angenommen "
			  "wurde, "
			  "wird angenommen." },
			{ "It says nothing of the ciphers within a version.",
				"Über die Verfahren innerhalb einer Version sagt es "
				"nichts." } } },
	{ "http",
		{ { "An answer of any status proves the way and a web server.",
			  "Eine Antwort mit beliebigem Status beweist den Weg und einen "
			  "Webserver." },
			{ "Logging in, downloading and what lies behind other addresses "
			  "of "
			  "the server were not tried.",
				"Anmelden, Herunterladen und was hinter anderen Adressen "
				"des Servers liegt, wurde nicht versucht." } } },
	{ "dns",
		{ { "The answer belongs to our question: the name server works for this "
		    "name.",
			  "Die Antwort gehört zu unserer Frage: Der Nameserver "
			  "funktioniert für diesen Namen." },
			{ "Other names may fail; the PBX may use another name server.",
				"Andere Namen können fehlschlagen; die Telefonanlage "
				"kann "
				"einen anderen Nameserver benutzen." } } },
	{ "ntp",
		{ { "The answer carries our own time stamp: the server has the time and "
		    "gives it.",
			  "Die Antwort trägt unseren Zeitstempel: Der Server hat die "
			  "Zeit "
			  "und gibt sie." },
			{ "Whether the PBX asks it, its own settings tell.",
				"Ob die Telefonanlage ihn fragt, sagen ihre "
				"Einstellungen." } } },
	{ "sip",
		{ { "A final answer to OPTIONS, of any status, proves the way and the "
		    "SIP "
		    "service.",
			  "Eine endgültige Antwort auf OPTIONS, gleich welcher Status, "
			  "beweist den Weg und den SIP-Dienst." },
			{ "Registering, calling and the voice itself (RTP) were not "
			  "tried.",
				"Anmelden, Telefonieren und die Sprache selbst (RTP) "
				"wurden nicht versucht." } } },
	{ "sip-size",
		{ { "Answers to long requests prove that they pass the way to the "
		    "server.",
			  "Antworten auf lange Anfragen beweisen, dass sie auf dem Weg "
			  "zum "
			  "Server durchkommen." },
			{ "The way back was tried with short answers only; a server that "
			  "drops long requests itself looks like such a path.",
				"Der Rückweg wurde nur mit kurzen Antworten versucht; "
				"ein "
				"Server, der lange Anfragen selbst verwirft, sieht aus "
				"wie "
				"ein solcher Weg." } } },
	{ "ldap",
		{ { "An LDAP answer, of any result, proves the way and the directory.",
			  "Eine LDAP-Antwort, gleich welches Ergebnis, beweist den Weg "
			  "und "
			  "das Verzeichnis." },
			{ "The credentials and the search of the PBX were not tried.",
				"Zugangsdaten und Suche der Telefonanlage wurden nicht "
				"versucht." } } },
	{ "xmpp",
		{ { "The stream and its encryption prove the way, the service and its "
		    "certificate.",
			  "Datenstrom und Verschlüsselung beweisen den Weg, den Dienst "
			  "und "
			  "sein Zertifikat." },
			{ "Logging in was not tried.",
				"Anmelden wurde nicht versucht." } } },
	{ "stun",
		{ { "The answer proves the way and shows as whom we are seen outside.",
			  "Die Antwort beweist den Weg und zeigt, als wer wir draußen "
			  "gesehen werden." },
			{ "Another device behind the same router may be mapped "
			  "otherwise.",
				"Ein anderes Gerät hinter demselben Router kann anders "
				"umgesetzt werden." } } },
	{ "rtp",
		{ { "An answer of the reflector proves the way to this port and back; a "
		    "port that the host itself calls closed proves the way there.",
			  "Eine Antwort des Reflektors beweist den Weg zu diesem Port "
			  "und "
			  "zurück; nennt der Rechner selbst den Port geschlossen, ist "
			  "der "
			  "Hinweg bewiesen." },
			{ "Ports that were not asked may be blocked all the same: the "
			  "bound says how many at most. A host's own firewall may call a "
			  "port closed to hide it. It was asked from this host and no "
			  "other.",
				"Nicht gefragte Ports können trotzdem gesperrt sein: Die "
				"Schranke sagt, wie viele höchstens. Die eigene Firewall "
				"eines Rechners kann einen Port geschlossen nennen, um "
				"ihn zu verbergen. Gefragt wurde von diesem Rechner und "
				"keinem anderen." } } },
	{ "voice",
		{ { "A stream like that of a call was measured each way: loss, jitter "
		    "and delay are those of the path.",
			  "Ein Datenstrom wie der eines Gesprächs wurde in jeder "
			  "Richtung "
			  "gemessen: Verlust, Jitter und Laufzeit sind die des Weges." },
			{ "R and MOS are computed from them by ITU-T G.107, not heard; "
			  "telephones, codecs and echo were not tried.",
				"R und MOS sind daraus nach ITU-T G.107 berechnet, nicht "
				"gehört; Telefone, Codecs und Echo wurden nicht "
				"geprüft." } } },
};

const struct proof *proof_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strcmp(rows[i].kind, kind) == 0)
			return &rows[i].proof;
	}
	return NULL;
}
