# SPDX-License-Identifier: Apache-2.0
"""A certificate authority of the test's own: good certificates, and ways to be bad."""

import datetime
import os
import subprocess

CONFIGURATION = """
[ca]
default_ca = authority
[authority]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = anything
copy_extensions = copy
[anything]
commonName = supplied
"""

ISSUER = "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n" \
    "subjectKeyIdentifier=hash\n"
LEAF = "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n" \
    "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" \
    "authorityInfoAccess=caIssuers;URI:http://authority.example.com/issuer.crt\n" \
    "subjectAltName={names}\n"

# kind: (issuer, valid from and until in days from now, the issuer's chain is sent)
KINDS = {
    "good": ("middle", -30, 365, True),
    "expired": ("middle", -90, -2, True),
    "not-yet-valid": ("middle", 2, 90, True),
    "expiring-soon": ("middle", -80, 5, True),
    "wrong-host": ("middle", -30, 365, True),
    "incomplete-chain": ("middle", -30, 365, False),
    "untrusted": ("stranger", -30, 365, True),
    "self-signed": (None, -30, 365, False),
    "weak-key": ("middle", -30, 365, True),
    "weak-signature": ("middle", -30, 365, True),
    "expired-issuer": ("old", -30, 365, True),
    "revoked": ("middle", -30, 365, True),
}


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def day(offset):
    moment = datetime.datetime.now(datetime.timezone.utc)
    return (moment + datetime.timedelta(days=offset)).strftime("%Y%m%d%H%M%SZ")


class Authority:
    """Roots `root` (to be trusted) and `stranger` (not), and `middle` under `root`."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        self._write("index.txt", "")
        self._write("ca.cnf", CONFIGURATION.format(folder=folder))
        for name in ("root", "stranger"):
            self._issue(name, f"Test {name}", None, (-400, 400), ISSUER)
        self._issue("middle", "Test intermediate", "root", (-400, 400), ISSUER)
        self._issue("old", "Test old intermediate", "root", (-400, -2), ISSUER)

    def path(self, name):
        return os.path.join(self.folder, name)

    @property
    def root(self):
        """What a client must trust."""
        return self.path("root.crt")

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def _issue(self, name, common_name, issuer, days, extensions, weak=""):
        kind = ["-newkey", "rsa:1024"] if weak == "key" \
            else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("req", "-new", *kind, "-nodes", "-keyout", self.path(f"{name}.key"),
                "-out", self.path(f"{name}.csr"), "-subj", f"/CN={common_name}")
        self._write(f"{name}.ext", extensions)
        signer = ["-selfsign", "-keyfile", self.path(f"{name}.key")] if issuer is None \
            else ["-cert", self.path(f"{issuer}.crt"),
                  "-keyfile", self.path(f"{issuer}.key")]
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.cnf"), *signer,
                "-startdate", day(days[0]), "-enddate", day(days[1]),
                "-extfile", self.path(f"{name}.ext"),
                "-md", "sha1" if weak == "signature" else "sha256",
                "-in", self.path(f"{name}.csr"), "-out", self.path(f"{name}.crt"))

    def certificate(self, host, kind="good"):
        """(chain file, key file) of a server of this name; made once."""
        issuer, start, end, send_chain = KINDS[kind]
        name = f"{host}-{kind}"
        chain = self.path(f"{name}.pem")
        if not os.path.exists(chain):
            shown = "elsewhere.example" if kind == "wrong-host" else host
            names = f"IP:{shown}" if shown[-1].isdigit() else f"DNS:{shown}"
            self._issue(name, shown, issuer, (start, end), LEAF.format(names=names),
                        kind.partition("weak-")[2])
            parts = [name] + ([issuer] if send_chain and issuer != "root" else [])
            self._write(f"{name}.pem", "".join(self._read(f"{part}.crt")
                                               for part in parts))
        return chain, self.path(f"{name}.key")

    def staple(self, host):
        """An OCSP response of the issuer's that calls the "revoked" certificate so."""
        self.certificate(host, "revoked")
        name = self.path(f"{host}-revoked")
        issuer = self.path("middle.crt")
        if not os.path.exists(f"{name}.ocsp"):
            openssl("ca", "-config", self.path("ca.cnf"), "-revoke", f"{name}.crt",
                    "-cert", issuer, "-keyfile", self.path("middle.key"))
            openssl("ocsp", "-index", self.path("index.txt"), "-CA", issuer,
                    "-rsigner", issuer, "-rkey", self.path("middle.key"),
                    "-issuer", issuer, "-cert", f"{name}.crt", "-ndays", "7",
                    "-respout", f"{name}.ocsp")
        return f"{name}.ocsp"

    def _read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()
