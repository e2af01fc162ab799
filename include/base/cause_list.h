/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every cause the program can name, once: CAUSE(identifier, name, layer, verdict,
 * English sentence, German sentence). The verdict is the one a finding of this cause
 * carries unless its probe kind knows better. Metrics, JSON, page, manual and `explain`
 * print from this list; the order is the order of the numbers, append within a layer only
 * together with its test.
 */
/* clang-format off */
#define CAUSE_LIST(CAUSE) \
CAUSE(NONE, "none", NONE, OK, \
	"Nothing is wrong.", \
	"Alles in Ordnung.") \
CAUSE(TIMEOUT, "timeout", PATH, FAILED, \
	"No answer came before the deadline; a firewall that drops silently looks like this.", \
	"Bis zum Ende der Frist kam keine Antwort; so sieht eine Firewall aus, die still verwirft.") \
CAUSE(REFUSED, "refused", PATH, FAILED, \
	"The host was reached and refused: nothing listens on this port.", \
	"Der Rechner wurde erreicht und lehnte ab: Auf diesem Port lauscht nichts.") \
CAUSE(RESET, "reset", PATH, FAILED, \
	"The connection was established and then reset.", \
	"Die Verbindung kam zustande und wurde dann zurückgesetzt.") \
CAUSE(CLOSED_EARLY, "closed-early", PATH, FAILED, \
	"The peer closed the connection before the conversation was over.", \
	"Die Gegenstelle schloss die Verbindung, bevor das Gespräch beendet war.") \
CAUSE(NO_ANSWER, "no-answer", PATH, FAILED, \
	"The connection was accepted, but nothing was ever said on it.", \
	"Die Verbindung wurde angenommen, aber es kam nie eine Antwort.") \
CAUSE(ICMP_NET_UNREACHABLE, "icmp-net-unreachable", PATH, FAILED, \
	"A router has no route to the network of this address (ICMP 3/0).", \
	"Ein Router kennt keinen Weg in das Netz dieser Adresse (ICMP 3/0).") \
CAUSE(ICMP_HOST_UNREACHABLE, "icmp-host-unreachable", PATH, FAILED, \
	"A router cannot reach the host (ICMP 3/1).", \
	"Ein Router kann den Rechner nicht erreichen (ICMP 3/1).") \
CAUSE(ICMP_PROTO_UNREACHABLE, "icmp-proto-unreachable", PATH, FAILED, \
	"The host does not take this transport protocol (ICMP 3/2).", \
	"Der Rechner nimmt dieses Transportprotokoll nicht an (ICMP 3/2).") \
CAUSE(ICMP_PORT_UNREACHABLE, "icmp-port-unreachable", PATH, FAILED, \
	"The port was answered with port unreachable (ICMP 3/3).", \
	"Der Port wurde als nicht erreichbar gemeldet (ICMP 3/3).") \
CAUSE(ICMP_NET_PROHIBITED, "icmp-net-prohibited", PATH, FAILED, \
	"A device forbids traffic to this network (ICMP 3/9).", \
	"Ein Gerät verbietet Verkehr in dieses Netz (ICMP 3/9).") \
CAUSE(ICMP_HOST_PROHIBITED, "icmp-host-prohibited", PATH, FAILED, \
	"A device forbids traffic to this host (ICMP 3/10).", \
	"Ein Gerät verbietet Verkehr zu diesem Rechner (ICMP 3/10).") \
CAUSE(ICMP_ADMIN_PROHIBITED, "icmp-admin-prohibited", PATH, FAILED, \
	"A firewall rule forbids this traffic and says so (ICMP 3/13).", \
	"Eine Firewall-Regel verbietet diesen Verkehr und sagt es (ICMP 3/13).") \
CAUSE(ICMP6_NO_ROUTE, "icmp6-no-route", PATH, FAILED, \
	"A router has no route to this address (ICMPv6 1/0).", \
	"Ein Router kennt keinen Weg zu dieser Adresse (ICMPv6 1/0).") \
