#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our STAMP packets against other people's: scapy, tshark, and Python's hmac.

scapy builds packets that we must read, and reads ours field by field; tshark's dissector
of TWAMP-Test, of which open STAMP is the child, reads them once more. Neither knows keyed
packets: those are laid out here after RFC 8762 figures 5 and 8, apart from our code.
"""

import hashlib
import hmac
import os
import random
import struct
import subprocess
import sys
import tempfile

from scapy.contrib.stamp import (ErrorEstimate, STAMPSessionReflectorTestUnauthenticated,
                                 STAMPSessionSenderTestUnauthenticated, STAMPTestTLV)
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

SECRET = bytes(range(40))
TO_1970 = 2208988800
GOOD, SHORT, LONG, BAD_HMAC, MALFORMED, NO_REQUEST, NO_REPLY = range(7)
U, I = 0x80, 0x20


class Ours:
    """The program print_stamp, a line at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        answer = dict(word.split("=") for word in self.process.stdout.readline().split())
        return {key: bytes.fromhex(value) if key in ("packet", "ports") else int(value)
                for key, value in answer.items()}

    def write(self, secret, request):
        return self.ask("write", secret.hex() if secret else "-", request["sequence"],
                        request["sent_ns"], request["error"], request["ssid"],
                        request.get("dscp", -1), request.get("first", 0),
                        request.get("count", 0), request.get("length", 0),
                        request.get("padding", 0))["packet"]

    def answer(self, secret, packet, answer):
        return self.ask("answer", secret.hex() if secret else "-", packet.hex(),
                        *(answer[name] for name in ("sequence", "sent_ns", "received_ns",
                                                    "error", "ttl", "dscp", "ecn")))

    def read(self, secret, packet, padding=0):
        return self.ask("read", secret.hex() if secret else "-", packet.hex(), padding)

    def close(self):
        self.process.stdin.close()
        assert self.process.wait() == 0


def expect(got, **wanted):
    for key, value in wanted.items():
        assert got.get(key) == value, (key, value, got)


