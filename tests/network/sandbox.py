# SPDX-License-Identifier: Apache-2.0
"""A private machine for one test: own network, mounts and process numbers.

The kernel takes all of it down when the test's first process ends, however it ends, so
nothing is left behind and two runs do not meet. Without root it is a user namespace.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys

INSIDE = "STARFACE_SANDBOX"
FOLDER = "/run/model"
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
SKIPPED = 77  # meson's exit code for a test that was skipped

UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child",
           "--mount-proc"]
USER = ["--user", "--map-root-user"]


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def command():
    return UNSHARE + (USER if os.geteuid() != 0 else [])


def _why_not():
    """Why this machine lets us make no network, or None."""
    done = subprocess.run([*command(), "ip", "link", "add", "v0", "type", "veth"],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    who = "root" if os.geteuid() == 0 else "an unprivileged user"
    return f"{who} may make no network namespace here: {done.stderr.strip()}"


def _mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def replace(path, text):
    """Shows another text at this path, to this sandbox only."""
    real = os.path.realpath(path)
    if real.startswith("/run/"):
        os.makedirs(os.path.dirname(real), exist_ok=True)
        with open(real, "w", encoding="utf-8") as file:
            file.write(text)
        return
    source = os.path.join(FOLDER, path.strip("/").replace("/", "-"))
    with open(source, "w", encoding="utf-8") as file:
        file.write(text)
    _mount("--bind", source, real)


def replace_folder(path):
    """Shows an empty folder at this path, to this sandbox only."""
    _mount("-t", "tmpfs", "tmpfs", path)


def _outside():
    """Runs this program again in the sandbox, and ends it when this one is ended."""
    libc = ctypes.CDLL(None)
    process = subprocess.Popen(
        [*command(), sys.executable, *sys.argv],
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))

    def end(number, _):
        # unshare itself ignores the polite signals; its death takes the rest along.
        process.kill()
        os._exit(128 + number)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return process.wait()


def enter(*tools):
    """Goes on in a sandbox, or ends the test as skipped and says why."""
    if os.environ.get(INSIDE) != "1":
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        missing = [tool for tool in ("ip", "nft", "unshare", *tools)
                   if not shutil.which(tool)]
        why = f"not installed: {' '.join(missing)}" if missing else _why_not()
        if why:
            skip(why)
        os.environ[INSIDE] = "1"
        sys.exit(_outside())
    replace_folder("/run")
    os.makedirs("/run/netns")
    os.makedirs(FOLDER)