CAUSE(ICMP6_ADMIN_PROHIBITED, "icmp6-admin-prohibited", PATH, FAILED, \
	"A firewall rule forbids this traffic and says so (ICMPv6 1/1).", \
	"Eine Firewall-Regel verbietet diesen Verkehr und sagt es (ICMPv6 1/1).") \
CAUSE(ICMP6_ADDR_UNREACHABLE, "icmp6-addr-unreachable", PATH, FAILED, \
	"A router cannot reach the address (ICMPv6 1/3).", \
	"Ein Router kann die Adresse nicht erreichen (ICMPv6 1/3).") \
CAUSE(ICMP6_PORT_UNREACHABLE, "icmp6-port-unreachable", PATH, FAILED, \
	"The port was answered with port unreachable (ICMPv6 1/4).", \
	"Der Port wurde als nicht erreichbar gemeldet (ICMPv6 1/4).") \
CAUSE(ICMP6_POLICY_FAIL, "icmp6-policy-fail", PATH, FAILED, \
	"A device refuses our source address by policy (ICMPv6 1/5).", \
	"Ein Gerät weist unsere Absenderadresse per Richtlinie ab (ICMPv6 1/5).") \
CAUSE(ICMP6_REJECT_ROUTE, "icmp6-reject-route", PATH, FAILED, \
	"A router rejects the route to this address (ICMPv6 1/6).", \
	"Ein Router weist den Weg zu dieser Adresse ab (ICMPv6 1/6).") \
CAUSE(TTL_EXCEEDED, "ttl-exceeded", PATH, FAILED, \
	"The packet ran in a routing loop until its hop limit (ICMP time exceeded).", \
	"Das Paket lief im Kreis, bis sein Hop-Limit erreicht war (ICMP Time Exceeded).") \
CAUSE(MTU_BLACKHOLE, "mtu-blackhole", PATH, FAILED, \
	"Small packets pass and large ones vanish: a path MTU black hole.", \
	"Kleine Pakete kommen durch, große verschwinden: ein Path-MTU-Loch.") \
CAUSE(FLAPPING, "flapping", PATH, DEGRADED, \
	"The result keeps changing between runs.", \
	"Das Ergebnis wechselt von Lauf zu Lauf.") \
CAUSE(ADDRESS_PARTIAL, "address-partial", PATH, DEGRADED, \
	"Some addresses of this name answer and others do not.", \
	"Manche Adressen dieses Namens antworten, andere nicht.") \
CAUSE(ARP_FAILED, "arp-failed", PATH, FAILED, \
	"The host is on our own network and does not answer ARP or neighbour discovery.", \
	"Der Rechner liegt im eigenen Netz und beantwortet weder ARP noch Neighbour Discovery.") \
CAUSE(WRONG_SOURCE, "wrong-source", PATH, FAILED, \
	"Answers came, but from another address or port than the one asked.", \
	"Es kamen Antworten, aber von einer anderen Adresse oder einem anderen Port.") \
CAUSE(NAT_REWRITE, "nat-rewrite", PATH, DEGRADED, \
	"A device on the path rewrites our address or port.", \
	"Ein Gerät auf dem Weg schreibt unsere Adresse oder unseren Port um.") \
CAUSE(NAT_SYMMETRIC, "nat-symmetric", PATH, DEGRADED, \
	"The NAT gives each destination another mapping (symmetric NAT).", \
	"Das NAT vergibt je Ziel eine andere Abbildung (symmetrisches NAT).") \
CAUSE(LOCAL_NO_ROUTE, "local-no-route", LOCAL, UNKNOWN, \
	"This host has no route to the address.", \
	"Dieser Rechner hat keinen Weg zu der Adresse.") \
