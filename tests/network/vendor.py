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
ROW_ID = re.compile(r'^\s*id = "([^"]+)";', re.MULTILINE)


def every_row():
    with open(CATALOGUE, encoding="utf-8") as file:
        return ROW_ID.findall(file.read())


def full_configuration(net, **settings):
    """The shipped file with this site's hosts; every row with these settings besides."""
    with open(os.path.join(CONF, "starface-exporter.conf"), encoding="utf-8") as file:
        text = file.read()
    for name, value in SITE.items():
        text = re.sub(rf"^(\s*)#?{name} = [^;]*;", rf'\g<1>{name} = "{value}";', text,
                      count=1, flags=re.MULTILINE)
    more = " ".join(f'{key} = "{value}";' for key, value in settings.items())
    rows = ",\n".join(f'\t{{ id = "{row}"; {more} }}' for row in every_row())
    return net.model.write("full.conf", f'{text}\ncatalogue = "{CATALOGUE}";\n'
                           f'ca_file = "{net.authority.root}";\n'
                           f"requirements = (\n{rows}\n);\n")
