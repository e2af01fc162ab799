/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What to change, once for each sort of cause: ADVICE(identifier, needs a rule, English,
 * German). "{target}" is what was asked, "{host}" its name, "{device}" who said no,
 * "{way}" from whom to whom, and "{blocked}" which ports: filled in by advice_write(). A
 * cause whose advice differs between what the PBX asks and what it is asked has two rows,
 * _OUT and _IN.
 */
#ifndef REPORT_ADVICE_LIST_H
#define REPORT_ADVICE_LIST_H

/* clang-format off */
#define ADVICE_LIST(ADVICE) \
ADVICE(NOTHING, false, "Nothing has to be changed.", "Es ist nichts zu ändern.") \
ADVICE(WAIT, false, \
	"Wait for the first runs to agree, or ask again.", \
	"Abwarten, bis die ersten Läufe übereinstimmen, oder noch einmal fragen.") \
ADVICE(DROPS_OUT, true, \
	"Have the firewall allow {target} {way}: it drops these packets without a " \
	"word. If there is such a rule, look whether it names the right source and " \
	"whether the answers may come back. If other rows of this host answer, the " \
	"port alone is blocked; if none does, look at the host and the route to it " \
	"first.", \
	"In der Firewall {target} {way} freigeben: Sie verwirft diese Pakete still. " \
	"Gibt es die Regel schon, prüfen, ob sie die richtige Quelle nennt und ob " \
	"die Antworten zurückkommen dürfen. Antworten andere Zeilen desselben " \
	"Rechners, ist nur der Port gesperrt; antwortet keine, zuerst den Rechner " \
	"und den Weg dorthin prüfen.") \
ADVICE(DROPS_IN, true, \
	"Look whether the PBX runs and has this address. Then have the firewall in " \
	"front of it, and the PBX's own, allow {target} {way}; from the Internet " \
	"the router must also forward the port. If every row of the PBX is silent " \
	"at once, it may have banned this host: look at its blacklist.", \
	"Prüfen, ob die Telefonanlage läuft und diese Adresse hat. Dann in der " \
	"Firewall davor, und in der eigenen der Anlage, {target} {way} freigeben; " \
	"aus dem Internet muss der Router den Port auch weiterleiten. Schweigen " \
	"alle Zeilen der Anlage zugleich, kann sie diesen Rechner gesperrt haben: " \
	"Blacklist der Anlage prüfen.") \
ADVICE(SILENCE, true, \
	"Silence proves nothing over UDP: who has nothing to say to a stranger " \
	"stays silent as well. Allow {target} {way} in the firewall, and prove it " \
	"by using the service.", \
	"Schweigen beweist bei UDP nichts: Auch wer einem Fremden nichts zu sagen " \
	"hat, schweigt. {target} {way} in der Firewall freigeben und den Nachweis " \
	"durch Benutzen des Dienstes führen.") \
ADVICE(UNMEASURED, false, \
	"This row measures how {target} answers and could not. See first what the " \
	"row says that only asks whether it answers, and mend that. If that one is " \
	"well, look for a device that lets some requests pass and not others.", \
	"Diese Zeile misst, wie {target} antwortet, und konnte es nicht. Zuerst " \
	"ansehen, was die Zeile sagt, die nur fragt, ob es antwortet, und dort " \
	"abhelfen. Ist die in Ordnung, nach einem Gerät suchen, das manche Anfragen " \
	"durchlässt und andere nicht.") \
ADVICE(PROHIBITS, true, \
	"Change the rule on {device}: it refuses {target} {way} and says so. It is " \
	"a firewall or a router with an access list.", \
	"Die Regel auf {device} ändern: Das Gerät weist {target} {way} ab und sagt " \
	"es. Es ist eine Firewall oder ein Router mit Zugriffsliste.") \
ADVICE(ROUTE, true, \
	"Look at the routes on {device}: it knows no way to {host}. Some firewalls " \
	"are set to answer so in place of dropping.", \
	"Die Routen auf {device} prüfen: Das Gerät kennt keinen Weg zu {host}. " \
	"Manche Firewalls sind so eingestellt, dass sie so antworten, statt zu " \
	"verwerfen.") \
