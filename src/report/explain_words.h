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
WORD(RESTS, "What that rests on:", "Worauf das beruht:") \
WORD(NOBODY, \
	"Nobody said so: there was only silence.", \
	"Niemand hat es gesagt: Es kam nur Schweigen.") \
WORD(FROM, "sent from", "gesendet von") \
WORD(SEEN, "seen there as", "dort gesehen als") \
WORD(COMMON, "Common cause:", "Gemeinsame Ursache:") \
WORD(PORTS, "The ports of its range", "Die Ports ihres Bereichs") \
WORD(FURTHER, \
	"further blocked ranges; the JSON interface lists them all.", \
	"weitere gesperrte Bereiche; die JSON-Schnittstelle nennt sie alle.") \
WORD(PORTS_LOST, \
	"A call takes a pair of ports out of this range, whichever is free. If it " \
	"gets a blocked one, what is spoken towards this range is not heard; calls " \
	"on the others are fine.", \
	"Ein Gespräch nimmt ein freies Paar von Ports aus diesem Bereich. Trifft es " \
	"einen gesperrten, ist nicht zu hören, was in diese Richtung gesprochen " \
	"wird; auf den anderen fehlt nichts.") \
WORD(PORTS_RETURN, \
	"Where only the way back is blocked, packets arrive at the range and what " \
	"is sent from it does not come through: the speaker behind it is not heard.", \
	"Wo nur der Rückweg gesperrt ist, kommen Pakete im Bereich an, aber was von " \
	"dort gesendet wird, kommt nicht durch: Wer dahinter spricht, ist nicht zu " \
	"hören.") \
WORD(PORTS_EITHER, \
	"Where it is not known which way is blocked, calls are silent in one " \
	"direction at least.", \
	"Wo nicht bekannt ist, welcher Weg gesperrt ist, bleiben Gespräche " \
	"mindestens in einer Richtung stumm.") \
WORD(PORTS_SILENT, \
	"Silence proves nothing where nobody owes an answer: outside a call that is " \
	"so on all of these ports, and a host answers few port unreachables in a " \
	"second. Only a reflector that holds a port owes one, asked with mode = " \
	"\"stamp\": docs/rtp.md.", \
	"Schweigen beweist nichts, wo keine Antwort geschuldet ist: Außerhalb eines " \
	"Gesprächs gilt das für alle diese Ports, und ein Rechner meldet nur wenige " \
	"in der Sekunde als unerreichbar. Nur ein Reflektor, der einen Port hält, " \
	"schuldet eine, gefragt mit mode = \"stamp\": docs/rtp.md.") \
WORD(PORTS_BUSY, \
	"Busy ports are held by another program at the far end, a call of the PBX " \
	"perhaps; they are asked again when they are free.", \
	"Belegte Ports hält am anderen Ende ein anderes Programm, vielleicht ein " \
	"Gespräch der Telefonanlage; sie werden wieder gefragt, wenn sie frei sind.") \
WORD(PORTS_UNHELD, \
	"The reflector does not listen on some ports of this range: they must be " \
	"added to its ports to be tested.", \
	"Der Reflektor lauscht auf einigen Ports dieses Bereichs nicht: Sie müssen " \
	"in seine ports, damit sie geprüft werden.") \
WORD(PORTS_RESTING, \
	"Resting ports are left to calls for now: with share = \"half\" the " \
	"reflector holds each half in turn, and then they are asked.", \
	"Ruhende Ports bleiben gerade den Gesprächen überlassen: Mit share = \"half\" " \
	"hält der Reflektor jede Hälfte abwechselnd, dann werden sie gefragt.") \
WORD(PORTS_DENIED, \
	"This host's own firewall takes what is sent to some ports: nothing is known " \
	"of what lies behind it.", \
	"Die eigene Firewall dieses Rechners nimmt weg, was an einige Ports gesendet " \
	"wird: Was dahinter liegt, ist nicht bekannt.") \
WORD(PROOF, "What an answer proves", "Was eine Antwort beweist") \
WORD(NO_PROOF, \
	"Nothing was asked, so nothing is proven.", \
	"Es wurde nichts gefragt, also ist nichts bewiesen.") \
WORD(BREAKS, "What breaks without it", "Was ohne sie ausfällt") \
WORD(ADVICE, "What to do", "Was zu tun ist") \
WORD(ALONE, \
	"Only if this row is not well after that:", \
	"Nur wenn diese Zeile danach noch nicht in Ordnung ist:") \
WORD(RULE, "The rule it needs, for nft", "Die Regel, die sie braucht, für nft") \
WORD(RULE_ABOUT, \
	"If the firewall in front of the PBX has no such rule, add it; names must " \
	"be filled in with their addresses.", \
	"Hat die Firewall vor der Telefonanlage keine solche Regel, diese " \
	"hinzufügen; für Namen sind ihre Adressen einzusetzen.") \
WORD(MISSING, \
	"The rule that is missing, for nft", \
	"Die Regel, die fehlt, für nft") \
WORD(MISSING_ABOUT, \
	"For exactly the ports that were found blocked; better is one rule for the " \
	"whole range. Names must be filled in with their addresses.", \
	"Genau für die Ports, die gesperrt gefunden wurden; besser ist eine Regel " \
	"für den ganzen Bereich. Für Namen sind ihre Adressen einzusetzen.") \
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
