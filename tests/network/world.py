# SPDX-License-Identifier: Apache-2.0
"""The model network with the program in it: what it says, and what tools say."""

import http.client
import json
import os
import signal
import sys

import sandbox
from authority import Authority
from model import PROBER, Failed, Model, wait
from servers import Servers

PORT = 29115

# Without these there is no network to test in.
TOOLS = ("nginx", "unbound", "chronyd", "kamailio", "prosody", "slapd", "turnserver",
         "dig", "curl", "ldapsearch", "openssl", "sipsak", "turnutils_stunclient")

COUNTER = """
add table inet proof
add chain inet proof in {{ type filter hook input priority 0; policy accept; }}
add rule inet proof in {} counter
"""


class World:
    def __init__(self, program):
        self.program = os.path.abspath(program)
        self.model = Model()
        self.authority = None
        self.servers = None
        self.daemon = None

    def __enter__(self):
        self.model.build()
        self.authority = Authority(self.model.path("authority"))
        self.model.trust(self.authority.root)
        self.servers = Servers(self.model, self.authority)
        self.servers.start()
        return self

    def __exit__(self, *failure):
        if failure[0] is not None and self.daemon is not None:
            print(self.model.log("daemon"), file=sys.stderr)
        self.model.__exit__(*failure)

    # Tools

    def tool(self, command, code=None, words=""):
        """A tool must end with this code and say these words: the fault is there."""
        def happened():
            ended, said = self.model.says(PROBER, *command)
            return (code is None or ended == code) and words in said
        wait(f"{' '.join(command)} ends with {code}, says '{words}'", happened, 10)

    def sniff(self, expression, poke):
        """The prober's own nftables must count such a packet while the tool asks.

        Not tcpdump: it gives up its privileges, which it may not in a user namespace.
        """
        self.model.run(PROBER, "nft", "-f", "-", input=COUNTER.format(expression))

        def happened():
            self.model.says(PROBER, *poke)
            counted = self.model.run(PROBER, "nft", "list", "table", "inet", "proof")
            return "counter packets 0 " not in counted
        try:
            wait(f"a packet comes back: {expression}", happened, 5)
        finally:
            self.model.run(PROBER, "nft", "delete table inet proof")

    # The program

    def start_daemon(self, configuration, *arguments, namespace=PROBER, env=None):
        self.daemon = self.model.start(
            "daemon", namespace, self.program, f"--config.file={configuration}",
            f"--web.listen-address=127.0.0.1:{PORT}", *arguments, env=env,
            ready=lambda: self.get("/-/ready", check=False) is not None)

    def stop_daemon(self):
        """It must leave by itself, in time, without complaint."""
        self.daemon.send_signal(signal.SIGTERM)
        code = wait("the daemon leaves", lambda: self.daemon.poll() is not None and
                    str(self.daemon.returncode))
        del self.model.running["daemon"]
        if code != "0":
            raise Failed(f"the daemon ended with {code}: {self.model.log('daemon')}")

    def get(self, path, *more, check=True):
        """What the program answers; `more` are options of curl, which else is not
        asked: processes for each of many looks were most of what a fault cost."""
        if more:
            code, text = self.model.says(PROBER, "curl", "-sS", "--fail", "--max-time",
                                         "5", *more, f"http://127.0.0.1:{PORT}{path}")
        else:
            code, text = self._ask(path)
        if code != 0:
            if check:
                raise Failed(f"GET {path}: {text}")
            return None
        return text

    def _ask(self, path):
        """(0 or not, what was said)"""
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
        try:
            with self.model.within(PROBER):
                connection.connect()
            connection.request("GET", path)
            answer = connection.getresponse()
            text = answer.read().decode()
            return (0, text) if answer.status < 400 else (answer.status, text)
        except (OSError, http.client.HTTPException) as error:
            return -1, str(error)
        finally:
            connection.close()

    def processor_seconds(self):
        with open(f"/proc/{self.daemon.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:13]) / os.sysconf("SC_CLK_TCK")

    def status(self):
        return json.loads(self.get("/api/v1/status"))


def enter():
    """In the sandbox, with all tools; the program is the test's argument."""
    sandbox.enter(*TOOLS)
    return World(sys.argv[1])
