#!/usr/bin/env bash
# Multi-path test network made of network namespaces.  Needs root, iproute2, nftables, ethtool;
# `shape PATH delay=...` also needs a C compiler (it builds wire.c from this folder once).
#
#   lab.sh up [paths=1|2|3] [offload=off|on] [tun=off|on]      build it
#   lab.sh cut PATH [side=both|host|server] [how=drop|icmp] [dir=both|up|down]
#   lab.sh linkdown PATH [side=host|server]       carrier loss, kernel routes vanish
#   lab.sh tundown PATH                           the TUN device of that path goes down
#   lab.sh heal PATH                              undo cut, linkdown, tundown
#   lab.sh shape PATH [rate=10mbit] [queue=50ms] [delay=20ms] [jitter=2ms] [reorder=1%]
#                     [dup=1%] [loss=1%] [mtu=1300]   (replaces the path's former shape)
#   lab.sh shape PATH clear
#   lab.sh exec NS CMD...                         NS: host, mid, wire, server
#   lab.sh pids | show | env | down
#
# PATH is wifi (i=1), lte (i=2) or bt (i=3).  Per path, left to right:
#   host  dev PATH   10.i.0.2  fd00:i::2
#   mid   dev PATH-h 10.i.0.1  fd00:i::1      router: cut, icmp, loss, rate and mtu happen here
#   mid   dev PATH-s 10.i.1.1  fd00:i:1::1
#   wire  PATH-m <bridge or delay process> PATH-r        no addresses
#   server dev PATH  10.i.1.2  fd00:i:1::2
# With tun=on, TUN devices for a userspace stack, in namespace host, one per path, k = i-1:
#   tun<k>  kernel side 10.9.i.1/24 fd09:i::1/64, userspace side 10.9.i.2 fd09:i::2;
#   what it sends leaves over path i only (ip rule), the server answers over path i.
# Several labs may live side by side: set LAB_PREFIX (default "lab").
set -Eeuo pipefail

P=${LAB_PREFIX:-lab}
STATE=${TMPDIR:-/tmp}/$P.state
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ALL=(wifi lte bt)