ADVICE(LAST_ROUTER, true, \
	"Look whether {host} is switched on and has this address: {device} is the " \
	"last router before it and gets no answer from it on its network. Some " \
	"firewalls are set to answer so in place of dropping.", \
	"Prüfen, ob {host} eingeschaltet ist und diese Adresse hat: {device} ist der " \
	"letzte Router davor und bekommt in dessen Netz keine Antwort von dort. " \
	"Manche Firewalls sind so eingestellt, dass sie so antworten, statt zu " \
	"verwerfen.") \
ADVICE(LOOP, false, \
	"Two routers send these packets to each other, as reported by {device}. " \
	"Compare the routes to {host} there and on its neighbours.", \
	"Zwei Router schicken sich diese Pakete gegenseitig, gemeldet von {device}. " \
	"Die Routen zu {host} dort und auf den Nachbarn vergleichen.") \
ADVICE(NOBODY_LISTENS_OUT, true, \
	"The address is right and the port closed: look whether {target} is still " \
	"what the vendor's page names. A firewall that refuses by a reset looks the " \
	"same: if {host} answers from elsewhere, allow {target} {way}.", \
	"Die Adresse stimmt, der Port ist zu: prüfen, ob die Seite des Herstellers " \
	"{target} noch so nennt. Eine Firewall, die mit Reset ablehnt, sieht " \
	"genauso aus: Antwortet {host} von anderswo, {target} {way} freigeben.") \
ADVICE(NOBODY_LISTENS_IN, true, \
	"Look on the PBX whether the service runs, is switched on and listens on " \
	"this port; the web ports can be moved in its settings. A firewall that " \
	"refuses by a reset looks the same: then allow {target} {way}.", \
	"Auf der Telefonanlage prüfen, ob der Dienst läuft, eingeschaltet ist und " \
	"auf diesem Port lauscht; die Web-Ports lassen sich dort verstellen. Eine " \
	"Firewall, die mit Reset ablehnt, sieht genauso aus: dann {target} {way} " \
	"freigeben.") \
ADVICE(CUT_OFF, true, \
	"The connection came about and was ended: look for a proxy, virus scanner " \
	"or intrusion prevention between this host and {host} and exempt {target}; " \
	"then at the log of the service itself.", \
	"Die Verbindung kam zustande und wurde beendet: zwischen diesem Rechner und " \
	"{host} nach Proxy, Virenscanner oder Angriffsabwehr suchen und {target} " \
	"davon ausnehmen; dann ins Protokoll des Dienstes sehen.") \
ADVICE(MTU, false, \
	"Let ICMP type 3 code 4 (IPv6: type 2, packet too big) pass on every " \
	"firewall of the way, or clamp the segment size where the line has less " \
	"than 1500 octets (PPPoE, VPN): nft add rule inet filter forward tcp flags " \
	"syn tcp option maxseg size set rt mtu", \
	"Auf jeder Firewall des Weges ICMP Typ 3 Code 4 (IPv6: Typ 2, Packet Too " \
	"Big) durchlassen oder die Segmentgröße begrenzen, wo die Leitung weniger " \
	"als 1500 Bytes fasst (PPPoE, VPN): nft add rule inet filter forward tcp " \
	"flags syn tcp option maxseg size set rt mtu") \
ADVICE(MTU_DATAGRAM, false, \
	"Let ICMP type 3 code 4 (IPv6: type 2, packet too big) and fragments pass on " \
	"every firewall of the way. What limits the segments of TCP does not help " \
	"here: give both ends an interface MTU that the evidence shows to pass, or " \
	"let telephones use SIP over TCP or TLS.", \
	"Auf jeder Firewall des Weges ICMP Typ 3 Code 4 (IPv6: Typ 2, Packet Too " \
	"Big) und Fragmente durchlassen. Was die Segmente von TCP begrenzt, hilft " \
	"hier nicht: Beiden Enden eine MTU geben, die dem Beleg nach durchkommt, " \
	"oder Telefone SIP über TCP oder TLS benutzen lassen.") \
ADVICE(FLAPPING, false, \
	"Look for what comes and goes: a full line, a bad cable, two devices with " \
	"one address, a server behind a load balancer of which some fail, a limit " \
	"on connections. The last failures below say how it fails when it does.", \
	"Suchen, was kommt und geht: eine volle Leitung, ein schlechtes Kabel, zwei " \
	"Geräte mit derselben Adresse, ein Lastverteiler mit einzelnen kranken " \
	"Servern, eine Grenze für Verbindungen. Die letzten Fehlschläge sagen, wie " \
	"es ausfällt.") \
