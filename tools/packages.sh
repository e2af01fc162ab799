# SPDX-License-Identifier: Apache-2.0
# What ./dev installs, and how it does so without starting a service. Sourced.
# shellcheck shell=bash disable=SC2034

packages_run=(
	build-essential ca-certificates libc-ares-dev libconfig-dev
	libcurl4-openssl-dev libevent-dev libexpat1-dev libjansson-dev
	libldap-dev libmicrohttpd-dev libre-dev libssl-dev meson ninja-build pkg-config
	uthash-dev zlib1g-dev
)
packages_format=(clang-format)
packages_lint=("${packages_format[@]}" binutils git pmccabe python3 shellcheck)
packages_network=(
	bind9-dnsutils chrony conntrack coturn curl iproute2 iptables iputils-ping
	kamailio kamailio-tls-modules ldap-utils libnetfilter-queue-dev nftables
	nginx-light openssl prometheus prometheus-alertmanager
	prometheus-blackbox-exporter prosody python3 python3-prometheus-client sip-tester
	sipsak slapd socat tshark tzdata unbound util-linux
)
packages_bench=(nmap)
packages_test=(
	"${packages_run[@]}" "${packages_lint[@]}" "${packages_network[@]}"
	chromium clang libclang-rt-14-dev libcmocka-dev python3-scapy systemd valgrind
)

# Servers that a test starts itself, in its own namespaces; Debian's packages would start
# them on this machine now and at each boot. chrony stays enabled: apt puts it in the
# place of the time service that was there.
servers=(
	coturn kamailio nginx prometheus prometheus-alertmanager
	prometheus-blackbox-exporter prometheus-node-exporter prosody slapd unbound
)
policy=/usr/sbin/policy-rc.d

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "dev: not root and no sudo; as root: $*" >&2
		return 1
	fi
}

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Lets no package start a service while this shell lives. An existing policy is the
# administrator's and stays.
hold_services() {
	[ -e "$policy" ] && return
	trap 'as_root rm -f "$policy"' EXIT
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
	as_root chmod 755 "$policy"
}

disable_new_servers() {
	command -v systemctl >/dev/null || return 0
	local server
	for server in "${servers[@]}"; do
		case " $* " in
		*" ${server/nginx/nginx-light} "*)
			as_root systemctl --quiet disable "$server" || true ;;
		esac
	done
}

install_missing() {
	local missing=() package
	for package in "$@"; do
		installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" -eq 0 ] && return
	echo "dev: installing ${missing[*]}" >&2
	(
		hold_services
		as_root apt-get update -q
		as_root env DEBIAN_FRONTEND=noninteractive \
			apt-get install -q -y --no-install-recommends "${missing[@]}"
		disable_new_servers "${missing[@]}"
	) >&2
}
