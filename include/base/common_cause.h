/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be wrong once and take many requirements down: the closed list of common
 * causes, COMMON_CAUSE(identifier, name, English sentence, German sentence, what to do in
 * English, in German). Metrics, JSON, page, manual and `explain` print from it. Of two
 * that explain the same requirement the one that stands higher is named: who has no link
 * has no gateway either. engine/diagnosis.h has the rule of each.
 */
#ifndef BASE_COMMON_CAUSE_H
#define BASE_COMMON_CAUSE_H

#include <stdbool.h>

#include "base/cause.h"

/* clang-format off */
#define COMMON_CAUSE_LIST(COMMON_CAUSE) \
COMMON_CAUSE(OWN_LINK, "own-link", \
	"The network link of this host is down.", \
	"Die Netzverbindung dieses Rechners ist unterbrochen.", \
	"Look at the cable, the switch port and the interface of this host.", \
	"Kabel, Switch-Port und Schnittstelle dieses Rechners prüfen.") \
COMMON_CAUSE(OWN_ROUTE, "own-route", \
	"This host has no route to several targets.", \
	"Dieser Rechner hat zu mehreren Zielen keinen Weg.", \
	"Look at the default route of this host: DHCP, netplan or ifupdown.", \
	"Die Standardroute dieses Rechners prüfen: DHCP, netplan oder ifupdown.") \
COMMON_CAUSE(OWN_GATEWAY, "own-gateway", \
	"The gateway of this host does not answer on its own network.", \
	"Das Gateway dieses Rechners antwortet im eigenen Netz nicht.", \
	"Look at the router and the switch between it and this host; then at the " \
	"gateway address configured here.", \
	"Den Router und den Switch davor prüfen, dann die hier eingestellte Adresse " \
	"des Gateways.") \
COMMON_CAUSE(INTERNET_UPLINK, "internet-uplink", \
	"Nothing beyond the own network answers: most likely the way to the Internet " \
	"is cut.", \
	"Nichts jenseits des eigenen Netzes antwortet: Vermutlich ist der Weg ins " \
	"Internet unterbrochen.", \
	"Look at the router's Internet line and at a firewall that may drop all of " \
	"this host; a device named as the last to speak stands before the break.", \
	"Den Internetanschluss des Routers prüfen und ob eine Firewall alles von " \
	"diesem Rechner verwirft; ein als letztes gehörtes Gerät steht vor der " \
	"Bruchstelle.") \
COMMON_CAUSE(VENDOR_SILENT, "vendor-silent", \
	"No server of the vendor answers, under any of its domains.", \
	"Kein Server des Herstellers antwortet, unter keiner seiner Domains.", \
	"Ask the vendor, and look for a firewall rule about its addresses; where " \
	"nothing else of the Internet is checked, the line itself may be cut: add a " \
	"time server out there, which tells the two apart.", \
	"Beim Hersteller nachfragen und nach einer Firewallregel zu seinen Adressen " \
	"suchen; wird sonst nichts im Internet geprüft, kann auch der Anschluss selbst " \
	"gestört sein: Ein Zeitserver draußen unterscheidet beides.") \
COMMON_CAUSE(OWN_RESOLVER, "own-resolver", \
	"No name can be looked up: the name servers of this site fail or stay " \
	"silent.", \
	"Kein Name lässt sich auflösen: Die Nameserver des Standorts schweigen oder " \
	"versagen.", \
	"Look at the name servers the site uses and, if they answer their own " \
	"network, at their way out.", \
	"Die Nameserver des Standorts prüfen und, wenn sie im eigenen Netz " \
	"antworten, deren Weg hinaus.") \
COMMON_CAUSE(DNS_HIJACK, "dns-hijack", \
	"Several names of the Internet lead to addresses that cannot be right.", \
	"Mehrere Namen im Internet führen zu Adressen, die nicht stimmen können.", \
	"Look for a filter, a portal or a forged answer at the name server that is " \
	"named; where the override is meant, write cloud_addresses = \"any\" for the " \
	"site.", \
	"Am genannten Nameserver nach Filter, Portal oder gefälschten Antworten " \
	"suchen; ist die Umleitung gewollt, beim Standort cloud_addresses = \"any\" " \
	"eintragen.") \
COMMON_CAUSE(CAPTIVE_PORTAL, "captive-portal", \
	"One and the same page answers in the place of several servers.", \
	"Ein und dieselbe Seite antwortet an der Stelle mehrerer Server.", \
	"Log this host in at the portal, or exempt it and the PBX from the filter.", \
	"Diesen Rechner am Portal anmelden oder ihn und die Telefonanlage vom Filter " \
	"ausnehmen.") \