ADVICE(PARTIAL, true, \
	"Have the firewall allow every address of {host}, by name if it can: the " \
	"evidence says which one does not answer. If the rule does, that server " \
	"itself is down, which its operator must know.", \
	"In der Firewall alle Adressen von {host} freigeben, wenn möglich über den " \
	"Namen: Der Beleg sagt, welche nicht antwortet. Tut die Regel das schon, " \
	"ist dieser Server selbst ausgefallen; das muss sein Betreiber wissen.") \
ADVICE(HOST_GONE, false, \
	"Look whether {host} is switched on, its network cable plugged in and its " \
	"address still this one; then at the VLAN and port of the switch.", \
	"Prüfen, ob {host} eingeschaltet ist, das Netzkabel steckt und die Adresse " \
	"noch stimmt; dann VLAN und Port des Switches.") \
ADVICE(WRONG_SOURCE, false, \
	"Look at the address translation on the way and at a server with several " \
	"addresses: answers must come from the address and port that were asked. " \
	"These came from {device}.", \
	"Die Adressumsetzung auf dem Weg und einen Server mit mehreren Adressen " \
	"prüfen: Antworten müssen von der gefragten Adresse und dem gefragten Port " \
	"kommen. Diese kamen von {device}.") \
ADVICE(NAT, false, \
	"On the router between, let the PBX keep its port (static port, full cone) " \
	"for UDP, and switch off address translation where both ends are in routed " \
	"networks; or use STUN or the provider's session border controller.", \
	"Auf dem Router dazwischen der Telefonanlage bei UDP ihren Port lassen " \
	"(Static Port, Full Cone) und die Adressumsetzung abschalten, wo beide " \
	"Enden in gerouteten Netzen liegen; oder STUN oder den Session Border " \
	"Controller des Providers nutzen.") \
ADVICE(OWN_ROUTE, false, \
	"Nothing at the target: give this host a route to it. Look at its default " \
	"route and, for IPv6, whether the network has any.", \
	"Nichts am Ziel: Diesem Rechner fehlt ein Weg dorthin. Seine Standardroute " \
	"prüfen und, bei IPv6, ob das Netz überhaupt eine hat.") \
ADVICE(OWN_GATEWAY, false, \
	"Nothing at the target: the gateway of this host does not answer. Look at " \
	"the router and the switch between it and this host.", \
	"Nichts am Ziel: Das Gateway dieses Rechners antwortet nicht. Router und " \
	"Switch dazwischen prüfen.") \
ADVICE(OWN_LINK, false, \
	"Nothing at the target: plug in the network cable of this host, or bring " \
	"its interface up.", \
	"Nichts am Ziel: Das Netzkabel dieses Rechners einstecken oder seine " \
	"Schnittstelle einschalten.") \
ADVICE(OWN_RESOURCES, false, \
	"Nothing at the target: this host has run out of something. The evidence " \
	"says of what; raise the limit (LimitNOFILE of the unit) or end what uses " \
	"it up.", \
	"Nichts am Ziel: Diesem Rechner ist etwas ausgegangen. Der Beleg sagt, was; " \
	"die Grenze anheben (LimitNOFILE der Unit) oder beenden, was es verbraucht.") \
ADVICE(OWN_FIREWALL, true, \
	"Nothing at the target: the firewall of this host itself forbids sending. " \
	"Allow {target} in its output chain.", \
	"Nichts am Ziel: Die Firewall dieses Rechners selbst verbietet das Senden. " \
	"{target} in ihrer Output-Kette freigeben.") \
ADVICE(OWN_CLOCK, false, \
	"Set the clock of this host and let chrony or systemd-timesyncd keep it: " \
	"until then no certificate can be judged.", \
	"Die Uhr dieses Rechners stellen und von chrony oder systemd-timesyncd " \
	"führen lassen: Bis dahin lässt sich kein Zertifikat beurteilen.") \