CAUSE(LOCAL_ARP_FAILED, "local-arp-failed", LOCAL, UNKNOWN, \
	"The gateway of this host does not answer ARP or neighbour discovery.", \
	"Das Gateway dieses Rechners beantwortet weder ARP noch Neighbour Discovery.") \
CAUSE(LOCAL_LINK_DOWN, "local-link-down", LOCAL, UNKNOWN, \
	"The network link of this host is down.", \
	"Die Netzverbindung dieses Rechners ist unterbrochen.") \
CAUSE(LOCAL_RESOURCE, "local-resource", LOCAL, UNKNOWN, \
	"This host ran out of descriptors, ports, buffers or memory.", \
	"Diesem Rechner fehlen Deskriptoren, Ports, Puffer oder Speicher.") \
CAUSE(LOCAL_DENIED, "local-denied", LOCAL, UNKNOWN, \
	"The own host's firewall or policy forbids sending this.", \
	"Die Firewall oder Richtlinie dieses Rechners verbietet das Senden.") \
CAUSE(LOCAL_CLOCK, "local-clock", LOCAL, UNKNOWN, \
	"The clock of this host is wrong, so times cannot be judged.", \
	"Die Uhr dieses Rechners geht falsch; Zeiten lassen sich nicht beurteilen.") \
CAUSE(DNS_NXDOMAIN, "dns-nxdomain", DNS, FAILED, \
	"The name does not exist (NXDOMAIN).", \
	"Der Name existiert nicht (NXDOMAIN).") \
CAUSE(DNS_NODATA, "dns-nodata", DNS, FAILED, \
	"The name exists but has no address of this kind.", \
	"Der Name existiert, hat aber keine Adresse dieser Art.") \
CAUSE(DNS_SERVFAIL, "dns-servfail", DNS, FAILED, \
	"The name server answered that it failed (SERVFAIL).", \
	"Der Nameserver meldete einen eigenen Fehler (SERVFAIL).") \
CAUSE(DNS_REFUSED, "dns-refused", DNS, FAILED, \
	"The name server refused to answer us (REFUSED).", \
	"Der Nameserver verweigerte die Antwort (REFUSED).") \
CAUSE(DNS_TIMEOUT, "dns-timeout", DNS, FAILED, \
	"The name server did not answer.", \
	"Der Nameserver antwortete nicht.") \
CAUSE(DNS_UNREACHABLE, "dns-unreachable", DNS, FAILED, \
	"The name server could not be reached.", \
	"Der Nameserver war nicht erreichbar.") \
CAUSE(DNS_TRUNCATED_NO_TCP, "dns-truncated-no-tcp", DNS, FAILED, \
	"The answer was truncated and the name server does not answer over TCP.", \
	"Die Antwort war abgeschnitten, und über TCP antwortet der Nameserver nicht.") \
CAUSE(DNS_WRONG_ADDRESS, "dns-wrong-address", DNS, FAILED, \
	"The name leads to an address that cannot be the right one.", \
	"Der Name führt zu einer Adresse, die nicht die richtige sein kann.") \
CAUSE(DNS_GARBAGE, "dns-garbage", DNS, FAILED, \
	"The name server's answer was not a DNS message that fits the question.", \
	"Die Antwort des Nameservers war keine zur Frage passende DNS-Nachricht.") \
CAUSE(DNS_BAD_ID, "dns-bad-id", DNS, FAILED, \
	"Answers came whose transaction id or question was not ours.", \
	"Es kamen Antworten mit fremder Transaktionsnummer oder Frage.") \
CAUSE(DNS_CNAME_LOOP, "dns-cname-loop", DNS, FAILED, \
	"The name points to itself through aliases (CNAME loop).", \
	"Der Name verweist über Aliase auf sich selbst (CNAME-Schleife).") \
CAUSE(TLS_EXPIRED, "tls-expired", TLS, FAILED, \
	"The certificate or one of its chain has expired.", \
	"Das Zertifikat oder eines seiner Kette ist abgelaufen.") \