COMMON_CAUSE(TLS_INTERCEPTION, "tls-interception", \
	"Unrelated servers show certificates of one issuer nobody trusts here.", \
	"Fremde Server zeigen Zertifikate eines Ausstellers, dem hier niemand " \
	"vertraut.", \
	"Exempt the hosts from TLS inspection of the firewall or proxy; an outdated " \
	"list of authorities on this host looks alike, so look at the issuer named.", \
	"Die Rechner von der TLS-Prüfung der Firewall oder des Proxys ausnehmen; " \
	"eine veraltete Liste der Zertifizierungsstellen auf diesem Rechner sieht " \
	"ähnlich aus: Aussteller prüfen.") \
COMMON_CAUSE(OWN_CLOCK, "own-clock", \
	"The clock of this host is wrong: all time servers contradict it.", \
	"Die Uhr dieses Rechners geht falsch: Alle Zeitserver widersprechen ihr.", \
	"Set the clock of this host and let chrony or systemd-timesyncd keep it.", \
	"Die Uhr dieses Rechners stellen und von chrony oder systemd-timesyncd " \
	"führen lassen.") \
COMMON_CAUSE(PBX_DOWN, "pbx-down", \
	"The PBX is off or cut off: it was looked for and is not there.", \
	"Die Telefonanlage ist aus oder abgeschnitten: Sie wurde gesucht und ist " \
	"nicht da.", \
	"Look whether the PBX runs and its network cable is plugged in; then at its " \
	"address.", \
	"Prüfen, ob die Telefonanlage läuft und ihr Netzkabel steckt; dann ihre " \
	"Adresse.") \
COMMON_CAUSE(POSSIBLE_BAN, "possible-ban", \
	"The PBX fell silent on all its ports at once while others answer: possibly " \
	"it has banned this host; off or cut off looks the same from here.", \
	"Die Telefonanlage verstummte auf allen Ports zugleich, während andere " \
	"antworten: Möglicherweise sperrt sie diesen Rechner; ausgeschaltet sähe " \
	"genauso aus.", \
	"Try from another host: if the PBX answers there, take this host off its " \
	"blacklist and put it on the whitelist; a ban ends by itself after 10 " \
	"minutes to 24 hours.", \
	"Von einem anderen Rechner probieren: Antwortet die Anlage dort, diesen " \
	"Rechner von der Blacklist nehmen und auf die Whitelist setzen; eine Sperre " \
	"endet von selbst nach 10 Minuten bis 24 Stunden.") \
COMMON_CAUSE(PBX_SILENT, "pbx-silent", \
	"The PBX is silent on all its ports while others answer.", \
	"Die Telefonanlage schweigt auf allen Ports, während andere antworten.", \
	"Look whether its address is right and whether it runs; then at the rules of " \
	"the firewall between, then at the blacklist of the PBX.", \
	"Prüfen, ob ihre Adresse stimmt und ob sie läuft; dann die Regeln der " \
	"Firewall dazwischen, dann die Blacklist der Anlage.") \
COMMON_CAUSE(COMMON_DEVICE, "common-device", \
	"One device refuses the way to several hosts.", \
	"Ein Gerät verweigert den Weg zu mehreren Rechnern.", \
	"Look at the rules and routes of the device that is named.", \
	"Die Regeln und Routen des genannten Geräts prüfen.")
/* clang-format on */

#define COMMON_CAUSE_ENUMERATOR(identifier, name, en, de, do_en, do_de) \
	COMMON_CAUSE_##identifier,
enum common_cause {
	COMMON_CAUSE_NONE,
	COMMON_CAUSE_LIST(COMMON_CAUSE_ENUMERATOR) COMMON_CAUSE_COUNT
};
#undef COMMON_CAUSE_ENUMERATOR

/** "internet-uplink"; "none" for COMMON_CAUSE_NONE. */
const char *common_cause_name(enum common_cause cause);

/** One full sentence for people, and one that says what to do. Not for NONE. */
const char *common_cause_sentence(enum common_cause cause, enum language language);
const char *common_cause_remedy(enum common_cause cause, enum language language);

/** \retval false  no such common cause; *ret_cause is untouched. */
bool common_cause_by_name(const char *name, enum common_cause *ret_cause);

#endif