ADVICE(DNS_NAME, false, \
	"Ask another name server for {host}: if that one knows it, the site's own " \
	"filters or forges names. If nobody knows it, look whether the name is " \
	"written as the vendor writes it.", \
	"Einen anderen Nameserver nach {host} fragen: Kennt der ihn, filtert oder " \
	"fälscht der eigene. Kennt ihn keiner, prüfen, ob der Name so geschrieben " \
	"ist, wie ihn der Hersteller schreibt.") \
ADVICE(DNS_FAMILY, false, \
	"Look at the record of {host} for this address family: the name is there " \
	"and has none.", \
	"Den Eintrag von {host} für diese Adressfamilie prüfen: Den Namen gibt es, " \
	"eine solche Adresse nicht.") \
ADVICE(DNS_SERVER, false, \
	"Look at the name server: its forwarders, DNSSEC validation and clock, and " \
	"whether it may answer this host (access-control, allow-recursion). The " \
	"answer came from {device}.", \
	"Den Nameserver prüfen: Weiterleitungen, DNSSEC-Prüfung und Uhr, und ob er " \
	"diesem Rechner antworten darf (access-control, allow-recursion). Die " \
	"Antwort kam von {device}.") \
ADVICE(DNS_SILENT, true, \
	"Look whether the name server runs and whether UDP and TCP port 53 may pass " \
	"to it; then whether it reaches the Internet itself. Another name server " \
	"for the site is one line in its configuration (dns).", \
	"Prüfen, ob der Nameserver läuft und ob UDP und TCP Port 53 zu ihm " \
	"durchkommen; dann, ob er selbst ins Internet kommt. Ein anderer Nameserver " \
	"für den Standort ist eine Zeile in der Konfiguration (dns).") \
ADVICE(DNS_TCP, true, \
	"Allow TCP port 53 to the name server beside UDP: large answers need it " \
	"(RFC 7766).", \
	"Neben UDP auch TCP Port 53 zum Nameserver freigeben: Große Antworten " \
	"brauchen ihn (RFC 7766).") \
ADVICE(DNS_WRONG, false, \
	"Ask another name server for {host} and compare: a filter, a portal or a " \
	"router that rewrites answers gives a private or blocked address. Exempt " \
	"the name there; if the override is meant, say so in the configuration " \
	"(cloud_addresses = \"any\").", \
	"Einen anderen Nameserver nach {host} fragen und vergleichen: Ein Filter, " \
	"ein Portal oder ein Router, der Antworten umschreibt, nennt eine private " \
	"oder gesperrte Adresse. Den Namen dort ausnehmen; ist es gewollt, in der " \
	"Konfiguration sagen (cloud_addresses = \"any\").") \
ADVICE(DNS_FORGED, false, \
	"Look what answers in the name server's place: a router or filter that " \
	"catches port 53, or an attacker. The conversation below shows what came.", \
	"Prüfen, was an der Stelle des Nameservers antwortet: ein Router oder " \
	"Filter, der Port 53 abfängt, oder ein Angreifer. Das Gespräch unten zeigt, " \
	"was kam.") \
ADVICE(DNS_ALIASES, false, \
	"Mend the aliases of {host} in its zone: they lead back to themselves.", \
	"Die Aliase von {host} in der Zone berichtigen: Sie führen auf sich selbst " \
	"zurück.") \
ADVICE(TLS_RENEW, false, \
	"Renew the certificate and restart the service that shows it; on the PBX in " \
	"the web server settings. If it is renewed already, the service still holds " \
	"the old one, or the intermediate certificate is the one that expired.", \
	"Das Zertifikat erneuern und den Dienst neu starten, der es zeigt; auf der " \
	"Telefonanlage in den Webserver-Einstellungen. Ist es schon erneuert, hält " \
	"der Dienst noch das alte, oder das Zwischenzertifikat ist das abgelaufene.") \
ADVICE(TLS_CLOCK, false, \
	"Compare the clock of this host with that of whoever issued the " \
	"certificate: one of the two is wrong.", \
	"Die Uhr dieses Rechners mit der des Ausstellers vergleichen: Eine von " \
	"beiden geht falsch.") \
ADVICE(TLS_NAME, false, \
	"Have the certificate issued for the name that is asked ({host}), or ask by " \
	"a name that stands in it. If the names are those of another company, " \
	"somebody else answers: look at address and proxy.", \
	"Das Zertifikat auf den gefragten Namen ({host}) ausstellen lassen oder " \
	"unter einem Namen fragen, der darin steht. Steht ein fremdes Unternehmen " \
	"darin, antwortet jemand anderes: Adresse und Proxy prüfen.") \
