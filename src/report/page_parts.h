/* SPDX-License-Identifier: Apache-2.0 */
/* The pieces of the status page; for report/ itself only. */
#ifndef REPORT_PAGE_PARTS_H
#define REPORT_PAGE_PARTS_H

#include "base/text.h"
#include "report/source.h"
#include "report/summary.h"

/* clang-format off */
#define PAGE_WORDS(WORD) \
WORD(TITLE, "STARFACE reachability", "STARFACE-Erreichbarkeit") \
WORD(SKIP, "Skip to the results", "Zu den Ergebnissen") \
WORD(AS_OF, "As of", "Stand") \
WORD(REFRESHED, "refreshed every 30 seconds", "wird alle 30 Sekunden aktualisiert") \
WORD(PROBLEMS, "Not in order", "Nicht in Ordnung") \
WORD(COMMON, "One cause of several", "Eine Ursache für mehrere") \
WORD(EXPLAINS, "It explains:", "Das erklärt:") \
WORD(FROM_LAN, "measured beside the PBX", "gemessen neben der Telefonanlage") \
WORD(FROM_INTERNET, "measured from the Internet", "gemessen aus dem Internet") \
WORD(OF, "of", "von") \
WORD(ROWS_TESTED, "rows really tested", "Zeilen wirklich geprüft") \
WORD(REQUIREMENT, "Requirement", "Anforderung") \
WORD(STATE, "State", "Zustand") \
WORD(SINCE, "Since", "Seit") \
WORD(LAST_RUN, "Last run", "Letzter Lauf") \
WORD(FINDING, "Finding", "Befund") \
WORD(BREAKS, "What breaks without it", "Was ohne sie ausfällt") \
WORD(HINT, "To make it testable:", "So wird es prüfbar:") \
WORD(AGO, "ago", "her") \
WORD(INBOUND, "inbound", "eingehend") \
WORD(OUTBOUND, "outbound", "ausgehend") \
WORD(BOTH, "both directions", "beide Richtungen") \
WORD(INFORMATIONAL, "informational", "informativ") \
WORD(ADDITION, "not on the vendor's page", "nicht auf der Herstellerseite") \
WORD(OWN_HOST, "This host", "Dieser Rechner") \
WORD(HOST_UNKNOWN, "The kernel did not tell.", "Der Kernel gab keine Auskunft.") \
WORD(LINK, "Link", "Link") \
WORD(ROUTE_IPV4, "Default route, IPv4", "Standardroute, IPv4") \
WORD(ROUTE_IPV6, "Default route, IPv6", "Standardroute, IPv6") \
WORD(GATEWAY, "Gateway answers", "Gateway antwortet") \
WORD(CLOCK, "Clock synchronised", "Uhr synchronisiert") \
WORD(REFLECTOR, "Reflector of this host", "Reflektor dieses Rechners") \
WORD(HELD, "Ports held", "Gehaltene Ports") \
WORD(BUSY, "Used by another program", "Von einem anderen Programm belegt") \
WORD(RESTING, "Left free for now", "Zurzeit freigelassen") \
WORD(REFUSED, "Refused by the kernel", "Vom Kernel verweigert") \
WORD(ANSWERED, "Packets answered", "Beantwortete Pakete") \
WORD(DROPPED, "Packets dropped", "Verworfene Pakete") \
WORD(KEYED, "Answers only with the key", "Antwortet nur mit Schlüssel") \
WORD(STEERED, "Steered by the kernel", "Vom Kernel zugestellt") \
WORD(YES, "yes", "ja") \
WORD(NO, "no", "nein") \
WORD(MORE, "More", "Mehr") \
WORD(METRICS, "Metrics for Prometheus", "Metriken für Prometheus") \
WORD(STATUS, "Status as JSON", "Zustand als JSON") \
WORD(RUNNING, "running for", "läuft seit") \
WORD(MEMORY, "History and last failures", "Verlauf und letzte Fehlschläge") \
WORD(EXPLAINED, "All of it explained", "Alles ausführlich erklärt") \
WORD(BLOCKED, "Blocked:", "Gesperrt:") \
WORD(NONE_BLOCKED, \
	"None of the ports asked is blocked", \
	"Keiner der gefragten Ports ist gesperrt") \
WORD(FURTHER, "further ranges, as JSON", "weitere Bereiche, als JSON") \
WORD(OTHER_LANGUAGE, "Deutsch", "English")
/* clang-format on */

#define PAGE_WORD_ENUMERATOR(identifier, en, de) WORD_##identifier,
enum page_word { PAGE_WORDS(PAGE_WORD_ENUMERATOR) WORD_COUNT };
#undef PAGE_WORD_ENUMERATOR

struct page {
	const struct report_source *source;
	enum language language;
	struct text *text;
};

/** Appends a text of the page's own. */
void page_word(const struct page *page, enum page_word word);

/** Appends what comes from a file or the network: escaped and repaired. */
void page_escaped(const struct page *page, const char *string);

/** As page_escaped(), of a text that is then freed; its failure is the page's. */
void page_text(const struct page *page, struct text *words);

/** The shape of a verdict, hidden from screen readers: the word stands beside it. */
void page_shape(const struct page *page, enum verdict verdict);

/** The id of a row, for links: only letters, digits, "-", "_" and one "." */
void page_anchor(const struct page *page, const struct requirement_state *state);

/** How long ago, with the full time behind it. */
void page_age(const struct page *page, int64_t wall_us);

/** The sentence with its evidence. */
void page_finding(const struct page *page, const struct requirement_state *state);

/** What is common to rows that are not well, above all else. */
void page_diagnoses(const struct page *page);

/** How the state changed and what was said in runs that were not ok, folded away. */
void page_memory(const struct page *page, const struct requirement_state *state);

/** The ports of a range as a strip, a row of the table below its own; or nothing. */
void page_ports(const struct page *page, const struct requirement_state *state);

/** A fact of this host in words: "yes" or "no". */
void page_fact(const struct page *page, enum page_word name, bool value);

/** The reflector of this exporter; nothing where there is none. */
void page_reflector(const struct page *page);

/** All rows of a site, a table for each feature. */
void page_site(
	const struct page *page, const struct site *site, const struct summary *summary);

#endif
