# SPDX-License-Identifier: Apache-2.0
"""The one table of all faults, by group, in the order of the layers."""

from dataclasses import dataclass

import faults_common
import faults_harmless
import faults_names
import faults_own
import faults_path
import faults_sip
import faults_talk
import faults_web
from rows import QUICK, Pace

# As usual configurations are, only more often: a lost packet is no alarm.
USUAL = Pace("3s", "3s", "1s", confirm=2)


@dataclass(frozen=True)
class Group:
    title: str
    faults: list
    pace: Pace = QUICK


GROUPS = [
    Group("Path", faults_path.PATH),
    Group("The prober's own host", faults_own.OWN),
    Group("Names", faults_names.DNS),
    Group("TLS", faults_web.TLS),
    Group("HTTP", faults_web.HTTP),
    Group("Time", faults_names.NTP),
    Group("SIP", faults_sip.SIP),
    Group("XMPP", faults_talk.XMPP),
    Group("LDAP", faults_talk.LDAP),
    Group("STUN and NAT", faults_talk.STUN),
    Group("Common causes", faults_common.COMMON),
    Group("No faults: nothing may be said to be wrong", faults_harmless.HARMLESS, USUAL),
]

FAULTS = {fault.name: (fault, group) for group in GROUPS for fault in group.faults}
assert len(FAULTS) == sum(len(group.faults) for group in GROUPS), "two of one name"