ADVICE(TLS_OWN_AUTHORITY, false, \
	"Install a certificate of a public authority, or tell the exporter what to " \
	"trust here: trust = \"pin:SHA256\" for this one certificate, trust = " \
	"\"ca:FILE\" for an authority of your own. For a server of the vendor it " \
	"means that somebody opens the encryption.", \
	"Ein Zertifikat einer öffentlichen Stelle einsetzen oder dem Exporter " \
	"sagen, wem hier zu trauen ist: trust = \"pin:SHA256\" für genau dieses " \
	"Zertifikat, trust = \"ca:DATEI\" für eine eigene Stelle. Bei einem Server " \
	"des Herstellers heißt es, dass jemand die Verschlüsselung aufbricht.") \
ADVICE(TLS_CHAIN, false, \
	"Install the intermediate certificates on the server beside its own: " \
	"browsers may know them, telephones and the PBX do not.", \
	"Auf dem Server neben dem eigenen auch die Zwischenzertifikate einsetzen: " \
	"Browser kennen sie vielleicht, Telefone und Telefonanlage nicht.") \
ADVICE(TLS_VERSION, false, \
	"Let the server speak TLS 1.2 or 1.3: it offers neither. If it is known to, " \
	"a device between answers in its place.", \
	"Den Server TLS 1.2 oder 1.3 sprechen lassen: Er bietet keines von beiden. " \
	"Kann er es bekanntlich, antwortet ein Gerät dazwischen an seiner Stelle.") \
ADVICE(TLS_OLD, false, \
	"Switch the old TLS versions off on the service; first look which " \
	"telephones still need them.", \
	"Am Dienst die alten TLS-Versionen abschalten; vorher prüfen, welche " \
	"Telefone sie noch brauchen.") \
ADVICE(TLS_WEAK, false, \
	"Have the certificate issued anew with RSA of 2048 bits or more, or an " \
	"elliptic curve, and a SHA-256 signature.", \
	"Das Zertifikat neu ausstellen lassen: RSA ab 2048 Bit oder elliptische " \
	"Kurve, Signatur mit SHA-256.") \
ADVICE(TLS_SOON, false, \
	"Renew the certificate before the day that the evidence names.", \
	"Das Zertifikat vor dem Tag erneuern, den der Beleg nennt.") \
ADVICE(TLS_HANDSHAKE, false, \
	"Look at the log of the server: the evidence names the alert it sent. If it " \
	"wants a certificate of the client, or ciphers of its own, that is its " \
	"policy; if it works from elsewhere, a device between disturbs the " \
	"handshake.", \
	"Ins Protokoll des Servers sehen: Der Beleg nennt die Warnung, die er " \
	"sandte. Verlangt er ein Client-Zertifikat oder eigene Verfahren, ist das " \
	"seine Richtlinie; geht es von anderswo, stört ein Gerät dazwischen den " \
	"Handshake.") \
ADVICE(TLS_INTERCEPTED, false, \
	"Exempt {host} from TLS inspection on the firewall or proxy: the PBX does " \
	"not trust its authority, and must not.", \
	"{host} auf der Firewall oder dem Proxy von der TLS-Prüfung ausnehmen: Die " \
	"Telefonanlage vertraut deren Stelle nicht und soll es nicht.") \
ADVICE(HTTP_STATUS, false, \
	"The way is open and the server answers: look at its log for this status. " \
	"5xx is the server's own trouble, 403 its policy or a filter's.", \
	"Der Weg ist offen, der Server antwortet: in seinem Protokoll nach diesem " \
	"Status sehen. 5xx ist sein eigener Fehler, 403 seine Richtlinie oder die " \
	"eines Filters.") \
ADVICE(HTTP_REDIRECT, false, \
	"Look where the server sends us (the evidence names it): to itself in a " \
	"circle it is set up wrongly, to a foreign name it is a portal or filter.", \
	"Prüfen, wohin der Server schickt (der Beleg nennt es): im Kreis zu sich " \
	"selbst ist er falsch eingerichtet, zu einem fremden Namen ist es ein " \
	"Portal oder Filter.") \
