#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs a program in a network of its own: prober - firewall - nobody, where the firewall
# refuses in a way of its own at each port. Nothing is left behind: the namespaces live
# only as long as the processes in them.
#   stream_refused.sh PROGRAM [ARGUMENT …]
set -euo pipefail

skip() {
	echo "skipped: $*"
	exit 77
}

PATH=$PATH:/usr/sbin:/sbin

if [[ ${1-} != --inside ]]; then
	for tool in ip nft unshare nsenter; do
		command -v "$tool" >/dev/null || skip "there is no $tool here"
	done
	if unshare --net true 2>/dev/null; then
		exec unshare --net "$0" --inside "$@"
	fi
	unshare --user --map-root-user --net true 2>/dev/null ||
		skip "neither root nor unprivileged user namespaces are allowed here"
	exec unshare --user --map-root-user --net "$0" --inside "$@"
fi
shift

unshare --net sleep 60 &
firewall=$!
trap 'kill "$firewall"' EXIT

behind() {
	nsenter --target "$firewall" --net "$@"
}

# the child has its own namespace only a moment after it was born
for _ in {1..100}; do
	there=$(readlink "/proc/$firewall/ns/net")
	[[ $there != $(readlink /proc/self/ns/net) ]] && break
	sleep 0.01
done

# duplicate address detection would keep IPv6 silent for two seconds
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
behind bash -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad'
ip link set lo up
ip link add prober0 type veth peer name firewall0 netns "$firewall" 2>/dev/null ||
	skip "no veth devices here"
ip address add 192.0.2.2/24 dev prober0
ip address add 2001:db8:1::2/64 dev prober0 nodad
ip link set prober0 up
behind ip link set lo up
behind ip address add 192.0.2.1/24 dev firewall0
behind ip address add 2001:db8:1::1/64 dev firewall0 nodad
behind ip link set firewall0 up
# a way on, so that packets reach the forward chain; nobody lives there
behind ip link add onward0 type veth peer name onward1
behind ip link set onward0 up
behind ip link set onward1 up
behind ip address add 198.51.100.1/24 dev onward0
behind ip address add 2001:db8:2::1/64 dev onward0 nodad
ip route add 198.51.100.0/24 via 192.0.2.1
ip route add 2001:db8:2::/64 via 2001:db8:1::1
behind bash -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
	# else the seventh refusal is silence
	echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
	echo 0 >/proc/sys/net/ipv6/icmp/ratelimit'

behind nft -f - <<'RULES' || skip "nftables does not work here"
table inet firewall {
	chain forward {
		type filter hook forward priority 0; policy drop;
		meta nfproto ipv4 tcp dport 1001 reject with icmp admin-prohibited
		meta nfproto ipv4 tcp dport 1002 reject with icmp port-unreachable
		meta nfproto ipv4 tcp dport 1003 reject with icmp net-unreachable
		meta nfproto ipv4 tcp dport 1004 reject with icmp host-unreachable
		meta nfproto ipv4 tcp dport 1005 reject with icmp prot-unreachable
		meta nfproto ipv4 tcp dport 1006 reject with icmp net-prohibited
		meta nfproto ipv4 tcp dport 1007 reject with icmp host-prohibited
		meta nfproto ipv6 tcp dport 1001 reject with icmpv6 admin-prohibited
		meta nfproto ipv6 tcp dport 1002 reject with icmpv6 port-unreachable
		meta nfproto ipv6 tcp dport 1003 reject with icmpv6 no-route
		meta nfproto ipv6 tcp dport 1004 reject with icmpv6 addr-unreachable
		meta nfproto ipv6 tcp dport 1005 reject with icmpv6 policy-fail
		meta nfproto ipv6 tcp dport 1006 reject with icmpv6 reject-route
		tcp dport 1008 reject with tcp reset
	}
}
RULES
ip route add prohibit 203.0.113.128/25

# health first: a neighbour that is not known yet looks like a firewall that drops
for address in 192.0.2.1 2001:db8:1::1; do
	for _ in {1..20}; do
		status=0
		timeout 0.5 bash -c "echo >/dev/tcp/$address/9" 2>/dev/null || status=$?
		[[ $status != 124 ]] && break
	done
	[[ $status != 124 ]] || { echo "the network is not up"; exit 1; }
done
"$@"