CAUSE(TLS_NOT_YET_VALID, "tls-not-yet-valid", TLS, FAILED, \
	"The certificate is not valid yet; a wrong clock looks the same.", \
	"Das Zertifikat gilt noch nicht; eine falsche Uhr sieht genauso aus.") \
CAUSE(TLS_WRONG_HOST, "tls-wrong-host", TLS, FAILED, \
	"The certificate is for another name.", \
	"Das Zertifikat ist für einen anderen Namen ausgestellt.") \
CAUSE(TLS_SELF_SIGNED, "tls-self-signed", TLS, FAILED, \
	"The certificate is signed by itself.", \
	"Das Zertifikat ist selbst signiert.") \
CAUSE(TLS_UNTRUSTED, "tls-untrusted", TLS, FAILED, \
	"The certificate was issued by an authority this host does not trust.", \
	"Das Zertifikat stammt von einer Stelle, der dieser Rechner nicht vertraut.") \
CAUSE(TLS_INCOMPLETE_CHAIN, "tls-incomplete-chain", TLS, FAILED, \
	"The server does not send the intermediate certificates.", \
	"Der Server sendet die Zwischenzertifikate nicht mit.") \
CAUSE(TLS_PROTOCOL_VERSION, "tls-protocol-version", TLS, FAILED, \
	"No TLS version is spoken by both sides.", \
	"Keine TLS-Version wird von beiden Seiten gesprochen.") \
CAUSE(TLS_OLD_VERSION_ACCEPTED, "tls-old-version-accepted", TLS, DEGRADED, \
	"The port still accepts a TLS version that it must not.", \
	"Der Port nimmt noch eine TLS-Version an, die er nicht annehmen darf.") \
CAUSE(TLS_WEAK_KEY, "tls-weak-key", TLS, DEGRADED, \
	"The certificate's key or signature is weaker than today's minimum.", \
	"Schlüssel oder Signatur des Zertifikats sind schwächer als heute nötig.") \
CAUSE(TLS_EXPIRING_SOON, "tls-expiring-soon", TLS, DEGRADED, \
	"The certificate expires soon.", \
	"Das Zertifikat läuft bald ab.") \
CAUSE(TLS_HANDSHAKE_FAILURE, "tls-handshake-failure", TLS, FAILED, \
	"The TLS handshake failed.", \
	"Der TLS-Handshake schlug fehl.") \
CAUSE(TLS_INTERCEPTED, "tls-intercepted", TLS, FAILED, \
	"A device on the path opens the encryption and shows its own certificate.", \
	"Ein Gerät auf dem Weg bricht die Verschlüsselung auf und zeigt ein eigenes Zertifikat.") \
CAUSE(HTTP_STATUS, "http-status", HTTP, FAILED, \
	"The server answered with a status that is not accepted here.", \
	"Der Server antwortete mit einem Status, der hier nicht gilt.") \
CAUSE(HTTP_REDIRECT, "http-redirect", HTTP, FAILED, \
	"The server redirects to a place that must not be followed.", \
	"Der Server leitet an eine Stelle um, der nicht gefolgt werden darf.") \
CAUSE(HTTP_REDIRECT_LOOP, "http-redirect-loop", HTTP, FAILED, \
	"The redirects lead in a circle or are too many.", \
	"Die Umleitungen führen im Kreis oder sind zu viele.") \
CAUSE(CAPTIVE_PORTAL, "captive-portal", HTTP, FAILED, \
	"Another page answers in the server's place: a portal or block page.", \
	"Eine andere Seite antwortet statt des Servers: ein Portal oder eine Sperrseite.") \
CAUSE(HTTP_EMPTY_REPLY, "http-empty-reply", HTTP, FAILED, \
	"The server closed the connection without an HTTP answer.", \
	"Der Server schloss die Verbindung ohne HTTP-Antwort.") \