ADVICE(PORTAL, false, \
	"Log this host in at the portal, or exempt it and the PBX from the filter: " \
	"a page of somebody else answers in the place of {host}.", \
	"Diesen Rechner am Portal anmelden oder ihn und die Telefonanlage vom " \
	"Filter ausnehmen: Eine fremde Seite antwortet an der Stelle von {host}.") \
ADVICE(HTTP_BROKEN, false, \
	"Look for a proxy or virus scanner between that cuts or rewrites answers, " \
	"and exempt {host}; then at the server's own log.", \
	"Nach Proxy oder Virenscanner dazwischen suchen, die Antworten abschneiden " \
	"oder umschreiben, und {host} ausnehmen; dann ins Protokoll des Servers " \
	"sehen.") \
ADVICE(STRANGER, false, \
	"Something else answers there: look at port forwarding and at the port that " \
	"the service is set to. The conversation below shows what it said.", \
	"Dort antwortet etwas anderes: die Portweiterleitung und den eingestellten " \
	"Port des Dienstes prüfen. Das Gespräch unten zeigt, was es sagte.") \
ADVICE(SLOW, false, \
	"Look at the load of the line and of the server; if the time is normal for " \
	"this way, raise the bound in the configuration (slow).", \
	"Die Last der Leitung und des Servers prüfen; ist die Zeit auf diesem Weg " \
	"normal, die Grenze in der Konfiguration anheben (slow).") \
ADVICE(NTP_SOURCE, false, \
	"Mend the time server, or give the PBX another one: this one has no time " \
	"itself.", \
	"Den Zeitserver in Ordnung bringen oder der Telefonanlage einen anderen " \
	"geben: Dieser hat selbst keine Zeit.") \
ADVICE(NTP_KISS, false, \
	"Ask this time server less often or take another: it says that it is asked " \
	"too much or by strangers.", \
	"Diesen Zeitserver seltener fragen oder einen anderen nehmen: Er meldet, " \
	"dass er zu oft oder von Fremden gefragt wird.") \
ADVICE(NTP_OFFSET, false, \
	"Compare with a third clock: either the time server or this host is wrong.", \
	"Mit einer dritten Uhr vergleichen: Entweder der Zeitserver oder dieser " \
	"Rechner geht falsch.") \
ADVICE(NTP_FORGED, false, \
	"Look what answers in the time server's place: its answers do not belong to " \
	"our questions.", \
	"Prüfen, was an der Stelle des Zeitservers antwortet: Die Antworten gehören " \
	"nicht zu unseren Fragen.") \
ADVICE(LDAP_BIND, false, \
	"The way is open. If the PBX has credentials for this directory, nothing " \
	"has to be changed; else allow anonymous reading of the root entry.", \
	"Der Weg ist offen. Hat die Telefonanlage Zugangsdaten für dieses " \
	"Verzeichnis, ist nichts zu ändern; sonst das anonyme Lesen des " \
	"Wurzeleintrags erlauben.") \
ADVICE(LDAP_RESULT, false, \
	"The way is open: look at the log of the directory for the result that the " \
	"evidence names.", \
	"Der Weg ist offen: im Protokoll des Verzeichnisses nach dem Ergebnis " \
	"sehen, das der Beleg nennt.") \
ADVICE(SIP_STATUS, false, \
	"The way is open: look at the log of the SIP server for the status that the " \
	"evidence names. 5xx is its own trouble, 6xx its own decision.", \
	"Der Weg ist offen: im Protokoll des SIP-Servers nach dem Status sehen, den " \
	"der Beleg nennt. 5xx ist sein eigener Fehler, 6xx seine Entscheidung.") \
ADVICE(SIP_UNFINISHED, false, \
	"Look at the SIP server: it takes the request and never decides. A proxy in " \
	"front whose own server is dead behaves so.", \
	"Den SIP-Server prüfen: Er nimmt die Anfrage an und entscheidet nie. So " \
	"verhält sich ein Proxy, dessen eigener Server tot ist.") \
ADVICE(SIP_MISMATCH, false, \
	"Look for a SIP ALG or a proxy that rewrites messages: the answers do not " \
	"belong to our request. The conversation below shows both.", \
	"Nach einem SIP-ALG oder Proxy suchen, der Nachrichten umschreibt: Die " \
	"Antworten gehören nicht zu unserer Anfrage. Das Gespräch unten zeigt " \
	"beides.") \
