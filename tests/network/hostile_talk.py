# SPDX-License-Identifier: Apache-2.0
"""What hostile partners do on a TCP connection."""

import asyncio

import hostile_words as words

STREAM = words.STRANGERS["xmpp"].decode()
FEATURES = "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'>" \
    "<required/></starttls></stream:features>"
BARE = "<stream:features></stream:features>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>"
ERROR = "<stream:error><{} xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{}</{}>" \
    "</stream:error></stream:stream>"
BOMB = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" \
    "<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"


def xmpp_error(name, text=""):
    return STREAM + ERROR.format(name, text, name)


# how: what is said to the opening of the stream, to <starttls/>, and after <proceed/>
XMPP = {
    "no-starttls": (STREAM + BARE,),
    "stream-error": (xmpp_error("internal-server-error"),),
    "see-other-host": (xmpp_error("see-other-host", "other.example.com:5222"),),
    "starttls-failure": (STREAM + FEATURES, FAILURE),
    "doctype": (BOMB + STREAM + FEATURES,),
    "not-xml": ("<?xml version='1.0'?><<<>>>",),
    "not-a-stream": ("<?xml version='1.0'?><html><body>Hello</body></html>",),
    "no-features": (STREAM,),
    "no-tls": (STREAM + FEATURES, PROCEED, "this is no TLS" * 4),
    "closes-at-starttls": (STREAM + FEATURES, None),
    "injects": (STREAM + FEATURES, PROCEED + "<message>hello</message>"),
}

HTTP = {
    "truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort",
    "framing": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzebra\r\n",
    "two-lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n"
                   b"Content-Length: 5\r\n\r\nabc",
}

# LDAP, RFC 4511: the result of a search, and of an extended operation
DONE, EXTENDED = 0x65, 0x78


def ldap_result(message, operation, code, more=b""):
    result = bytes([10, 1, code, 4, 0, 4, 0]) + more
    body = bytes([2, 1, message & 0x7F, operation, len(result)]) + result
    return bytes([0x30, len(body)]) + body


def ldap_asked(data):
    """(message id, operation) of a request with a short form of length; (0, 0) if not."""
    if len(data) < 7 or data[0] != 0x30:
        return 0, 0
    at = 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    length = data[at + 1]
    return int.from_bytes(data[at + 2:at + 2 + length], "big"), data[at + 2 + length]


def ldap(how, data):
    message, operation = ldap_asked(data)
    answer = EXTENDED if operation == 0x77 else 0x61 if operation == 0x60 else DONE
    if how == "bad-id":
        return ldap_result(message + 5, answer, 0)
    if how == "length":
        return b"\x30\x84\x7f\xff\xff\xff" + ldap_result(message, answer, 0)
    if how == "indefinite":
        return b"\x30\x80" + ldap_result(message, answer, 0)[2:]
    if how == "notice":  # of disconnection: message 0, "unavailable"
        return ldap_result(0, EXTENDED, 52, b"\x8a\x161.3.6.1.4.1.1466.20036")
    if how == "other-operation":
        return ldap_result(message, 0x6B, 0)
    return ldap_result(message, answer, int(how) if how.isdigit() else 0)


async def drip(reader, writer, data, pause=0.2):
    """One octet at a time, for as long as the other end listens."""
    while not reader.at_eof():
        for octet in data:
            writer.write(bytes([octet]))
            await asyncio.sleep(pause)
            if reader.at_eof():
                return


async def flood(reader, writer, data):
    while not reader.at_eof():
        writer.write(data)
        await writer.drain()
        await asyncio.sleep(0)


async def quiet(reader):
    while await reader.read(4096):
        pass


async def xmpp(how, reader, writer):
    if how == "endless":
        writer.write(STREAM.encode())
        await flood(reader, writer, b"<x>" + b"y" * 4000 + b"</x>")
        return
    for said in XMPP[how]:
        await reader.read(4096)
        if said is None:
            return
        writer.write(said.encode())
    await quiet(reader)


async def http(how, reader, writer):
    await reader.read(4096)
    if how == "drip":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        await drip(reader, writer, b".")
    elif how == "endless":
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await flood(reader, writer, b"X-Header: " + b"x" * 4000 + b"\r\n")
    else:
        writer.write(HTTP[how])


async def sip(how, reader, writer):
    data = await reader.read(4096)
    if how == "endless":
        writer.write(b"SIP/2.0 200 OK\r\n")
        await flood(reader, writer, b"X-Header: " + b"x" * 4000 + b"\r\n")
    elif how == "pong":  # RFC 5626: keep-alives come before the answer
        writer.write(b"\r\n\r\n")
        how = "200"
    for answer, wait in words.sip(how, data, writer.get_extra_info("peername")):
        await asyncio.sleep(wait)
        if how == "pieces":
            await drip_once(writer, answer)
        else:
            writer.write(answer)
    await quiet(reader)


async def drip_once(writer, data):
    for at in range(0, len(data), 7):
        writer.write(data[at:at + 7])
        await writer.drain()
        await asyncio.sleep(0.001)


async def dns(how, reader, writer):
    head = await reader.readexactly(2)
    question = await reader.readexactly(int.from_bytes(head, "big"))
    how = {"malformed": "garbage"}.get(how, how)
    for answer, wait in words.dns(how, question):
        await asyncio.sleep(wait)
        writer.write(len(answer).to_bytes(2, "big") + answer)
    await quiet(reader)


async def any_protocol(how, reader, writer):
    """What can be done on any port, whatever it is for."""
    if how == "silent":
        await quiet(reader)
    elif how in ("close", "reset"):
        await reader.read(1 if how == "reset" else 4096)
    elif how == "close-at-once":
        return
    elif how == "drip":
        await drip(reader, writer, words.NOISE)
    elif how == "endless":
        await flood(reader, writer, words.NOISE * 64)
    else:
        writer.write(words.STRANGERS[how])
        await reader.read(4096)


TALKS = {"http": http, "ldap": None, "sip": sip, "xmpp": xmpp, "dns": dns}
ANY = {"silent", "close", "reset", "close-at-once", *words.STRANGERS}


async def talk(protocol, how, reader, writer):
    if protocol == "any" or how in ANY:
        await any_protocol(how, reader, writer)
    elif protocol == "ldap":
        while data := await reader.read(4096):
            writer.write(ldap(how, data))
    else:
        await TALKS[protocol](how, reader, writer)
