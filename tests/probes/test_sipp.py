#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind sip against sipp: every class of answers, late, and from another port; and
our request before the eyes of others: tshark and sipp itself."""

import contextlib
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading

from asking import ask, expect, network, until

import sandbox

PORT = 5060

SCENARIO = """<?xml version="1.0" encoding="us-ascii"?>
<scenario name="answers">
  <recv request="OPTIONS" crlf="true">
    <action>
      <ereg regexp="^[0-9a-f]+@127\\.0\\.0\\.1:[0-9]+$" search_in="hdr" header="Call-ID:"
            check_it="true" assign_to="1"/>
      <ereg regexp="SIP/2.0/(UDP|TCP) 127.0.0.1:[0-9]+;branch=z9hG4bK[0-9a-f]+;rport$"
            search_in="hdr" header="Via:" check_it="true" assign_to="2,3"/>
      <ereg regexp="^[0-9]+ OPTIONS$" search_in="hdr" header="CSeq:" check_it="true"
            assign_to="4"/>
      <ereg regexp="^0$" search_in="hdr" header="Content-Length:" check_it="true"
            assign_to="5"/>
    </action>
  </recv>
  <Reference variables="1,2,3,4,5"/>
{answers}
</scenario>
"""

PAUSE = '  <pause milliseconds="{0}"/>\n'
ANSWER = """  <send>
    <![CDATA[
      SIP/2.0 {0}
      [last_Via:]
      [last_From:]
      [last_To:];tag=[call_number]
      [last_Call-ID:]
      [last_CSeq:]
      Server: sipp
      Allow: INVITE, ACK
      Allow: OPTIONS
      Content-Length: 0

    ]]>
  </send>