ADVICE(SIP_ALG, false, \
	"Switch the SIP ALG off on the router or firewall (also called SIP helper, " \
	"SIP inspection, SIP transformations; on Linux nf_conntrack_sip): the PBX " \
	"does the work itself. SIP over TLS on 5061 cannot be rewritten.", \
	"Das SIP-ALG auf Router oder Firewall abschalten (auch SIP-Helper, " \
	"SIP-Inspektion, SIP-Transformationen genannt; unter Linux " \
	"nf_conntrack_sip): Die Telefonanlage macht das selbst. SIP über TLS auf " \
	"5061 lässt sich nicht umschreiben.") \
ADVICE(XMPP_STARTTLS, false, \
	"Let the XMPP server of the PBX offer encryption: look at its certificate, " \
	"without one it offers none. If it does elsewhere, a device between strips " \
	"it.", \
	"Den XMPP-Server der Telefonanlage Verschlüsselung anbieten lassen: sein " \
	"Zertifikat prüfen, ohne bietet er keine. Tut er es anderswo, entfernt sie " \
	"ein Gerät dazwischen.") \
ADVICE(XMPP_STREAM, false, \
	"Look at the error that the evidence names: host-unknown means that the PBX " \
	"does not serve this name, so ask it by its own.", \
	"Den Fehler ansehen, den der Beleg nennt: host-unknown heißt, dass die " \
	"Telefonanlage diesen Namen nicht bedient; sie unter ihrem eigenen fragen.") \
ADVICE(XMPP_ELSEWHERE, false, \
	"Ask at the host that the evidence names, and let the apps use it.", \
	"Bei dem Rechner fragen, den der Beleg nennt, und die Apps ihn benutzen " \
	"lassen.") \
ADVICE(STUN_MISMATCH, false, \
	"Look what rewrites STUN on the way: the answers do not belong to our " \
	"request.", \
	"Prüfen, was STUN unterwegs umschreibt: Die Antworten gehören nicht zu " \
	"unserer Anfrage.") \
ADVICE(STUN_ERROR, false, \
	"The way is open: look at the log of the STUN server for the error that the " \
	"evidence names.", \
	"Der Weg ist offen: im Protokoll des STUN-Servers nach dem Fehler sehen, " \
	"den der Beleg nennt.") \
ADVICE(RTP_RANGE, true, \
	"Allow the whole range {target} {way}, not only some ports of it; from the " \
	"Internet the router must forward all of it.", \
	"Den ganzen Bereich {target} {way} freigeben, nicht nur einzelne Ports; aus " \
	"dem Internet muss der Router ihn ganz weiterleiten.") \
ADVICE(RTP_KEYED, true, \
	"Look at the reflector first: whether it runs at this address, has the same " \
	"key file, and its clock and this host's differ by less than an hour. What " \
	"is signed otherwise or out of date it drops without a word; on its side " \
	"starface_reflector_dropped_total counts it as bad-hmac or stale. If it " \
	"counts nothing, allow the whole range {target} {way}, and its control port.", \
	"Zuerst nach dem Reflektor sehen: ob er unter dieser Adresse läuft, dieselbe " \
	"Schlüsseldatei hat und seine Uhr und die dieses Rechners weniger als eine " \
	"Stunde auseinandergehen. Was anders signiert oder veraltet ist, verwirft er " \
	"still; dort zählt es starface_reflector_dropped_total als bad-hmac oder " \
	"stale. Zählt er nichts, den ganzen Bereich {target} {way} freigeben, und den " \
	"Steuerport.") \
ADVICE(RTP_SILENT, true, \
	"Look at the reflector first: whether it runs at this address, and without a " \
	"key, as this row has none (key_file); one that has a key is silent to " \
	"whoever has not. If it runs and counts no packets, allow the whole range " \
	"{target} {way}, and its control port.", \
	"Zuerst nach dem Reflektor sehen: ob er unter dieser Adresse läuft, und ohne " \
	"Schlüssel, denn diese Zeile hat keinen (key_file); hat er einen, schweigt " \
	"er gegenüber allen, die keinen haben. Läuft er und zählt keine Pakete, den " \
	"ganzen Bereich {target} {way} freigeben, und den Steuerport.") \