def ntp(utc_ns):
    """NTP's 64 bits, by another way than ours: as one fixed-point number."""
    return (((utc_ns + TO_1970 * 10**9) << 32) // 10**9) % 2**64


def tag(data):
    return hmac.new(SECRET, data, hashlib.sha256).digest()[:16]


def tlv(flags, kind, value):
    return struct.pack(">BBH", flags, kind, len(value)) + value


def signed_tlvs(sequence, *tlvs, flags=U):
    """TLVs with the HMAC over the sequence number and all of them (RFC 8972, 4.8)."""
    body = b"".join(tlvs)
    return body + tlv(flags, 8, tag(struct.pack(">I", sequence) + body))


def keyed_request(request):
    base = struct.pack(">I12xQHH68x", request["sequence"], ntp(request["sent_ns"]),
                       request["error"], request["ssid"])
    return base + tag(base)


def keyed_reply(request, answer):
    base = struct.pack(">I12xQHH4xQ8xI12xQH6xB15x", answer["sequence"],
                       ntp(answer["sent_ns"]), answer["error"], request["ssid"],
                       ntp(answer["received_ns"]), request["sequence"],
                       ntp(request["sent_ns"]), request["error"], answer["ttl"])
    assert len(base) == 96
    return base + tag(base)


def estimate(error):
    return ErrorEstimate(S=error >> 15, Z=error >> 14 & 1, scale=error >> 8 & 63,
                         multiplier=error & 255)


def seconds(utc_ns):
    """scapy wants the octets of a time stamp as a number of seconds since 1900."""
    return ntp(utc_ns) / 2**32


def scapy_request(request, tlvs=()):
    packet = STAMPSessionSenderTestUnauthenticated(
        seq=request["sequence"], ts=seconds(request["sent_ns"]),
        err_estimate=estimate(request["error"]), ssid=request["ssid"],
        tlv_objects=list(tlvs))
    return bytes(packet)


def scapy_read(kind, packet):
    """The packet and its TLVs, one by one: scapy 2.5.0 fails on them as a list."""
    tlvs, rest = [], packet[44:]
    while rest:
        one = STAMPTestTLV(rest)
        one.remove_payload()
        tlvs.append(one)
        rest = rest[4 + one.len:]
    return kind(packet[:44]), tlvs


def expect_stamp(field, utc_ns, packet, at):
    """The octets exactly, and scapy's reading of them within its floating point."""
    assert packet[at:at + 8] == struct.pack(">Q", ntp(utc_ns)), (utc_ns, packet.hex())
    assert abs(float(field) - (utc_ns / 1e9 + TO_1970)) < 1e-5, (field, utc_ns)


def expect_estimate(field, error):
    assert (field.S, field.Z, field.scale, field.multiplier) == (
        error >> 15, error >> 14 & 1, error >> 8 & 63, error & 255), (field, error)


def random_request(dice):
    request = {"sequence": dice.getrandbits(32),
               "sent_ns": dice.randrange(10**18, 2 * 10**18),
               "error": dice.getrandbits(16) & 0xbfff, "ssid": dice.getrandbits(16)}
    if dice.random() < 0.5:
        request["dscp"] = dice.randrange(64)
    if dice.random() < 0.5:
        request["count"] = dice.randrange(1, 1025)
        request["first"] = dice.randrange(0, 65536 - request["count"])
    if dice.random() < 0.5:
        request["length"] = dice.randrange(1281)
        request["padding"] = dice.getrandbits(32)
    return request


def random_answer(dice):
    return {"sequence": dice.getrandbits(32),
            "received_ns": dice.randrange(10**18, 2 * 10**18),
            "sent_ns": dice.randrange(10**18, 2 * 10**18),
            "error": dice.getrandbits(16) & 0xbfff, "ttl": dice.randrange(256),
            "dscp": dice.randrange(64), "ecn": dice.randrange(4)}


def report_value(request, told):
    """Four bits a port, the first port in the high ones."""
    ports = [port % 8 if told else 0
             for port in range(request["first"], request["first"] + request["count"])]
    ports += [0] * (len(ports) % 2)
    octets = bytes(high << 4 | low for high, low in zip(ports[::2], ports[1::2]))
    return b"SFXP" + struct.pack(">HH", request["first"], request["count"]) + octets


def expected_tlvs(request, answer=None):
    """What must stand behind the base: of the request, or of the reply to it."""
    flags = U if answer is None else 0
    tlvs = []
    if "dscp" in request:
        # DSCP1 6 bits, DSCP2 6, ECN 2, RP 2, reserved 16 (RFC 8972, 4.4)
        word = request["dscp"] << 26
        if answer:
            word |= answer["dscp"] << 20 | answer["ecn"] << 18
        tlvs.append(tlv(flags, 4, struct.pack(">I", word)))
    if request.get("count"):
        tlvs.append(tlv(flags, 251, report_value(request, answer is not None)))
    return tlvs


def one_open(ours, dice):
    request, answer = random_request(dice), random_answer(dice)
    packet = ours.write(None, request)
    theirs, objects = scapy_read(STAMPSessionSenderTestUnauthenticated, packet)
    assert (theirs.seq, theirs.ssid, theirs.mbz) == (request["sequence"],
                                                     request["ssid"], 0)
    expect_stamp(theirs.ts, request["sent_ns"], packet, 4)
    expect_estimate(theirs.err_estimate, request["error"])
    tlvs = expected_tlvs(request)
    objects = [bytes(one) for one in objects]
    assert objects[:len(tlvs)] == tlvs, (request, objects, tlvs)
    assert all(one[:2] == bytes([U, 1]) for one in objects[len(tlvs):]) and len(
        objects) <= len(tlvs) + 1
    assert len(packet) >= request.get("length", 0)

    reply = ours.answer(None, packet, answer)
    expect(reply, flaw=GOOD, sequence=request["sequence"], sent_ns=request["sent_ns"],
           error=request["error"], ssid=request["ssid"], good=1)
    octets = reply["packet"]
    assert len(octets) == len(packet)
    theirs, objects = scapy_read(STAMPSessionReflectorTestUnauthenticated, octets)
    assert (theirs.seq, theirs.ssid, theirs.seq_sender, theirs.ttl_sender, theirs.mbz1,
            theirs.mbz2) == (answer["sequence"], request["ssid"], request["sequence"],
                             answer["ttl"], 0, 0)
    expect_stamp(theirs.ts, answer["sent_ns"], octets, 4)
    expect_stamp(theirs.ts_rx, answer["received_ns"], octets, 16)
    expect_stamp(theirs.ts_sender, request["sent_ns"], octets, 28)
    expect_estimate(theirs.err_estimate, answer["error"])
    expect_estimate(theirs.err_estimate_sender, request["error"])
    tlvs = expected_tlvs(request, answer)
    assert [bytes(one) for one in objects][:len(tlvs)] == tlvs
    return packet, octets, request, answer


def one_keyed(ours, dice):
    request, answer = random_request(dice), random_answer(dice)
    if request.get("count", 0) > 1000:
        request["count"] = 1000
    base = keyed_request(request)
    packet = ours.write(SECRET, request)
    assert packet[:112] == base, (request, packet.hex(), base.hex())
    tlvs = expected_tlvs(request)
    if tlvs:
        wanted = signed_tlvs(request["sequence"], *tlvs)
        assert packet[112:112 + len(wanted)] == wanted
    reply = ours.answer(SECRET, packet, answer)
    expect(reply, flaw=GOOD, good=1, sequence=request["sequence"],
           sent_ns=request["sent_ns"])
    octets = reply["packet"]
    assert len(octets) == len(packet)
    assert octets[:112] == keyed_reply(request, answer)
    if tlvs:
        wanted = signed_tlvs(answer["sequence"], *expected_tlvs(request, answer), flags=0)
        assert octets[112:112 + len(wanted)] == wanted
    read = ours.read(SECRET, octets, request.get("padding", 0))
    expect(read, flaw=GOOD, sequence=answer["sequence"], ttl=None, altered=0,
           sender_ttl=answer["ttl"], received_ns=answer["received_ns"],
           sent_ns=answer["sent_ns"], sender_sent_ns=request["sent_ns"])


def packets_of_others(ours, dice):
    """What scapy and the layout above build, we read; with TLVs that we do not know."""
    answer = random_answer(dice)
    request = {**random_request(dice), "dscp": 46, "count": 3, "first": 9}
    tlvs = [STAMPTestTLV(flags=U, type=kind, len=len(value), value=value)
            for kind, value in ((2, b"\0" * 4), (4, b"\xb8\0\0\0"), (1, b"xyz"),
                                (251, report_value(request, False)))]
    packet = scapy_request(request, tlvs)
    got = ours.answer(None, packet, answer)
    # scapy's time stamps are floating point: the octets it wrote are compared
    expect(got, flaw=GOOD, sequence=request["sequence"], ssid=request["ssid"], dscp=46,
           first=9, count=3, error=request["error"], **{"class": 1})
    assert abs(got["sent_ns"] - request["sent_ns"]) < 10000
    _, objects = scapy_read(STAMPSessionReflectorTestUnauthenticated, got["packet"])
    assert [one.flags.value for one in objects] == [U, 0, 0, 0], objects

    reply = STAMPSessionReflectorTestUnauthenticated(
        seq=7, ts=seconds(answer["sent_ns"]), err_estimate=estimate(answer["error"]),
        ssid=3, ts_rx=seconds(answer["received_ns"]), seq_sender=8,
        ts_sender=seconds(request["sent_ns"]),
        err_estimate_sender=estimate(request["error"]), ttl_sender=61,
        tlv_objects=[STAMPTestTLV(flags=0, type=4, len=4, value=b"\xba\x25\0\0"),
                     STAMPTestTLV(flags=U, type=251, len=len(b"SFXP\0\x09\0\x01\0"),
                                  value=b"SFXP\0\x09\0\x01\0")])
    got = ours.read(None, bytes(reply))
    expect(got, flaw=GOOD, sequence=7, ssid=3, sender_sequence=8, sender_ttl=61,
           dscp=34, ecn=1, refused=1, ports=b"", error=answer["error"],
           sender_error=request["error"], **{"class": 1})
    assert abs(got["received_ns"] - answer["received_ns"]) < 10000

    base = keyed_request(request)
    good = base + signed_tlvs(request["sequence"], tlv(U, 2, b"\0" * 4),
                              tlv(U, 4, b"\xb8\0\0\0")) + tlv(U, 1, b"abc")
    expect(ours.answer(SECRET, good, answer), flaw=GOOD, good=1, dscp=46)
    wrong = base + signed_tlvs(request["sequence"] ^ 1, tlv(U, 4, b"\xb8\0\0\0"))
    got = ours.answer(SECRET, wrong, answer)
    expect(got, flaw=GOOD, good=0, **{"class": 0})
    assert got["packet"][112] == got["packet"][120] == I
    expect(ours.answer(SECRET, base[:-1] + bytes([base[-1] ^ 1]), answer), flaw=BAD_HMAC)


def tshark(pairs):
    """The same packets through Wireshark's dissector of TWAMP-Test."""
    names = ["seq_number", "timestamp", "error_estimate", "receive_timestamp",
             "sender_seq_number", "sender_timestamp", "sender_error_estimate",
             "sender_ttl"]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "stamp.pcap")
        wrpcap(path, [Ether() / IP(src="192.0.2.1", dst="192.0.2.2") /
                      UDP(sport=4000, dport=862) / request
                      for request, _, _, _ in pairs] +
               [Ether() / IP(src="192.0.2.2", dst="192.0.2.1") /
                UDP(sport=862, dport=4000) / reply for _, reply, _, _ in pairs])
        fields = [word for name in names for word in ("-e", f"twamp.test.{name}")]
        done = subprocess.run(["tshark", "-r", path, "-d", "udp.port==862,twamp.test",
                               "-T", "fields", "-t", "e", *fields],
                              capture_output=True, text=True, check=True,
                              env={**os.environ, "TZ": "UTC", "HOME": folder})
    return [dict(zip(names, line.split("\t"))) for line in done.stdout.splitlines()]