die() { echo "lab.sh: $*" >&2; exit 1; }
ns() { echo "$P-$1"; }
nip() { local n=$1; shift; ip -n "$(ns "$n")" "$@"; }
inns() { local n=$1; shift; ip netns exec "$(ns "$n")" "$@"; }
nft_mid() { inns mid nft "$@"; }
idx() { # path name -> 1..3
  local k
  for k in "${!ALL[@]}"; do [ "${ALL[$k]}" = "$1" ] && { echo $((k + 1)); return; }; done
  die "no such path: $1"
}
built() { [ -f "$STATE/paths" ] || die "not up (prefix $P)"; }
opt() { # opt NAME DEFAULT ARGS... -> value of NAME=... in ARGS
  local n=$1 v=$2 a; shift 2
  for a in "$@"; do [ "${a%%=*}" = "$n" ] && v=${a#*=}; done
  echo "$v"
}

mkveth() { # ns1 dev1 ns2 dev2
  ip link add "$2" netns "$(ns "$1")" type veth peer name "$4" netns "$(ns "$3")"
  local n d
  for n in "$1 $2" "$3 $4"; do
    d=${n#* }; n=${n% *}
    if [ "$OFFLOAD" = off ]; then
      inns "$n" ethtool -K "$d" rx off tx off tso off gso off gro off >/dev/null 2>&1 || true
    fi
    nip "$n" link set "$d" up
  done
}

side_host() { # addresses and routes of path $1 in namespace host; may be repeated
  local p=$1 i; i=$(idx "$p")
  nip host addr replace "10.$i.0.2/24" dev "$p"
  nip host addr replace "fd00:$i::2/64" dev "$p" nodad
  nip host route replace "10.$i.1.0/24" via "10.$i.0.1" dev "$p" src "10.$i.0.2"
  nip host -6 route replace "fd00:$i:1::/64" via "fd00:$i::1" dev "$p" src "fd00:$i::2"
  nip host route replace default via "10.$i.0.1" dev "$p" metric $((100 + i))
  nip host -6 route replace default via "fd00:$i::1" dev "$p" metric $((100 + i))
  nip host route replace default via "10.$i.0.1" dev "$p" table $((100 + i))
  nip host -6 route replace default via "fd00:$i::1" dev "$p" table $((100 + i))
}
side_server() {
  local p=$1 i; i=$(idx "$p")
  nip server addr replace "10.$i.1.2/24" dev "$p"
  nip server addr replace "fd00:$i:1::2/64" dev "$p" nodad
  local v
  for v in "10.$i.0.0/24" "10.9.$i.0/24"; do
    nip server route replace "$v" via "10.$i.1.1" dev "$p" src "10.$i.1.2"
  done
  for v in "fd00:$i::/64" "fd09:$i::/64"; do
    nip server -6 route replace "$v" via "fd00:$i:1::1" dev "$p" src "fd00:$i:1::2"
  done
  nip server route replace default via "10.$i.1.1" dev "$p" metric $((100 + i))
  nip server -6 route replace default via "fd00:$i:1::1" dev "$p" metric $((100 + i))
  nip server route replace default via "10.$i.1.1" dev "$p" table $((100 + i))
  nip server -6 route replace default via "fd00:$i:1::1" dev "$p" table $((100 + i))
}
tun_addrs() {
  local i=$1 t=tun$(($1 - 1))
  nip host addr replace "10.9.$i.1/24" dev "$t"
  nip host addr replace "fd09:$i::1/64" dev "$t" nodad
}

cmd_up() {
  local n p i k paths; paths=$(opt paths 2 "$@"); OFFLOAD=$(opt offload off "$@")
  local tun; tun=$(opt tun off "$@")
  case $paths in 1|2|3) ;; *) die "paths=1, 2 or 3" ;; esac
  [ "$(id -u)" = 0 ] || die "needs root"
  [ ! -e "$STATE" ] || die "already up (prefix $P); lab.sh down first"
  mkdir -p "$STATE"; echo "$paths" >"$STATE/paths"
  [ "$tun" = off ] || touch "$STATE/tun"
  trap 'cmd_down >/dev/null 2>&1; die "up failed, undone"' ERR
  for n in host mid wire server; do
    ip netns add "$(ns $n)"
    nip $n link set lo up
    inns $n sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 \
      net.ipv6.conf.default.accept_ra=0 net.ipv4.conf.all.rp_filter=0 \
      net.ipv4.conf.default.rp_filter=0 net.ipv6.conf.default.router_solicitations=0 \
      net.ipv4.ping_group_range="0 2147483647" net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
  done
  inns wire sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
  for n in host mid; do
    inns $n sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
  done
  nip host rule add to 10.9.0.0/16 lookup main pref 50
  nip host -6 rule add to fd09::/16 lookup main pref 50
  nft_mid -f - <<'NFT'
table inet lab {
  set cutif { type ifname; }
  set icmpif { type ifname; }
  chain loss { }
  chain paths {
    type filter hook forward priority 0; policy accept;
    iifname @cutif counter drop
    oifname @cutif counter drop
    iifname @icmpif counter reject with icmpx type host-unreachable
    oifname @icmpif counter reject with icmpx type host-unreachable
    jump loss
  }
}
NFT
  for ((i = 1; i <= paths; i++)); do
    p=${ALL[$((i - 1))]}; k=$((i - 1))
    mkveth host "$p" mid "$p-h"
    mkveth mid "$p-s" wire "$p-m"
    mkveth wire "$p-r" server "$p"
    nip wire link add "br-$p" type bridge mcast_snooping 0
    nip wire link set "$p-m" master "br-$p"; nip wire link set "$p-r" master "br-$p"
    nip wire link set "br-$p" up
    nip mid addr add "10.$i.0.1/24" dev "$p-h"; nip mid addr add "fd00:$i::1/64" dev "$p-h" nodad
    nip mid addr add "10.$i.1.1/24" dev "$p-s"; nip mid addr add "fd00:$i:1::1/64" dev "$p-s" nodad
    nip mid route add "10.9.$i.0/24" via "10.$i.0.2" dev "$p-h"
    nip mid -6 route add "fd09:$i::/64" via "fd00:$i::2" dev "$p-h"
    side_host "$p"; side_server "$p"
    for v in "10.$i.0.2" "10.9.$i.0/24"; do nip host rule add from "$v" lookup $((100 + i)) pref $((100 + i)); done
    for v in "fd00:$i::2" "fd09:$i::/64"; do nip host -6 rule add from "$v" lookup $((100 + i)) pref $((100 + i)); done
    nip server rule add from "10.$i.1.2" lookup $((100 + i)) pref $((100 + i))
    nip server -6 rule add from "fd00:$i:1::2" lookup $((100 + i)) pref $((100 + i))
    if [ -e "$STATE/tun" ]; then
      nip host tuntap add dev "tun$k" mode tun
      nip host link set "tun$k" up; tun_addrs "$i"
    fi
  done
  trap - ERR
}

# The sets hold "PATH-h" (access link of host) and "PATH-s" (access link of server).
cmd_cut() {
  built; local p=$1 side how dir d; shift; idx "$p" >/dev/null
  side=$(opt side both "$@"); how=$(opt how drop "$@"); dir=$(opt dir both "$@")
  if [ "$dir" != both ]; then # one-way: up = host to server
    if [ "$dir" = up ]; then d="iifname $p-h"; else d="oifname $p-h"; fi
    nft_mid insert rule inet lab loss "$d" counter drop comment "\"oneway-$p\""
    return
  fi
  local s=cutif; [ "$how" = icmp ] && s=icmpif
  case $side in both|host) nft_mid add element inet lab "$s" "{ $p-h }" ;; esac
  case $side in both|server) nft_mid add element inet lab "$s" "{ $p-s }" ;; esac
}