ADVICE(RTP_SOME, true, \
	"Have the firewall allow {blocked} {way} as well: other ports of the range " \
	"pass, so there is a rule and it is too narrow, or flood protection counts " \
	"the packets. Where only the way back is blocked, the answers need a rule of " \
	"their own.", \
	"In der Firewall auch {blocked} {way} freigeben: Andere Ports des Bereichs " \
	"kommen durch, also ist die Regel zu eng, oder ein Flutschutz zählt die " \
	"Pakete. Wo nur der Rückweg gesperrt ist, brauchen die Antworten eine eigene " \
	"Regel.") \
ADVICE(RTP_QUALITY, false, \
	"Give voice priority on the line (DSCP EF, 46) and look for what fills it; " \
	"then at cables, duplex and wireless links of the way.", \
	"Der Sprache auf der Leitung Vorrang geben (DSCP EF, 46) und suchen, was " \
	"sie füllt; dann Kabel, Duplex und Funkstrecken des Weges prüfen.") \
ADVICE(RTP_DELAY, false, \
	"Look for a detour between this host and {host}: a VPN, a distant line, a " \
	"satellite or mobile hop; send voice the direct way. A delay that comes and " \
	"goes is a full line: give voice priority (DSCP EF, 46).", \
	"Nach einem Umweg zwischen diesem Rechner und {host} suchen: VPN, entfernte " \
	"Leitung, Satellit oder Mobilfunk; Sprache den direkten Weg schicken. Kommt " \
	"und geht die Verzögerung, ist die Leitung voll: der Sprache Vorrang geben " \
	"(DSCP EF, 46).") \
ADVICE(RTP_ORDER, false, \
	"Look for lines that share the packets of one stream (bundled links, SD-WAN, " \
	"balancing by packet) and let each stream keep to one. Copies come from a " \
	"loop between switches or a mirrored port as well.", \
	"Nach Leitungen suchen, die sich die Pakete eines Datenstroms teilen " \
	"(gebündelte Leitungen, SD-WAN, Verteilung nach Paketen), und jeden Strom auf " \
	"einer lassen. Kopien stammen auch von einer Schleife zwischen Switches oder " \
	"einem gespiegelten Port.") \
ADVICE(RTP_ALTERED, false, \
	"Look for what changes these packets between this host and {host}: a gateway " \
	"for SIP or RTP, an inspection, a network card that computes checksums over " \
	"broken data; exempt {target} from it.", \
	"Suchen, was diese Pakete zwischen diesem Rechner und {host} verändert: ein " \
	"Gateway für SIP oder RTP, eine Inspektion, eine Netzwerkkarte, die " \
	"Prüfsummen über kaputte Daten rechnet; {target} davon ausnehmen.") \
ADVICE(RTP_RATE, false, \
	"Take the limit on packets off this traffic: flood protection of a firewall " \
	"counts voice as an attack.", \
	"Die Paketgrenze für diesen Verkehr aufheben: Der Flutschutz einer Firewall " \
	"hält Sprache für einen Angriff.") \
ADVICE(RTP_UNTOLD, false, \
	"Let it be asked again: a port can be told only while the reflector holds " \
	"it. One that holds half of its ports at a time, or stands beside a PBX " \
	"with calls, is asked whole by the daemon, run by run; at once only where " \
	"it holds all (share = \"all\", or steer = true).", \
	"Noch einmal fragen lassen: Feststellen lässt sich ein Port nur, solange der " \
	"Reflektor ihn hält. Hält er jeweils die Hälfte, oder führt eine Telefonanlage " \
	"neben ihm Gespräche, fragt der Daemon den ganzen Bereich Lauf für Lauf; auf " \
	"einmal geht es nur, wo er alle hält (share = \"all\" oder steer = true).") \
ADVICE(SET_UP, true, \
	"Write into the configuration of the site where this is; then it is tested.", \
	"In der Konfiguration des Standorts eintragen, wo das ist; dann wird es " \
	"geprüft.") \
ADVICE(GO_ELSEWHERE, true, \
	"Test it from where it can be proven, or by using it; the firewall needs " \
	"the rule all the same.", \
	"Von dort prüfen, wo es sich nachweisen lässt, oder durch Benutzen; die " \
	"Firewall braucht die Regel trotzdem.")
/* clang-format on */

#endif
