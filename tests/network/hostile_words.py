# SPDX-License-Identifier: Apache-2.0
"""What hostile partners say over UDP, and over TCP where that is the same message.

Each function makes the answers to one question: [(octets, seconds to wait before)].
"""

import ipaddress
import os
import re
import struct
import time

NTP_EPOCH = 2208988800
STUN_COOKIE = 0x2112A442
NOISE = b"\x00\xff\x13\x37" * 16

# What a stranger says by itself; a port has these by mistake.
STRANGERS = {
    "garbage": NOISE,
    "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
    "smtp": b"220 mail.example.com ESMTP Postfix\r\n",
    "http": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
            b"Connection: close\r\n\r\n",
    "sip": b"SIP/2.0 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "xmpp": b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
            b"xmlns:stream='http://etherx.jabber.org/streams' version='1.0' "
            b"id='1' from='pbx.example.com'>",
    "ldap": bytes.fromhex("300c02010161070a010004000400"),
    "tls": bytes.fromhex("15030300020228"),  # an alert: handshake failure
    "telnet": b"\xff\xfd\x18\xff\xfd\x20\xff\xfd\x23\xff\xfd\x27",
}


def stranger(how, _):
    return [(STRANGERS[how], 0)]


# NTP

def stamp(seconds):
    whole = int(seconds)
    return struct.pack("!II", (whole + NTP_EPOCH) & 0xFFFFFFFF,
                       int((seconds - whole) * 2**32))


NTP_OFFSETS = {"offset": 30, "three-days-behind": -3 * 86400}


def ntp(how, question):
    now = time.time() + NTP_OFFSETS.get(how, 0)
    origin = question[40:48] if how != "bad-origin" else os.urandom(8)
    head = struct.pack("!BBbb", 0x24, 2, 6, -20) + bytes(8) + b"\x7f\x00\x00\x01"
    if how == "kod":
        head = struct.pack("!BBbb", 0xE4, 0, 6, -20) + bytes(8) + b"DENY"
    elif how == "client":  # what a broadcast of our own question would be
        head = b"\x23" + head[1:]
    whole = head + stamp(now) + origin + stamp(now) + stamp(now)
    return [(whole[:20] if how == "short" else whole, 2 if how == "late" else 0)]


# DNS

DNS_FLAGS = {"truncated": 0x8380, "notimp": 0x8184, "formerr": 0x8181, "question": 0x0100}
LOOP = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x01"


def dns(how, question):
    """Answers without records, but for one that points to itself."""
    if how == "garbage":
        return [(question[:2] + b"\xff" * 9, 0)]
    if how == "empty":
        return [(b"", 0)]
    end = question.index(b"\0", 12) + 5
    asked = question[12:end]
    identity = struct.unpack("!H", question[:2])[0] ^ (0x5555 if how == "bad-id" else 0)
    answers = 1 if how in ("pointer-loop", "count") else 0
    head = struct.pack("!HHHHHH", identity, DNS_FLAGS.get(how, 0x8180), 1, answers, 0, 0)
    if how == "other-name":
        asked = b"\x05wrong\x07example\x00" + asked[-4:]
    # The name of the record begins where that record does.
    loop = struct.pack("!H", 0xC000 | (12 + len(asked))) + LOOP[2:]
    more = loop if how == "pointer-loop" else b""
    return [(head + asked + more, 2 if how == "late" else 0)]


# STUN, RFC 8489

def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def xored(peer, identity):
    address = ipaddress.ip_address(peer[0]).packed
    key = (struct.pack("!I", STUN_COOKIE) + identity)[:len(address)]
    family = 1 if len(address) == 4 else 2
    return struct.pack("!BBH", 0, family, peer[1] ^ (STUN_COOKIE >> 16)) + \
        bytes(left ^ right for left, right in zip(address, key))


def stun(how, question, peer):
    if len(question) < 20:
        return []
    identity = question[8:20]
    kind, body = 0x0101, attribute(0x0020, xored(peer, identity))
    if how == "error":
        kind, body = 0x0111, attribute(0x0009, b"\0\0\x05\x00Server Error")
    elif how == "rewritten":
        body = attribute(0x0020, xored(("198.51.100.77", 4242), identity))
    elif how == "no-address":
        body = attribute(0x8022, b"test")
    elif how == "old-address":
        # RFC 3489's MAPPED-ADDRESS alone
        body = attribute(0x0001, struct.pack("!BBH", 0, 1, peer[1]) +
                         ipaddress.ip_address(peer[0]).packed)
    elif how == "bad-id":
        identity = os.urandom(12)
    length = len(body) + (400 if how == "length" else 0)
    cookie = 0 if how == "no-cookie" else STUN_COOKIE
    return [(struct.pack("!HHI", kind, length, cookie) + identity + body,
             2 if how == "late" else 0)]


# SIP, RFC 3261

KEPT = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")


def sip(how, question, peer=None):
    """A status, or a way to be wrong: the answer is otherwise as it must be."""
    method = question.split(b" ", 1)[0]
    if not re.fullmatch(rb"[A-Z]+", method) or b"\r\n\r\n" not in question:
        return []
    lines = [line for line in question.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
             if line.lower().startswith(KEPT)]
    lines = [sip_line(how, line, peer) for line in lines]
    status = int(how) if how.isdigit() else 100 if how == "provisional" else 200
    tail = [b"Server: hostile", b"Allow: OPTIONS", b"Content-Length: 0", b"", b""]
    whole = b"\r\n".join([b"SIP/2.0 %d Word" % status, *lines, *tail])
    return sip_sent(how, whole)


def sip_line(how, line, peer):
    name, _, value = line.partition(b":")
    low = name.lower()
    if low == b"via":
        if peer:  # RFC 3581
            value = re.sub(rb";rport(?=;|$)", b";received=%s;rport=%d" % (
                peer[0].encode(), peer[1]), value)
        if how in ("bad-branch", "bad-transaction"):
            value = re.sub(rb"branch=[^;]+", b"branch=z9hG4bKnobodys", value)
        elif how == "alg":
            value = re.sub(rb"(SIP/2.0/\w+ )[^;]+", rb"\g<1>198.51.100.77:1024", value)
    elif low == b"call-id" and how in ("bad-call-id", "bad-transaction"):
        value = b" 1234@198.51.100.77"
    elif low == b"cseq" and how == "bad-cseq":
        value = b" 4711 OPTIONS"
    elif low == b"cseq" and how == "bad-method":
        value = re.sub(rb"OPTIONS", b"INVITE", value)
    elif low == b"from" and how == "bad-tag":
        value = re.sub(rb"tag=[^;]+", b"tag=nobodys", value)
    elif low == b"to" and b"tag=" not in value:
        value += b";tag=hostile"
    return name + b":" + value


def sip_sent(how, whole):
    if how == "truncated":
        return [(whole[:60], 0)]
    if how == "slow-final":
        return [(whole.replace(b"200", b"100", 1), 0), (whole, 0.3)]
    if how == "late":
        return [(whole, 2)]
    if how == "twice":
        return [(whole, 0), (whole, 0)]
    if how == "oversize":
        return [(whole.replace(b"Allow:", b"X-Long: " + b"x" * 40000 + b"\r\nAllow:"), 0)]
    if how == "length":
        return [(whole.replace(b"Content-Length: 0", b"Content-Length: 4000000000"), 0)]
    if how == "headerless":
        return [(b"SIP/2.0 200 OK\r\n\r\n", 0)]
    return [(whole, 0)]