CAUSE(HTTP_TRUNCATED, "http-truncated", HTTP, FAILED, \
	"The HTTP answer ended before its announced length.", \
	"Die HTTP-Antwort endete vor der angekündigten Länge.") \
CAUSE(HTTP_BAD_FRAMING, "http-bad-framing", HTTP, FAILED, \
	"The HTTP answer is malformed or beyond all bounds.", \
	"Die HTTP-Antwort ist fehlerhaft oder sprengt jedes Maß.") \
CAUSE(HTTP_TIMEOUT, "http-timeout", HTTP, FAILED, \
	"The HTTP answer began and did not end before the deadline.", \
	"Die HTTP-Antwort begann und endete nicht bis zum Ende der Frist.") \
CAUSE(GARBAGE, "garbage", PROTOCOL, FAILED, \
	"What came back is not a message of this protocol.", \
	"Was zurückkam, ist keine Nachricht dieses Protokolls.") \
CAUSE(WRONG_PROTOCOL, "wrong-protocol", PROTOCOL, FAILED, \
	"Another protocol answers on this port.", \
	"Auf diesem Port antwortet ein anderes Protokoll.") \
CAUSE(SLOW, "slow", PROTOCOL, DEGRADED, \
	"The answer came, but slower than the configured bound.", \
	"Die Antwort kam, aber langsamer als die eingestellte Grenze.") \
CAUSE(NTP_UNSYNCHRONISED, "ntp-unsynchronised", NTP, FAILED, \
	"The time server answers but has no time to give (leap 3 or stratum 16).", \
	"Der Zeitserver antwortet, hat aber selbst keine Zeit (Leap 3 oder Stratum 16).") \
CAUSE(NTP_KOD, "ntp-kod", NTP, FAILED, \
	"The time server asks us to stay away (kiss-o'-death).", \
	"Der Zeitserver bittet uns fernzubleiben (Kiss-o'-Death).") \
CAUSE(NTP_OFFSET, "ntp-offset", NTP, DEGRADED, \
	"The time server's clock and ours differ by more than the bound.", \
	"Die Uhr des Zeitservers und unsere weichen stärker ab als erlaubt.") \
CAUSE(NTP_BAD_ORIGIN, "ntp-bad-origin", NTP, FAILED, \
	"Answers came that do not carry the time stamp we sent.", \
	"Es kamen Antworten, die unseren Zeitstempel nicht tragen.") \
CAUSE(LDAP_BIND_REFUSED, "ldap-bind-refused", LDAP, DEGRADED, \
	"The directory answers and wants credentials first.", \
	"Das Verzeichnis antwortet und verlangt zuerst Zugangsdaten.") \
CAUSE(LDAP_RESULT, "ldap-result", LDAP, DEGRADED, \
	"The directory answers with an error result.", \
	"Das Verzeichnis antwortet mit einem Fehlerergebnis.") \
CAUSE(SIP_STATUS, "sip-status", SIP, DEGRADED, \
	"The SIP server answers with a status that says it cannot serve.", \
	"Der SIP-Server antwortet mit einem Status, der Nichtbedienung meldet.") \
CAUSE(SIP_NO_FINAL, "sip-no-final", SIP, FAILED, \
	"Only provisional SIP answers came, never a final one.", \
	"Es kamen nur vorläufige SIP-Antworten, nie eine endgültige.") \
CAUSE(SIP_MISMATCH, "sip-mismatch", SIP, FAILED, \
	"SIP answers came that do not belong to our request.", \
	"Es kamen SIP-Antworten, die nicht zu unserer Anfrage gehören.") \
CAUSE(SIP_ALG, "sip-alg", SIP, DEGRADED, \
	"A device on the path rewrites SIP messages (SIP ALG).", \
	"Ein Gerät auf dem Weg schreibt SIP-Nachrichten um (SIP-ALG).") \
