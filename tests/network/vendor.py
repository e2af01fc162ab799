# SPDX-License-Identifier: Apache-2.0
"""The configuration as it ships, for a site that has all the model network serves."""

import os
import re

from model import PBX_NAME

HERE = os.path.dirname(os.path.abspath(__file__))
CONF = os.path.join(HERE, "..", "..", "conf")
CATALOGUE = os.path.abspath(os.path.join(CONF, "starface.catalogue"))

SITE = {
    "pbx": PBX_NAME, "ldap": PBX_NAME, "ldaps": PBX_NAME, "federation": PBX_NAME,
    "mobile_hosts": "meeting.starface-neon.com:443", "stun": "stun.example.com",
    "neon_hosts": "meeting.starface-neon.com:443",
    "connect_addresses": "cluster.starface-connect.com:443",
}
ROW = re.compile(r'^    \{\n\s*id = "([^"]+)";(.*?)^    \}', re.MULTILINE | re.DOTALL)
TIMEOUT = re.compile(r'timeout = "(\d+)s"')


def every_row():
    """Each row's id, with how many seconds a run of it may take."""
    with open(CATALOGUE, encoding="utf-8") as file:
        for row, keys in ROW.findall(file.read()):
            timeout = TIMEOUT.search(keys)
            yield row, int(timeout[1]) if timeout else 5


def row_text(row, timeout, interval, settings):
    """No run may be due before the one before can be over."""
    every = {"interval": f"{max(interval, timeout)}s"} if interval else {}
    keys = " ".join(f'{key} = "{value}";' for key, value in {**every, **settings}.items())
    return f'\t{{ id = "{row}"; {keys} }}'


def full_configuration(net, interval=0, **settings):
    """The shipped file with this site's hosts, every row as often and with these keys."""
    with open(os.path.join(CONF, "starface-exporter.conf"), encoding="utf-8") as file:
        text = file.read()
    for name, value in SITE.items():
        text = re.sub(rf"^(\s*)#?{name} = [^;]*;", rf'\g<1>{name} = "{value}";', text,
                      count=1, flags=re.MULTILINE)
    rows = ",\n".join(row_text(row, timeout, interval, settings)
                      for row, timeout in every_row())
    return net.model.write("full.conf", f'{text}\ncatalogue = "{CATALOGUE}";\n'
                           f'ca_file = "{net.authority.root}";\n'
                           f"requirements = (\n{rows}\n);\n")