def tshark_agrees(pairs):
    lines = tshark(pairs)
    assert len(lines) == 2 * len(pairs), lines
    for line, (_, _, request, _) in zip(lines, pairs):
        assert int(line["seq_number"], 0) == request["sequence"], line
        assert int(line["error_estimate"], 0) == request["error"], line
        assert f".{request['sent_ns'] % 10**9:09d}"[:6] in line["timestamp"], line
    for line, (_, _, request, answer) in zip(lines[len(pairs):], pairs):
        wanted = (answer["sequence"], answer["error"], request["sequence"],
                  request["error"], answer["ttl"])
        got = tuple(int(line[name], 0) for name in
                    ("seq_number", "error_estimate", "sender_seq_number",
                     "sender_error_estimate", "sender_ttl"))
        assert got == wanted, (line, wanted)
        assert f".{answer['received_ns'] % 10**9:09d}"[:6] in line["receive_timestamp"]


def main():
    dice = random.Random(8762)
    ours = Ours(sys.argv[1])
    pairs = [one_open(ours, dice) for _ in range(200)]
    for _ in range(200):
        one_keyed(ours, dice)
    for _ in range(20):
        packets_of_others(ours, dice)
    ours.close()
    tshark_agrees(pairs)


if __name__ == "__main__":
    main()
