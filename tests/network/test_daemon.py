#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program as a service: start, readiness, reload, faults, commands, end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import sandbox

CATALOGUE = """
features = ( "web" );
variables = ( { name = "pbx"; help = "The PBX."; } );
requirements = ( %s );
"""

ROW = """{ id = "%s"; feature = "web"; direction = "inbound"; vantages = ( "lan" );
severity = "critical"; host = "$pbx"; port = %d; transport = "tcp"; protocol = "HTTP";
probe = "tcp"; interval = "500ms"; confirm_interval = "50ms"; timeout = "400ms";
breaks = { en = "The test fails."; de = "Der Test schlägt fehl."; };
source = "test"; }"""

SITE = 'sites = ( { name = "hq"; pbx = "127.0.0.1"; } );\n'


class Listener:
    """A TCP port that accepts and closes."""

    def __init__(self, port=0):
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


class Files:
    """A configuration of its own."""

    def __init__(self, name, *rows):
        self.folder = os.path.join(sandbox.FOLDER, name)
        os.makedirs(self.folder)
        self.rows(*rows)
        self.write(SITE)

    def path(self, name):
        return os.path.join(self.folder, name)

    def rows(self, *rows):
        rows = ", ".join(ROW % row for row in rows)
        with open(self.path("starface.catalogue"), "w", encoding="utf-8") as file:
            file.write(CATALOGUE % rows)

    def write(self, text):
        self.config = self.path("test.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)


class Daemon:
    """The daemon on a free port, with its log and what it tells systemd."""

    def __init__(self, program, files, *arguments, environment=None, before=(),
                 **more):
        self.log_path = files.path("log")
        self.port = free_port()
        listen = [] if "--web.systemd-socket" in arguments else \
            [f"--web.listen-address=127.0.0.1:{self.port}"]
        with open(self.log_path, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [*before, program, f"--config.file={files.config}", *listen, *arguments],
                stderr=log, env={**os.environ, **(environment or {})}, **more)

    def get(self, path, method="GET", headers=None):
        """(status, body), whatever the status."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}",
                                         method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name, **labels):
        """The value of the series with these labels, None when absent."""
        for line in self.get("/metrics")[1].splitlines():
            if re.match(rf"{name}[{{ ]", line) and all(
                    f'{key}="{value}"' in line for key, value in labels.items()):
                return float(line.rsplit(" ", 1)[1])
        return None

    def log(self):
        with open(self.log_path, encoding="utf-8") as file:
            return file.read()

    def until(self, what, condition, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the daemon ended: {self.log()}"
            try:
                if condition():
                    return
            except urllib.error.URLError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.log()}")

    def ready(self):
        self.until("ready", lambda: self.get("/-/ready")[0] == 200)
        return self

    def state(self, requirement):
        for state in ("ok", "degraded", "failed", "unknown"):
            if self.metric("starface_requirement_state", requirement=requirement,
                           state=state) == 1:
                return state
        return None

    def end(self, number=signal.SIGTERM):
        begun = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=10)
        assert time.monotonic() - begun < 5, "SIGTERM took longer than 5 s"
        return status


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True,
                          timeout=60, check=False)


def states_are_logged_once(program):
    web = Listener()
    files = Files("states", ("web", web.port))
    daemon = Daemon(program, files).ready()
    daemon.until("ok", lambda: daemon.state("web") == "ok")
    port = web.port
    web.close()
    daemon.until("failed", lambda: daemon.state("web") == "failed")
    assert daemon.metric("starface_check_cause", requirement="web",
                         cause="refused") == 1
    runs = daemon.metric("starface_check_runs_total", requirement="web")
    daemon.until("more runs", lambda: daemon.metric(
        "starface_check_runs_total", requirement="web") > runs + 3)
    web = Listener(port)
    daemon.until("ok again", lambda: daemon.state("web") == "ok")
    assert daemon.end() == 0
    changes = [line for line in daemon.log().splitlines() if "state changed" in line]
    after = [re.search(r"after=(\w+)", line)[1] for line in changes]
    assert after == ["ok", "failed", "ok"], daemon.log()
    assert "cause=refused" in changes[1] and "TCP reset" in changes[1], changes[1]
    web.close()


FAULTY = [
    ('sites = ( { nane = "hq"; } );\n', "nane"),
    ('sites = ( { name = "hq"; pbx = "127.0.0.1" \n', "syntax"),
    ('@include "."\n' + SITE, "directory"),
    ('/* never closed\n' + SITE, "comment"),
    ('in_flight = 5000000000;\n' + SITE, "in_flight"),
]


def reload_keeps_the_old_on_any_fault(program):
    web = Listener()
    files = Files("reload", ("web", web.port))
    daemon = Daemon(program, files).ready()
    daemon.until("ok", lambda: daemon.state("web") == "ok")
    for text, word in FAULTY:
        files.write(text)
        status, body = daemon.get("/-/reload", "POST")
        assert status == 500 and word in body, (text, status, body)
        assert daemon.metric("starface_exporter_config_last_reload_successful") == 0
        assert daemon.state("web") == "ok", "the old configuration was lost"
    files.write(SITE)
    runs = daemon.metric("starface_check_runs_total", requirement="web")
    files.rows(("web", web.port), ("second", web.port))
    assert daemon.get("/-/reload", "POST")[0] == 200
    assert daemon.metric("starface_exporter_config_last_reload_successful") == 1
    assert daemon.metric("starface_check_runs_total", requirement="web") >= runs, \
        "the results of an unchanged check were lost"
    daemon.until("the new row", lambda: daemon.state("second") == "ok")
    assert daemon.get("/-/reload")[0] == 405
    assert daemon.end() == 0
    web.close()


def hangups_in_a_row(program):
    web = Listener()
    files = Files("hangups", *[(f"row-{i}", web.port) for i in range(20)])
    daemon = Daemon(program, files).ready()
    for _ in range(40):
        daemon.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    files.rows(("last", web.port))
    daemon.process.send_signal(signal.SIGHUP)
    daemon.until("the last one counts", lambda: daemon.state("last") == "ok")
    assert daemon.state("row-0") is None
    assert daemon.end(signal.SIGINT) == 0
    web.close()


def speaks_to_systemd(program):
    web = Listener()
    files = Files("systemd", ("web", web.port))
    path = files.path("notify")
    told = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(10)
        daemon = Daemon(program, files, environment={
            "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})

        def await_word(word):
            while not any(word in one for one in told):
                told.append(listener.recv(4096).decode())

        await_word("READY=1")
        assert daemon.get("/-/ready")[0] == 200, "READY before it was ready"
        await_word("WATCHDOG=1")
        await_word("STATUS=")
        del told[:]
        begun = time.monotonic()
        for _ in range(3):
            del told[:]
            await_word("WATCHDOG=1")
        assert time.monotonic() - begun < 2, "fed less than twice in its period"
        daemon.process.send_signal(signal.SIGHUP)
        await_word("RELOADING=1")
        await_word("READY=1")
        daemon.process.send_signal(signal.SIGTERM)
        await_word("STOPPING=1")
        assert daemon.process.wait(timeout=5) == 0
    web.close()


def takes_sockets_from_systemd(program):
    files = Files("activation", ("web", 9))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # exec keeps the process number, which LISTEN_PID must name
        script = f"exec 3<&{listener.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; " \
            'exec "$@"'
        daemon = Daemon(program, files, "--web.systemd-socket",
                        before=["bash", "-c", script, "bash"],
                        pass_fds=[listener.fileno()])
        daemon.port = listener.getsockname()[1]
        daemon.ready()
        assert daemon.end() == 0
    alone = run(program, f"--config.file={files.config}", "--web.systemd-socket")
    assert alone.returncode == 1 and "systemd handed over no socket" in alone.stderr


def says_why_it_cannot_start(program):
    files = Files("start", ("web", 9))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(program, f"--config.file={files.config}",
                   f"--web.listen-address=127.0.0.1:{port}")
    assert done.returncode == 1 and f"127.0.0.1:{port}" in done.stderr, done
    files.write('sites = ( { nane = "hq"; } );\nfoo = 1;\n')
    for arguments in ([], ["--config.check"], ["check"]):
        done = run(program, f"--config.file={files.config}", *arguments)
        assert done.returncode in (1, 3) and done.stdout == "", done
        assert "test.conf:1: " in done.stderr and "test.conf:2: foo: " in done.stderr, \
            done.stderr
    files.write(SITE)
    done = run(program, f"--config.file={files.config}", "--config.check")
    assert done.returncode == 0 and "valid" in done.stdout, done
    assert run(program, "--no-such-flag").returncode == 3
    assert run(program, "--help").stdout.startswith("usage: starface-exporter")
    assert re.match(r"starface-exporter, version \d", run(program, "--version").stdout)


def survives_the_end_of_its_trial_child(program):
    """A child that is killed is a fault; a signal to it is none of the daemon's."""
    files = Files("trial", ("web", 9))
    daemon = Daemon(program, files).ready()
    # one fault a row makes the child busy for long enough to be caught
    files.rows(*[(f"row-{i % 7}", 9) for i in range(3000)])
    for number in (signal.SIGTERM, signal.SIGKILL):
        answer = []
        asked = threading.Thread(
            target=lambda: answer.append(daemon.get("/-/reload", "POST")))
        asked.start()
        path = f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children"
        child = 0
        while asked.is_alive() and not child:
            with open(path, encoding="ascii") as file:
                child = int((file.read().split() or ["0"])[0])
        assert child, "no child was seen"
        os.kill(child, number)
        asked.join()
        status, body = answer[0]
        assert status == 500 and f"ended by {number.name}" in body, (status, body)
    assert daemon.process.poll() is None and daemon.get("/-/ready")[0] == 200
    assert daemon.end() == 0


def logs_as_json(program):
    files = Files("json", ("web", 9))
    daemon = Daemon(program, files, "--log.format=json", "--log.level=debug").ready()
    assert daemon.end() == 0
    lines = [json.loads(line) for line in daemon.log().splitlines()]
    assert lines and all({"time", "level", "msg"} <= set(line) for line in lines)


def checks_once(program):
    web = Listener()
    files = Files("check", ("good", web.port), ("bad", free_port()))
    config = f"--config.file={files.config}"
    done = run(program, "check", config)
    assert done.returncode == 2 and "refused" in done.stdout, done
    assert max(map(len, done.stdout.splitlines())) <= 100, "wider than 100 columns"
    done = run(program, "check", config, "--requirement=good")
    assert done.returncode == 0 and "bad" not in done.stdout, done
    status = json.loads(run(program, "check", config, "--output=json").stdout)
    rows = {row["id"]: row for row in status["sites"][0]["requirements"]}
    assert rows["good"]["verdict"] == "ok" and rows["bad"]["cause"] == "refused"
    assert all(check["runs"] == 1 for row in rows.values() for check in row["checks"])
    done = run(program, "check", config, "--output=nagios")
    assert done.returncode == 2 and "|" in done.stdout.splitlines()[0], done
    done = run(program, "check", config, "--requirement=nothing")
    assert done.returncode == 3 and "nothing" in done.stderr, done
    nothing = run(program, "check", config, "--requirement=good", "--site=hq")
    assert nothing.returncode == 0
    files.write('sites = ( { name = "hq"; } );\n')
    done = run(program, "check", config)
    assert done.returncode == 3 and "not-configured" in done.stdout, done
    web.close()


TESTS = [states_are_logged_once, reload_keeps_the_old_on_any_fault, hangups_in_a_row,
         speaks_to_systemd, takes_sockets_from_systemd, says_why_it_cannot_start,
         survives_the_end_of_its_trial_child, logs_as_json, checks_once]


def main():
    sandbox.enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for test in TESTS:
        test(sys.argv[1])
        print(f"ok {test.__name__}", flush=True)


if __name__ == "__main__":
    main()
