/* SPDX-License-Identifier: Apache-2.0 */
/* The words of `explain` that are not in a table of their own. */
#ifndef REPORT_EXPLAIN_WORDS_H
#define REPORT_EXPLAIN_WORDS_H

#include "base/cause.h"

/* clang-format off */
#define EXPLAIN_WORDS(WORD) \
WORD(AT, "at site", "am Standort") \
WORD(WHAT, "What it is", "Was es ist") \
WORD(SERVICE, "Service", "Dienst") \
WORD(HOST, "Host", "Rechner") \
WORD(DIRECTION, "Direction", "Richtung") \
WORD(INBOUND, \
	"inbound: others ask the PBX", \
	"eingehend: andere fragen die Telefonanlage") \
WORD(OUTBOUND, \
	"outbound: the PBX asks others", \
	"ausgehend: die Telefonanlage fragt andere") \
WORD(BOTH, \
	"both: the PBX asks and is asked", \
	"beide: die Telefonanlage fragt und wird gefragt") \
WORD(FEATURE, "Feature", "Merkmal") \
WORD(SEVERITY, "Severity", "Gewicht") \
WORD(CRITICAL, "critical", "kritisch") \
WORD(WARNING, "warning", "Warnung") \
WORD(INFO, "informational", "informativ") \
WORD(SOURCE, "Source", "Quelle") \
WORD(ADDITION, "not on the vendor's page", "nicht auf der Herstellerseite") \
WORD(MEASURED, "Measured", "Gemessen") \
WORD(FROM_LAN, "beside the PBX", "neben der Telefonanlage") \
WORD(FROM_INTERNET, "from the Internet", "aus dem Internet") \
WORD(PORT, "port", "Port") \
WORD(NO_PORT, "port not given by the vendor", "Port vom Hersteller nicht genannt") \
WORD(RESULT, "What was found", "Was gefunden wurde") \
WORD(SINCE, "since", "seit") \
WORD(WHO, "Who said so:", "Wer es gesagt hat:") \
WORD(NOBODY, \
	"Nobody said so: there was only silence.", \
	"Niemand hat es gesagt: Es kam nur Schweigen.") \
WORD(FROM, "sent from", "gesendet von") \
WORD(SEEN, "seen there as", "dort gesehen als") \
WORD(COMMON, "Common cause:", "Gemeinsame Ursache:") \
WORD(PROOF, "What an answer proves", "Was eine Antwort beweist") \
WORD(NO_PROOF, \
	"Nothing was asked, so nothing is proven.", \
	"Es wurde nichts gefragt, also ist nichts bewiesen.") \
WORD(BREAKS, "What breaks without it", "Was ohne sie ausfällt") \
WORD(ADVICE, "What to do", "Was zu tun ist") \
WORD(RULE, "The rule it needs, for nft", "Die Regel, die sie braucht, für nft") \
WORD(RULE_ABOUT, \
	"If the firewall in front of the PBX has no such rule, add it; names must " \
	"be filled in with their addresses.", \
	"Hat die Firewall vor der Telefonanlage keine solche Regel, diese " \
	"hinzufügen; für Namen sind ihre Adressen einzusetzen.") \
WORD(CONVERSATION, "What was said", "Was gesagt wurde") \
WORD(FAILURES, \
	"The last runs that were not ok", \
	"Die letzten Läufe, die nicht in Ordnung waren") \
WORD(NO_FAILURES, "None is remembered.", "Es ist keiner in Erinnerung.") \
WORD(LOST, \
	"The conversation was given up for newer ones.", \
	"Das Gespräch wurde für neuere aufgegeben.") \
WORD(HISTORY, "How its state changed", "Wie sich ihr Zustand änderte") \
WORD(NO_HISTORY, "Never since the daemon started.", "Nie, seit der Daemon läuft.") \
WORD(PHASE, "in phase", "in der Phase") \
WORD(AFTER, "after", "nach") \
WORD(ALL_RULES, \
	"The rules a firewall needs for all of it: " \
	"starface-exporter catalogue --output=nftables", \
	"Die Regeln, die eine Firewall für alles braucht: " \
	"starface-exporter catalogue --output=nftables") \
WORD(MORE, \
	"more; the status page lists them all.", \
	"weitere; die Statusseite nennt sie alle.") \
WORD(AND, "And", "Und") \
WORD(ALL_IS_WELL, \
	"Nothing to explain: everything that was asked is ok.", \
	"Nichts zu erklären: Alles, was gefragt wurde, ist in Ordnung.") \
WORD(LIST, \
	"What `explain ID` can explain, and what breaks without it; `explain all` " \
	"explains all that is not ok:", \
	"Was `explain ID` erklären kann und was ohne es ausfällt; `explain all` " \
	"erklärt alles, was nicht in Ordnung ist:")
/* clang-format on */

#define EXPLAIN_WORD_ENUMERATOR(identifier, en, de) EXPLAIN_##identifier,
enum explain_word { EXPLAIN_WORDS(EXPLAIN_WORD_ENUMERATOR) EXPLAIN_WORD_COUNT };
#undef EXPLAIN_WORD_ENUMERATOR

const char *explain_word(enum explain_word word, enum language language);

#endif