cmd_heal() {
  built; local p=$1 i s d h; i=$(idx "$p")
  for s in cutif icmpif; do for d in h s; do
    nft_mid delete element inet lab $s "{ $p-$d }" 2>/dev/null || true
  done; done
  for h in $(nft_mid -a list chain inet lab loss | sed -n "s/.*oneway-$p\".*handle //p"); do
    nft_mid delete rule inet lab loss handle "$h"
  done
  nip host link set "$p" up; side_host "$p"
  nip server link set "$p" up; side_server "$p"
  if [ -e "$STATE/tun" ]; then nip host link set "tun$((i - 1))" up; tun_addrs "$i"; fi
}

cmd_linkdown() { built; idx "$1" >/dev/null; nip "$(opt side host "$@")" link set "$1" down; }
cmd_tundown() { built; nip host link set "tun$(($(idx "$1") - 1))" down; }

stop_wire() {
  local p=$1 pid
  if [ -f "$STATE/wire-$p.pid" ]; then
    pid=$(cat "$STATE/wire-$p.pid"); kill "$pid" 2>/dev/null || true
    rm -f "$STATE/wire-$p.pid"
  fi
  nip wire link set "$p-m" master "br-$p"; nip wire link set "$p-r" master "br-$p"
}

cmd_shape() {
  built; local p=$1 i d h rate loss mtu delay jitter reorder dup side=(h s); shift; i=$(idx "$p")
  rate=$(opt rate '' "$@"); loss=$(opt loss '' "$@"); mtu=$(opt mtu 1500 "$@")
  delay=$(opt delay '' "$@"); jitter=$(opt jitter 0 "$@"); reorder=$(opt reorder 0 "$@"); dup=$(opt dup 0 "$@")
  for d in "$p-h" "$p-s"; do
    inns mid tc qdisc del dev "$d" root 2>/dev/null || true
    if [ -n "$rate" ]; then
      inns mid tc qdisc add dev "$d" root tbf rate "$rate" burst 16kb latency "$(opt queue 50ms "$@")"
    fi
    # as a route metric: a smaller device MTU would make veth drop what comes in, without ICMP
    case $d in *-h) d=0 ;; *) d=1 ;; esac
    inns mid sysctl -qw "net.ipv6.conf.$p-${side[$d]}.mtu=$((mtu < 1280 ? 1280 : mtu))"
    nip mid route replace "10.$i.$d.0/24" dev "$p-${side[$d]}" src "10.$i.$d.1" mtu "$mtu"
  done
  nip mid route replace "10.9.$i.0/24" via "10.$i.0.2" dev "$p-h" mtu "$mtu"
  for h in $(nft_mid -a list chain inet lab loss | sed -n "s/.*loss-$p\".*handle //p"); do
    nft_mid delete rule inet lab loss handle "$h"
  done
  if [ -n "$loss" ]; then # percent, down to 0.01
    nft_mid add rule inet lab loss iifname "{ $p-h, $p-s }" numgen random mod 10000 lt \
      "$(awk -v l="${loss%\%}" 'BEGIN{printf "%d", l*100}')" counter drop comment "\"loss-$p\""
  fi
  stop_wire "$p"
  if [ -n "$delay" ]; then
    [ -x "$STATE/wire" ] || cc -O2 -o "$STATE/wire" "$HERE/wire.c" || die "cannot build wire.c"
    nip wire link set "$p-m" nomaster; nip wire link set "$p-r" nomaster
    setsid ip netns exec "$(ns wire)" "$STATE/wire" "$p-m" "$p-r" "${delay%ms}" "${jitter%ms}" \
      "${reorder%\%}" "${dup%\%}" </dev/null >"$STATE/wire-$p.log" 2>&1 &
    echo $! >"$STATE/wire-$p.pid"
    local n=0
    until grep -qs ready "$STATE/wire-$p.log"; do n=$((n + 1)); [ $n -lt 50 ] || die "wire did not start"; sleep 0.05; done
  fi
}

cmd_pids() { local n; for n in host mid wire server; do ip netns pids "$(ns $n)" 2>/dev/null; done; }

cmd_down() {
  local n pid tries
  for tries in TERM TERM KILL; do
    for pid in $(cmd_pids); do kill -"$tries" "$pid" 2>/dev/null || true; done
    [ -z "$(cmd_pids)" ] && break
    sleep 0.2
  done
  for n in host mid wire server; do
    ip netns del "$(ns $n)" 2>/dev/null || true
  done
  rm -rf "$STATE"
}

cmd_show() {
  built; local n
  for n in host mid server; do echo "== $n"; nip $n -br addr; done
  nft_mid list table inet lab; inns mid tc qdisc show
}
cmd_env() { # for scripts that want the names
  local n; for n in host mid wire server; do echo "LAB_NS_${n^^}=$(ns $n)"; done
}

c=${1:-}; [ $# -gt 0 ] && shift
case $c in
  up|show|env|pids|down) "cmd_$c" "$@" ;;
  cut|heal|linkdown|tundown|shape) [ $# -ge 1 ] || die "which path?"; "cmd_$c" "$@" ;;
  exec) [ $# -ge 2 ] || die "exec NS CMD..."; n=$1; shift; exec ip netns exec "$(ns "$n")" "$@" ;;
  *) sed -n '2,/^set -/p' "$0" | sed '$d;s/^# \{0,1\}//'; exit 2 ;;
esac