CAUSE(XMPP_NO_STARTTLS, "xmpp-no-starttls", XMPP, FAILED, \
	"The XMPP server does not offer encryption (STARTTLS).", \
	"Der XMPP-Server bietet keine Verschlüsselung an (STARTTLS).") \
CAUSE(XMPP_STREAM_ERROR, "xmpp-stream-error", XMPP, FAILED, \
	"The XMPP server ended the stream with an error.", \
	"Der XMPP-Server beendete den Datenstrom mit einem Fehler.") \
CAUSE(XMPP_SEE_OTHER_HOST, "xmpp-see-other-host", XMPP, DEGRADED, \
	"The XMPP server sends us to another host.", \
	"Der XMPP-Server verweist auf einen anderen Rechner.") \
CAUSE(XMPP_STARTTLS_FAILURE, "xmpp-starttls-failure", XMPP, FAILED, \
	"The XMPP server refused to start encryption.", \
	"Der XMPP-Server verweigerte den Beginn der Verschlüsselung.") \
CAUSE(STUN_MISMATCH, "stun-mismatch", STUN, FAILED, \
	"STUN answers came that do not belong to our request.", \
	"Es kamen STUN-Antworten, die nicht zu unserer Anfrage gehören.") \
CAUSE(STUN_ERROR, "stun-error", STUN, DEGRADED, \
	"The STUN server answered with an error.", \
	"Der STUN-Server antwortete mit einem Fehler.") \
CAUSE(RTP_ALL_BLOCKED, "rtp-all-blocked", RTP, FAILED, \
	"No port of the RTP range passes.", \
	"Kein Port des RTP-Bereichs kommt durch.") \
CAUSE(RTP_PARTIAL, "rtp-partial", RTP, DEGRADED, \
	"Some ports of the RTP range do not pass.", \
	"Einige Ports des RTP-Bereichs kommen nicht durch.") \
CAUSE(LOSS, "loss", RTP, DEGRADED, \
	"More packets are lost than a call bears.", \
	"Es gehen mehr Pakete verloren, als ein Gespräch verträgt.") \
CAUSE(JITTER, "jitter", RTP, DEGRADED, \
	"Packets arrive more unevenly than a call bears.", \
	"Pakete treffen ungleichmäßiger ein, als ein Gespräch verträgt.") \
CAUSE(DELAY, "delay", RTP, DEGRADED, \
	"Packets take longer than a conversation bears.", \
	"Pakete brauchen länger, als ein Gespräch verträgt.") \
CAUSE(REORDER, "reorder", RTP, DEGRADED, \
	"Packets arrive out of order.", \
	"Pakete treffen in falscher Reihenfolge ein.") \
CAUSE(DUPLICATE, "duplicate", RTP, DEGRADED, \
	"Packets arrive more than once.", \
	"Pakete treffen mehrfach ein.") \
CAUSE(CORRUPTION, "corruption", RTP, DEGRADED, \
	"Packets arrive altered.", \
	"Pakete treffen verändert ein.") \
CAUSE(RATE_LIMIT, "rate-limit", RTP, DEGRADED, \
	"A device on the path limits the rate of these packets.", \
	"Ein Gerät auf dem Weg begrenzt die Rate dieser Pakete.") \
CAUSE(RTP_UNTOLD, "rtp-untold", RTP, UNKNOWN, \
	"Of too few ports of the RTP range could be told whether they pass.", \
	"Von zu wenigen Ports des RTP-Bereichs ließ sich sagen, ob sie durchkommen.") \
CAUSE(NOT_CONFIGURED, "not-configured", ROW, UNKNOWN, \
	"The site's configuration does not say where this is.", \
	"Die Konfiguration des Standorts sagt nicht, wo das ist.") \
CAUSE(NOT_TESTABLE_HERE, "not-testable-here", ROW, UNKNOWN, \
	"This cannot be proven from where this instance stands.", \
	"Das lässt sich von hier aus nicht nachweisen.")
/* clang-format on */