"""


def listening(port=PORT):
    done = subprocess.run(["ss", "-Hltun", f"sport = :{port}"], capture_output=True,
                          text=True, check=True)
    return bool(done.stdout)


@contextlib.contextmanager
def sipp(*steps, way="udp", port=PORT):
    """Answers each request by these steps: a pause in ms, or a status and reason."""
    path = os.path.join(sandbox.FOLDER, "scenario.xml")
    answers = "".join((PAUSE if isinstance(step, int) else ANSWER).format(step)
                      for step in steps)
    with open(path, "w", encoding="utf-8") as file:
        file.write(SCENARIO.format(answers=answers))
    command = ["sipp", "-sf", path, "-i", "127.0.0.1", "-p", str(port), "-nostdin",
               "-t", "t1" if way == "tcp" else "u1"]
    with subprocess.Popen(command, cwd=sandbox.FOLDER, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: listening(port), "sipp listens")
            yield
        finally:
            process.kill()
    until(lambda: not listening(port), "sipp is gone")


def asked(way, *options, **more):
    return ask("sip", "127.0.0.1", PORT, "transport", way, *options, **more)


def classes():
    """One answer of each class; sipp has looked at the request before."""
    for way in ("udp", "tcp"):
        for answer, verdict in (("200 OK", "ok"), ("302 Moved Temporarily", "ok"),
                                ("404 Not Found", "ok"),
                                ("500 Server Internal Error", "degraded"),
                                ("606 Not Acceptable", "degraded")):
            status = int(answer.split()[0])
            with sipp(answer, way=way):
                expect(asked(way), verdict=verdict, evidence="sip-status", code=status,
                       cause="none" if verdict == "ok" else "sip-status",
                       sip_status_code=status, sip_allowed_methods=3,
                       sip_mismatches=0, sip_rewritten_fields=0,
                       detail=f"{answer[4:]}, sipp")


def provisional():
    for way in ("udp", "tcp"):
        with sipp("100 Trying", "183 Session Progress", way=way):
            expect(asked(way, timeout_ms=400), verdict="failed", cause="sip-no-final",
                   sip_provisional_responses=2, sip_status_code=None)
        with sipp("100 Trying", 100, "200 OK", way=way):
            expect(asked(way), verdict="ok", sip_provisional_responses=1,
                   sip_status_code=200)


def late():
    """Timer E has struck before the answer; and one that is too late for us."""
    with sipp(800, "200 OK"):
        expect(asked("udp"), verdict="ok", retransmissions=1, sip_mismatches=0)
    with sipp(800, "200 OK"):
        expect(asked("udp", "repeat_after", "0s"), verdict="ok", retransmissions=0)
    with sipp(800, "200 OK"):
        expect(asked("udp", timeout_ms=300), verdict="failed", cause="timeout",
               sip_status_code=None)


# Stateless, so that nothing puts the port of the answer right.
ELSEWHERE = """
table ip shift {
	chain in {
		type filter hook prerouting priority raw;
		udp dport 5060 udp dport set 6060 notrack
	}
	chain out {
		type filter hook output priority raw;
		udp sport 6060 notrack
	}
}
"""


def elsewhere():
    subprocess.run(["nft", "-f", "-"], input=ELSEWHERE, text=True, check=True)
    with sipp("200 OK", port=6060):
        expect(asked("udp", timeout_ms=400), verdict="failed", cause="wrong-source",
               offender="127.0.0.1", detail="port 6060", stray_datagrams=1,
               sip_status_code=None)
    subprocess.run(["nft", "flush", "ruleset"], check=True)


def request_by(way, *options):
    """What we send, caught by a socket that never answers."""
    kind = socket.SOCK_STREAM if way == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as server:
        server.bind(("127.0.0.1", PORT))
        if way == "tcp":
            server.listen()
        asking = threading.Thread(target=asked, args=(way, *options),
                                  kwargs={"timeout_ms": 300})
        asking.start()
        peer = server.accept()[0] if way == "tcp" else server
        words = peer.recv(4096)
        asking.join()
        if way == "tcp":
            peer.close()
        return words


def dissected(words):
    """tshark's reading of one datagram to port 5060."""
    udp = struct.pack("!HHHH", 40000, PORT, 8 + len(words), 0) + words
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       bytes((127, 0, 0, 1)), bytes((127, 0, 0, 1)))
    path = os.path.join(sandbox.FOLDER, "request.pcap")
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        file.write(struct.pack("<IIII", 0, 0, len(head + udp), len(head + udp)))
        file.write(head + udp)
    done = subprocess.run(["tshark", "-n", "-r", path, "-V"], capture_output=True,
                          text=True, check=True)
    return done.stdout


def well_formed():
    words = request_by("udp", "user", "200")
    assert words.endswith(b"\r\n\r\n") and len(words) < 1232, words
    text = words.decode("ascii")
    names = re.findall(r"^([A-Za-z-]+): ", text, re.M)
    assert names == ["Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Contact",
                     "Accept", "User-Agent", "Content-Length"], names
    assert text.startswith("OPTIONS sip:200@127.0.0.1:5060 SIP/2.0\r\n"), text
    assert "User-Agent: starface-exporter/" in text, text
    other = request_by("tcp").decode("ascii")
    secrets = [set(re.findall(r"[0-9a-f]{16}", side)) for side in (text, other)]
    assert [len(side) for side in secrets] == [3, 3] and not secrets[0] & secrets[1]
    if not shutil.which("tshark"):
        print("   without tshark")
        return
    shown = dissected(words)
    for part in ("Session Initiation Protocol (OPTIONS)", "Method: OPTIONS",
                 "Transport: UDP", "Sent-by Address: 127.0.0.1", "RPort: rport",
                 "Max-Forwards: 70", "Sequence Number: ", "Content-Length: 0"):
        assert part in shown, (part, shown)
    assert "Malformed" not in shown and "Expert Info" not in shown, shown
    # and it would have found fault with less
    spoilt = dissected(words.replace(b"Content-Length: 0", b"Content-Length 0"))
    assert "Malformed" in spoilt, spoilt


def main():
    sandbox.enter("sipp", "ss")
    network("link set lo up")
    for step in (classes, provisional, late, elsewhere, well_formed):
        step()
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
