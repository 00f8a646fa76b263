/* usrsctp_peer: a real SCTP peer for interoperability tests, on top of libusrsctp.
 *   cc -O2 -Wall -Wextra -o usrsctp_peer usrsctp_peer.c -lusrsctp -lpthread
 * Everything it says is JSON, one object a line, on stdout.  See --help for the options. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <usrsctp.h>

#ifndef SCTP_INTERLEAVING_SUPPORTED /* in the library, missing from its public header */
#define SCTP_INTERLEAVING_SUPPORTED 0x00001206
#endif
#define MAXA 16
#define MAXACT 64
#define BUF 65536

static const char *HELP =
  "usrsctp_peer echo|discard|source|send [options]\n"
  " server: echo (sends each message back), discard, source (sends --count messages to who connects)\n"
  " --local A[,B]      addresses to bind (IPv4, IPv6 or both); default: any\n"
  " --port N           local port (servers 5001, send: any)\n"
  " --peer A[,B]       peer addresses (send)     --peer-port N    (5001)\n"
  " --encaps N         local UDP port for RFC 6951, 0 = raw IP protocol 132 (default 0)\n"
  " --peer-encaps N    peer's UDP port for RFC 6951 (send: default as --encaps)\n"
  " --streams OUT[:IN] streams to ask for (10)\n"
  " --on X,Y --off X,Y asconf auth pr reconfig idata nrsack pktdrop ecn (library defaults else)\n"
  " --size N --count N --gap MS --use-streams N --ppid N --unordered --first-sid N\n"
  " --pr ttl:MS|rtx:N|buf:N   partial reliability for the messages sent\n"
  " --rto INIT,MIN,MAX --hb MS|off --path-rtx N --assoc-rtx N --init-rtx N --pf N --cookie-life MS\n"
  " --sack-delay MS --sack-freq N --nodelay --maxseg N --mtu N --no-pmtud --dscp N\n"
  " --sndbuf N --rcvbuf N --slow-read MS   --pd-point N  --adaptation N\n"
  " --no-read          read nothing any more once the association is up, notifications neither\n"
  " --assocs N         send: as many associations at once, each from a port of its own; message n of the\n"
  "                    k-th (from 0) has the bytes of message n+k\n"
  " --key STRING       shared key 1 for AUTH    --auth-chunks 0,3  chunk types that the peer must authenticate\n"
  " --in FILE          send its bytes, --size in each message, instead of --count messages of a pattern\n"
  " --out FILE         write what the first association receives there, message after message\n"
  " --wait-echo        send: wait for as many messages to come back\n"
  " --end shutdown|abort|none   what send does when done (shutdown); source: shutdown|none   --max-time S (60)\n"
  " --accept N         servers end after N associations (0: never)\n"
  " --at MS:ACTION     repeatable; MS after association up.  ACTION: add-ip=A rem-ip=A primary=A\n"
  "                    peer-primary=A reset-out=SID[+SID] reset-in=SID reset-tsn add-out=N add-in=N\n"
  "                    hb=A use-key=N status shutdown abort close\n"
  " --quiet            no line per message\n";

enum mode { ECHO, DISCARD, SOURCE, SEND };
static enum mode mode;
static struct sockaddr_storage local[MAXA], peer[MAXA];
static int nlocal, npeer, want6;
static long port = -1, peer_port = 5001, encaps, peer_encaps = -1, sout = 10, sin_ = 0, size_ = 1000, count = 10, gap, use_streams = 1,
  ppid, unordered, first_sid, rto[3], hb = -1, path_rtx = -1, assoc_rtx = -1, cookie_life, init_rtx = -1, pf = -1, sack_delay = -1, sack_freq = -1, nodelay,
  maxseg, mtu, no_pmtud, dscp = -1, sndbuf, rcvbuf, slow_read, no_read, assocs = 1, pd_point, adaptation = -1, wait_echo, max_time = 60, accepts, quiet;
static const char *on = "", *off = "", *pr_, *key, *auth_chunks, *end_ = "shutdown", *in_, *out_;
static struct { long ms; const char *what; } act[MAXACT];
static int nact;
static useconds_t tick = 1000; /* how often a thread looks whether it may go on */
static pthread_mutex_t out_lock = PTHREAD_MUTEX_INITIALIZER;
static double t0;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
static void say(const char *ev, const char *fmt, ...) {
  va_list ap;
  pthread_mutex_lock(&out_lock);
  printf("{\"t\":%.3f,\"ms\":%.1f,\"ev\":\"%s\"", now(), (now() - t0) * 1000, ev);
  if (fmt) {
    putchar(',');
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
  }
  puts("}");
  fflush(stdout);
  pthread_mutex_unlock(&out_lock);
}
static const char *addr(const void *p, char *b) {
  const struct sockaddr *a = p;
  if (a->sa_family == AF_INET) inet_ntop(AF_INET, &((const struct sockaddr_in *)p)->sin_addr, b, 64);
  else if (a->sa_family == AF_INET6) inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)p)->sin6_addr, b, 64);
  else strcpy(b, "?");
  return b;
}
static int parse_addr(const char *s, size_t n, uint16_t prt, struct sockaddr_storage *o) {
  char b[64];
  if (n >= sizeof b) return -1;
  memcpy(b, s, n);
  b[n] = 0;
  memset(o, 0, sizeof *o);
  struct sockaddr_in *a4 = (struct sockaddr_in *)o;
  struct sockaddr_in6 *a6 = (struct sockaddr_in6 *)o;
  if (inet_pton(AF_INET, b, &a4->sin_addr) == 1) { a4->sin_family = AF_INET; a4->sin_port = htons(prt); return 0; }
  if (inet_pton(AF_INET6, b, &a6->sin6_addr) == 1) { a6->sin6_family = AF_INET6; a6->sin6_port = htons(prt); want6 = 1; return 0; }
  return -1;
}
static int addr_list(const char *s, uint16_t prt, struct sockaddr_storage *o) {
  int n = 0;
  while (*s && n < MAXA) {
    size_t l = strcspn(s, ",");
    if (parse_addr(s, l, prt, &o[n++])) { fprintf(stderr, "bad address in %s\n", s); exit(2); }
    s += l + (s[l] == ',');
  }
  return n;
}
static size_t sa_len(const struct sockaddr_storage *a) { return a->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6); }
static int pack(const struct sockaddr_storage *a, int n, char *o) { /* the packed form that connectx wants */
  int len = 0;
  for (int i = 0; i < n; i++) { memcpy(o + len, &a[i], sa_len(&a[i])); len += (int)sa_len(&a[i]); }
  return len;
}
static void opt_(struct socket *so, int name, const void *v, socklen_t n, const char *label) {
  if (usrsctp_setsockopt(so, IPPROTO_SCTP, name, v, n) < 0) say("setsockopt-failed", "\"option\":\"%s\",\"error\":\"%s\"", label, strerror(errno));
}
static int listed(const char *list, const char *w) {
  size_t n = strlen(w);
  for (const char *s = list; *s;) {
    size_t l = strcspn(s, ",");
    if (l == n && !strncmp(s, w, n)) return 1;
    s += l + (s[l] == ',');
  }
  return 0;
}
static void feature(struct socket *so, const char *name, int option) {
  struct sctp_assoc_value v = {SCTP_FUTURE_ASSOC, 0};
  if (listed(on, name)) v.assoc_value = 1;
  else if (!listed(off, name)) return;
  opt_(so, option, &v, sizeof v, name);
}

/* ---- notifications ---- */
static const char *assoc_state[] = {"?", "comm-up", "comm-lost", "restart", "shutdown-complete", "cant-start"};
static const char *paddr_state[] = {"?", "available", "unreachable", "removed", "added", "made-primary", "confirmed"};
static const char *feature_name[] = {"?", "pr", "auth", "asconf", "multibuf", "reconfig", "interleaving"};
struct conn { struct socket *so; volatile int up, closed, dry; volatile long got_msgs; double up_at; long long bytes; uint64_t sum; int id; };

static void notification(struct conn *c, const void *buf, size_t n) {
  const union sctp_notification *x = buf;
  char a[64];
  if (n < sizeof x->sn_header) return;
  switch (x->sn_header.sn_type) {
  case SCTP_ASSOC_CHANGE: {
    const struct sctp_assoc_change *s = &x->sn_assoc_change;
    char list[256] = "";
    size_t info = s->sac_length > sizeof *s ? s->sac_length - sizeof *s : 0;
    for (size_t i = 0; i < info && (s->sac_state == SCTP_COMM_UP || s->sac_state == SCTP_RESTART); i++)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s\"%s\"", i ? "," : "", s->sac_info[i] <= 6 ? feature_name[s->sac_info[i]] : "?");
    say("assoc", "\"conn\":%d,\"state\":\"%s\",\"error\":%u,\"out\":%u,\"in\":%u,\"features\":[%s]", c->id, s->sac_state <= 5 ? assoc_state[s->sac_state] : "?", s->sac_error,
        s->sac_outbound_streams, s->sac_inbound_streams, list);
    if (s->sac_state == SCTP_COMM_UP) { c->up = 1; c->up_at = now(); }
    if (s->sac_state == SCTP_COMM_LOST || s->sac_state == SCTP_SHUTDOWN_COMP || s->sac_state == SCTP_CANT_STR_ASSOC) c->closed = 1;
    break;
  }
  case SCTP_PEER_ADDR_CHANGE:
    say("path", "\"conn\":%d,\"addr\":\"%s\",\"state\":\"%s\",\"error\":%u", c->id, addr(&x->sn_paddr_change.spc_aaddr, a),
        x->sn_paddr_change.spc_state <= 6 ? paddr_state[x->sn_paddr_change.spc_state] : "?", x->sn_paddr_change.spc_error);
    break;
  case SCTP_REMOTE_ERROR: say("remote-error", "\"conn\":%d,\"cause\":%u", c->id, ntohs(x->sn_remote_error.sre_error)); break;
  case SCTP_SHUTDOWN_EVENT: say("shutdown", "\"conn\":%d", c->id); break;
  case SCTP_ADAPTATION_INDICATION: say("adaptation", "\"conn\":%d,\"indication\":%u", c->id, x->sn_adaptation_event.sai_adaptation_ind); break;
  case SCTP_PARTIAL_DELIVERY_EVENT:
    say("partial-delivery-aborted", "\"conn\":%d,\"sid\":%u,\"seq\":%u", c->id, x->sn_pdapi_event.pdapi_stream, x->sn_pdapi_event.pdapi_seq);
    break;
  case SCTP_AUTHENTICATION_EVENT: {
    const char *w[] = {"?", "new-key", "no-auth", "free-key"};
    say("auth", "\"conn\":%d,\"what\":\"%s\",\"key\":%u", c->id, x->sn_auth_event.auth_indication <= 3 ? w[x->sn_auth_event.auth_indication] : "?", x->sn_auth_event.auth_keynumber);
    break;
  }
  case SCTP_SENDER_DRY_EVENT: c->dry = 1; say("dry", "\"conn\":%d", c->id); break;
  case SCTP_NOTIFICATIONS_STOPPED_EVENT: say("notifications-stopped", "\"conn\":%d", c->id); break;
  case SCTP_SEND_FAILED_EVENT:
    say("send-failed", "\"conn\":%d,\"sid\":%u,\"flags\":%u,\"error\":%u", c->id, x->sn_send_failed_event.ssfe_info.snd_sid, x->sn_send_failed_event.ssfe_flags, x->sn_send_failed_event.ssfe_error);
    break;
  case SCTP_STREAM_RESET_EVENT: {
    char list[256] = "";
    const struct sctp_stream_reset_event *s = &x->sn_strreset_event;
    for (size_t i = 0; i < (s->strreset_length - sizeof *s) / sizeof(uint16_t) && i < 32; i++)
      snprintf(list + strlen(list), sizeof list - strlen(list), "%s%u", i ? "," : "", s->strreset_stream_list[i]);
    say("stream-reset", "\"conn\":%d,\"flags\":%u,\"incoming\":%s,\"outgoing\":%s,\"denied\":%s,\"failed\":%s,\"sids\":[%s]", c->id, s->strreset_flags,
        s->strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN ? "true" : "false", s->strreset_flags & SCTP_STREAM_RESET_OUTGOING_SSN ? "true" : "false",
        s->strreset_flags & SCTP_STREAM_RESET_DENIED ? "true" : "false", s->strreset_flags & SCTP_STREAM_RESET_FAILED ? "true" : "false", list);
    break;
  }
  case SCTP_ASSOC_RESET_EVENT:
    say("assoc-reset", "\"conn\":%d,\"flags\":%u,\"local_tsn\":%u,\"remote_tsn\":%u", c->id, x->sn_assocreset_event.assocreset_flags, x->sn_assocreset_event.assocreset_local_tsn,
        x->sn_assocreset_event.assocreset_remote_tsn);
    break;
  case SCTP_STREAM_CHANGE_EVENT:
    say("stream-change", "\"conn\":%d,\"flags\":%u,\"in\":%u,\"out\":%u", c->id, x->sn_strchange_event.strchange_flags, x->sn_strchange_event.strchange_instrms, x->sn_strchange_event.strchange_outstrms);
    break;
  default: say("notification", "\"conn\":%d,\"type\":%u", c->id, x->sn_header.sn_type);
  }
}

static void status(struct conn *c) {
  struct sctp_status s;
  socklen_t n = sizeof s;
  struct sctpstat all; /* of the whole process */
  usrsctp_get_stat(&all);
  memset(&s, 0, sizeof s);
  if (usrsctp_getsockopt(c->so, IPPROTO_SCTP, SCTP_STATUS, &s, &n) == 0)
    say("status", "\"conn\":%d,\"t3\":%u,\"rtx_data\":%u,\"state\":%d,\"rwnd\":%u,\"unacked\":%u,\"pending\":%u,\"in\":%u,\"out\":%u,\"frag_point\":%u", c->id, all.sctps_timodata, all.sctps_sendretransdata, s.sstat_state, s.sstat_rwnd, s.sstat_unackdata,
        s.sstat_penddata, s.sstat_instrms, s.sstat_outstrms, s.sstat_fragmentation_point);
  struct sockaddr *list = NULL, *a;
  int k = usrsctp_getpaddrs(c->so, 0, &list);
  for (a = list; k > 0; k--) {
    struct sctp_paddrinfo p;
    char b[64];
    size_t l = a->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    memset(&p, 0, sizeof p);
    memcpy(&p.spinfo_address, a, l);
    n = sizeof p;
    if (usrsctp_getsockopt(c->so, IPPROTO_SCTP, SCTP_GET_PEER_ADDR_INFO, &p, &n) == 0)
      say("path-info", "\"conn\":%d,\"addr\":\"%s\",\"state\":\"%s\",\"cwnd\":%u,\"srtt\":%u,\"rto\":%u,\"mtu\":%u", c->id, addr(a, b),
          p.spinfo_state & SCTP_UNCONFIRMED ? "unconfirmed" : p.spinfo_state & SCTP_ACTIVE ? "active" : "inactive", p.spinfo_cwnd, p.spinfo_srtt, p.spinfo_rto, p.spinfo_mtu);
    a = (struct sockaddr *)((char *)a + l);
  }
  if (list) usrsctp_freepaddrs(list);
}
static void stats(void) {
  struct sctpstat s;
  usrsctp_get_stat(&s);
  say("stats",
      "\"in_packets\":%u,\"out_packets\":%u,\"in_data\":%u,\"out_data\":%u,\"rtx_data\":%u,\"fast_rtx\":%u,\"t3\":%u,\"hb_timeouts\":%u,\"bad_checksum\":%u,\"bad_vtag\":%u,\"in_sacks\":%u,\"out_sacks\":%u,\"in_dup\":%u",
      s.sctps_recvpackets, s.sctps_sendpackets, s.sctps_recvdata, s.sctps_senddata, s.sctps_sendretransdata, s.sctps_sendfastretrans, s.sctps_timodata, s.sctps_timoheartbeat,
      s.sctps_badsum, s.sctps_badvtag, s.sctps_recvsacks, s.sctps_sendsacks, s.sctps_recvdupdata);
}

/* ---- sockets ---- */
static void configure(struct socket *so) {
  static const uint16_t events[] = {SCTP_ASSOC_CHANGE, SCTP_PEER_ADDR_CHANGE, SCTP_REMOTE_ERROR, SCTP_SHUTDOWN_EVENT, SCTP_ADAPTATION_INDICATION, SCTP_PARTIAL_DELIVERY_EVENT,
    SCTP_AUTHENTICATION_EVENT, SCTP_SENDER_DRY_EVENT, SCTP_SEND_FAILED_EVENT, SCTP_STREAM_RESET_EVENT, SCTP_ASSOC_RESET_EVENT, SCTP_STREAM_CHANGE_EVENT};
  for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
    struct sctp_event e = {.se_assoc_id = SCTP_FUTURE_ASSOC, .se_type = events[i], .se_on = 1};
    opt_(so, SCTP_EVENT, &e, sizeof e, "event");
  }
  int one = 1;
  opt_(so, SCTP_RECVRCVINFO, &one, sizeof one, "rcvinfo");
  feature(so, "pr", SCTP_PR_SUPPORTED);
  if (listed(off, "auth")) feature(so, "asconf", SCTP_ASCONF_SUPPORTED); /* the library wants asconf off before auth */
  feature(so, "auth", SCTP_AUTH_SUPPORTED);
  feature(so, "asconf", SCTP_ASCONF_SUPPORTED);
  feature(so, "reconfig", SCTP_RECONFIG_SUPPORTED);
  feature(so, "nrsack", SCTP_NRSACK_SUPPORTED);
  feature(so, "pktdrop", SCTP_PKTDROP_SUPPORTED);
  feature(so, "ecn", SCTP_ECN_SUPPORTED);
  if (listed(on, "idata")) {
    int level = 2;
    opt_(so, SCTP_FRAGMENT_INTERLEAVE, &level, sizeof level, "fragment-interleave");
  }
  feature(so, "idata", SCTP_INTERLEAVING_SUPPORTED);
  if (!listed(off, "reconfig")) {
    struct sctp_assoc_value v = {SCTP_FUTURE_ASSOC, SCTP_ENABLE_VALUE_MASK};
    opt_(so, SCTP_ENABLE_STREAM_RESET, &v, sizeof v, "stream-reset");
  }
  struct sctp_initmsg im = {(uint16_t)sout, (uint16_t)(sin_ ? sin_ : 2048), (uint16_t)(init_rtx > 0 ? init_rtx : 0), 0};
  opt_(so, SCTP_INITMSG, &im, sizeof im, "initmsg");
  if (rto[0]) {
    struct sctp_rtoinfo r = {SCTP_FUTURE_ASSOC, (uint32_t)rto[0], (uint32_t)rto[2], (uint32_t)rto[1]};
    opt_(so, SCTP_RTOINFO, &r, sizeof r, "rtoinfo");
  }
  if (assoc_rtx >= 0 || cookie_life) {
    struct sctp_assocparams p = {.sasoc_assoc_id = SCTP_FUTURE_ASSOC, .sasoc_asocmaxrxt = (uint16_t)(assoc_rtx > 0 ? assoc_rtx : 0), .sasoc_cookie_life = (uint32_t)cookie_life};
    opt_(so, SCTP_ASSOCINFO, &p, sizeof p, "associnfo");
  }
  if (hb >= -2 || path_rtx >= 0 || mtu || dscp >= 0) {
    struct sctp_paddrparams p;
    memset(&p, 0, sizeof p);
    p.spp_address.ss_family = want6 ? AF_INET6 : AF_INET;
    p.spp_assoc_id = SCTP_FUTURE_ASSOC;
    if (hb >= 0) { p.spp_hbinterval = (uint32_t)hb; p.spp_flags |= SPP_HB_ENABLE; }
    if (hb == -2) p.spp_flags |= SPP_HB_DISABLE;
    if (path_rtx >= 0) p.spp_pathmaxrxt = (uint16_t)path_rtx;
    if (mtu) { p.spp_pathmtu = (uint32_t)mtu; p.spp_flags |= SPP_PMTUD_DISABLE; }
    else if (no_pmtud) p.spp_flags |= SPP_PMTUD_DISABLE;
    if (dscp >= 0) { p.spp_dscp = (uint8_t)dscp; p.spp_flags |= SPP_DSCP; }
    if (p.spp_flags || path_rtx >= 0) opt_(so, SCTP_PEER_ADDR_PARAMS, &p, sizeof p, "peer-addr-params");
  }
  if (sack_delay >= 0 || sack_freq >= 0) {
    struct sctp_sack_info s = {SCTP_FUTURE_ASSOC, (uint32_t)(sack_delay >= 0 ? sack_delay : 0), (uint32_t)(sack_freq >= 0 ? sack_freq : 0)};
    opt_(so, SCTP_DELAYED_SACK, &s, sizeof s, "delayed-sack");
  }
  if (nodelay) opt_(so, SCTP_NODELAY, &one, sizeof one, "nodelay");
  if (maxseg) {
    struct sctp_assoc_value v = {SCTP_FUTURE_ASSOC, (uint32_t)maxseg};
    opt_(so, SCTP_MAXSEG, &v, sizeof v, "maxseg");
  }
  if (pd_point) { uint32_t v = (uint32_t)pd_point; opt_(so, SCTP_PARTIAL_DELIVERY_POINT, &v, sizeof v, "pd-point"); }
  if (adaptation >= 0) { struct sctp_setadaptation v = {(uint32_t)adaptation}; opt_(so, SCTP_ADAPTATION_LAYER, &v, sizeof v, "adaptation"); }
  int b = (int)sndbuf;
  if (sndbuf && usrsctp_setsockopt(so, SOL_SOCKET, SO_SNDBUF, &b, sizeof b) < 0) perror("sndbuf");
  b = (int)rcvbuf;
  if (rcvbuf && usrsctp_setsockopt(so, SOL_SOCKET, SO_RCVBUF, &b, sizeof b) < 0) perror("rcvbuf");
  if (auth_chunks)
    for (const char *s = auth_chunks; *s; s += strcspn(s, ","), s += *s == ',') {
      struct sctp_authchunk v = {(uint8_t)atoi(s)};
      opt_(so, SCTP_AUTH_CHUNK, &v, sizeof v, "auth-chunk");
    }
  if (key) {
    char mem[sizeof(struct sctp_authkey) + 256];
    struct sctp_authkey *k = (struct sctp_authkey *)mem;
    size_t n = strlen(key) < 256 ? strlen(key) : 256;
    memset(mem, 0, sizeof mem);
    k->sca_assoc_id = SCTP_FUTURE_ASSOC;
    k->sca_keynumber = 1;
    k->sca_keylength = (uint16_t)n;
    memcpy(k->sca_key, key, n);
    opt_(so, SCTP_AUTH_KEY, k, (socklen_t)(sizeof *k + n), "auth-key");
    struct sctp_authkeyid id = {SCTP_FUTURE_ASSOC, 1};
    opt_(so, SCTP_AUTH_ACTIVE_KEY, &id, sizeof id, "auth-active-key");
  }
  if (encaps && peer_encaps > 0) {
    struct sctp_udpencaps e;
    memset(&e, 0, sizeof e);
    e.sue_address.ss_family = want6 ? AF_INET6 : AF_INET;
    e.sue_assoc_id = SCTP_FUTURE_ASSOC;
    e.sue_port = htons((uint16_t)peer_encaps);
    opt_(so, SCTP_REMOTE_UDP_ENCAPS_PORT, &e, sizeof e, "udp-encaps");
  }
  uint16_t prt = (uint16_t)(port >= 0 ? port : mode == SEND ? 0 : 5001);
  if (nlocal) {
    char packed[MAXA * sizeof(struct sockaddr_storage)];
    for (int i = 0; i < nlocal; i++) ((struct sockaddr_in *)&local[i])->sin_port = htons(prt); /* same place in sockaddr_in6 */
    pack(local, nlocal, packed);
    if (usrsctp_bindx(so, (struct sockaddr *)packed, nlocal, SCTP_BINDX_ADD_ADDR) < 0) { say("fatal", "\"call\":\"bindx\",\"error\":\"%s\"", strerror(errno)); exit(1); }
  } else {
    struct sockaddr_storage any;
    parse_addr(want6 ? "::" : "0.0.0.0", want6 ? 2 : 7, prt, &any);
    if (usrsctp_bind(so, (struct sockaddr *)&any, (socklen_t)sa_len(&any)) < 0) { say("fatal", "\"call\":\"bind\",\"error\":\"%s\"", strerror(errno)); exit(1); }
  }
}
static uint64_t fnv(uint64_t h, const unsigned char *p, size_t n) {
  while (n--) h = (h ^ *p++) * 1099511628211ull;
  return h;
}
static int send_msg(struct conn *c, const void *p, size_t n, int sid, uint32_t ppid_net, int uno, int eor_flags) {
  struct sctp_sendv_spa s;
  memset(&s, 0, sizeof s);
  s.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  s.sendv_sndinfo.snd_sid = (uint16_t)sid;
  s.sendv_sndinfo.snd_ppid = ppid_net;
  s.sendv_sndinfo.snd_flags = (uint16_t)((uno ? SCTP_UNORDERED : 0) | eor_flags);
  if (pr_) {
    long v = strchr(pr_, ':') ? atol(strchr(pr_, ':') + 1) : 0;
    s.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    s.sendv_prinfo.pr_policy = !strncmp(pr_, "ttl", 3) ? SCTP_PR_SCTP_TTL : !strncmp(pr_, "rtx", 3) ? SCTP_PR_SCTP_RTX : SCTP_PR_SCTP_BUF;
    s.sendv_prinfo.pr_value = (uint32_t)v;
  }
  return usrsctp_sendv(c->so, p, n, NULL, 0, &s, sizeof s, SCTP_SENDV_SPA, 0) < 0 ? -1 : 0;
}

/* One buffer per (stream, unordered): with interleaving, pieces of several messages alternate. */
struct part { unsigned char *data; size_t len, cap; struct part *next; int key; };
static void *reader(void *arg) {
  struct conn *c = arg;
  unsigned char *buf = malloc(BUF);
  struct part *parts = NULL;
  FILE *out = NULL;
  if (out_ && c->id == 0 && !(out = fopen(out_, "wb"))) { say("fatal", "\"call\":\"fopen\",\"file\":\"%s\",\"error\":\"%s\"", out_, strerror(errno)); exit(1); }
  for (;;) {
    while (no_read && c->up && !c->closed) usleep(20000);
    struct sctp_rcvinfo ri;
    socklen_t il = sizeof ri, fl = sizeof(struct sockaddr_storage);
    struct sockaddr_storage from;
    unsigned int it = 0;
    int flags = 0;
    memset(&ri, 0, sizeof ri);
    ssize_t n = usrsctp_recvv(c->so, buf, BUF, (struct sockaddr *)&from, &fl, &ri, &il, &it, &flags);
    if (n < 0) { if (errno != ECONNRESET) say("recv-error", "\"conn\":%d,\"error\":\"%s\"", c->id, strerror(errno)); break; }
    if (n == 0) break;
    if (flags & MSG_NOTIFICATION) { notification(c, buf, (size_t)n); continue; }
    int uno = !!(ri.rcv_flags & SCTP_UNORDERED), k = ri.rcv_sid * 2 + uno;
    struct part *p = parts;
    while (p && p->key != k) p = p->next;
    if (!p) { p = calloc(1, sizeof *p); p->key = k; p->next = parts; parts = p; }
    if (p->len + (size_t)n > p->cap) p->data = realloc(p->data, p->cap = (p->len + (size_t)n) * 2);
    memcpy(p->data + p->len, buf, (size_t)n);
    p->len += (size_t)n;
    c->bytes += n;
    if (!(flags & MSG_EOR)) {
      if (!quiet) say("part", "\"conn\":%d,\"sid\":%u,\"len\":%zd", c->id, ri.rcv_sid, n);
      continue;
    }
    if (!quiet)
      say("msg", "\"conn\":%d,\"sid\":%u,\"ssn\":%u,\"tsn\":%u,\"ppid\":%u,\"unordered\":%s,\"len\":%zu,\"fnv\":\"%016llx\"", c->id, ri.rcv_sid, ri.rcv_ssn, ri.rcv_tsn, ntohl(ri.rcv_ppid),
          uno ? "true" : "false", p->len, (unsigned long long)fnv(14695981039346656037ull, p->data, p->len));
    c->sum = fnv(c->sum, p->data, p->len);
    if (out && fwrite(p->data, 1, p->len, out) != p->len) { say("fatal", "\"call\":\"fwrite\",\"error\":\"%s\"", strerror(errno)); exit(1); }
    if (mode == ECHO && send_msg(c, p->data, p->len, ri.rcv_sid, ri.rcv_ppid, uno, 0) < 0) say("send-error", "\"conn\":%d,\"error\":\"%s\"", c->id, strerror(errno));
    p->len = 0;
    c->got_msgs++;
    if (slow_read) usleep((useconds_t)slow_read * 1000);
  }
  if (out) fclose(out);
  say("end", "\"conn\":%d,\"messages\":%ld,\"bytes\":%lld,\"fnv\":\"%016llx\"", c->id, c->got_msgs, c->bytes, (unsigned long long)c->sum);
  c->closed = 1;
  if (mode != SEND) { usrsctp_close(c->so); }
  return NULL;
}
static void do_action(struct conn *c, const char *w) {
  const char *v = strchr(w, '=') ? strchr(w, '=') + 1 : "";
  struct sockaddr_storage a;
  int r = 0;
  memset(&a, 0, sizeof a);
  if (strchr(w, '=')) parse_addr(v, strlen(v), 0, &a);
  if (!strncmp(w, "add-ip=", 7) || !strncmp(w, "rem-ip=", 7)) {
    r = usrsctp_bindx(c->so, (struct sockaddr *)&a, 1, w[0] == 'a' ? SCTP_BINDX_ADD_ADDR : SCTP_BINDX_REM_ADDR);
  } else if (!strncmp(w, "primary=", 8)) {
    struct sctp_setprim p = {.ssp_assoc_id = 0};
    ((struct sockaddr_in *)&a)->sin_port = htons((uint16_t)peer_port);
    memcpy(&p.ssp_addr, &a, sizeof a);
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_PRIMARY_ADDR, &p, sizeof p);
  } else if (!strncmp(w, "peer-primary=", 13)) {
    struct sctp_setpeerprim p = {.sspp_assoc_id = 0};
    memcpy(&p.sspp_addr, &a, sizeof a);
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_SET_PEER_PRIMARY_ADDR, &p, sizeof p);
  } else if (!strncmp(w, "reset-out=", 10) || !strncmp(w, "reset-in=", 9)) {
    char mem[sizeof(struct sctp_reset_streams) + 64 * sizeof(uint16_t)];
    struct sctp_reset_streams *p = (struct sctp_reset_streams *)mem;
    memset(mem, 0, sizeof mem);
    p->srs_flags = w[6] == 'o' ? SCTP_STREAM_RESET_OUTGOING : SCTP_STREAM_RESET_INCOMING;
    for (const char *s = v; *s && p->srs_number_streams < 64; s += strcspn(s, "+"), s += *s == '+') p->srs_stream_list[p->srs_number_streams++] = (uint16_t)atoi(s);
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_RESET_STREAMS, p, (socklen_t)(sizeof *p + p->srs_number_streams * sizeof(uint16_t)));
  } else if (!strcmp(w, "reset-tsn")) {
    sctp_assoc_t id = 0;
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_RESET_ASSOC, &id, sizeof id);
  } else if (!strncmp(w, "add-out=", 8) || !strncmp(w, "add-in=", 7)) {
    struct sctp_add_streams p = {0, 0, 0};
    if (w[4] == 'o') p.sas_outstrms = (uint16_t)atoi(v); else p.sas_instrms = (uint16_t)atoi(v);
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_ADD_STREAMS, &p, sizeof p);
  } else if (!strncmp(w, "hb=", 3)) {
    struct sctp_paddrparams p;
    memset(&p, 0, sizeof p);
    ((struct sockaddr_in *)&a)->sin_port = htons((uint16_t)peer_port);
    memcpy(&p.spp_address, &a, sizeof a);
    p.spp_flags = SPP_HB_DEMAND;
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &p, sizeof p);
  } else if (!strncmp(w, "use-key=", 8)) {
    struct sctp_authkeyid id = {0, (uint16_t)atoi(v)};
    r = usrsctp_setsockopt(c->so, IPPROTO_SCTP, SCTP_AUTH_ACTIVE_KEY, &id, sizeof id);
  } else if (!strcmp(w, "status")) {
    status(c);
  } else if (!strcmp(w, "shutdown")) {
    r = usrsctp_shutdown(c->so, SHUT_WR);
  } else if (!strcmp(w, "abort")) {
    r = send_msg(c, "bye", 3, 0, 0, 0, SCTP_ABORT);
  } else {
    say("bad-action", "\"action\":\"%s\"", w);
    return;
  }
  say("action", "\"conn\":%d,\"action\":\"%s\",\"ok\":%s,\"error\":\"%s\"", c->id, w, r < 0 ? "false" : "true", r < 0 ? strerror(errno) : "");
}
static void *actions(void *arg) {
  struct conn *c = arg;
  while (!c->up && !c->closed) usleep(tick);
  for (int i = 0; i < nact && !c->closed; i++) {
    while (!c->closed && (now() - c->up_at) * 1000 < (double)act[i].ms) usleep(tick);
    if (!c->closed) do_action(c, act[i].what);
  }
  return NULL;
}
static void pump(struct conn *c) { /* the sender's loop: message n has bytes (n*31 + j*7) & 255 */
  long total = count;
  unsigned char *m = malloc((size_t)size_ + 1);
  FILE *in = NULL;
  if (in_ && !(in = fopen(in_, "rb"))) { say("fatal", "\"call\":\"fopen\",\"file\":\"%s\",\"error\":\"%s\"", in_, strerror(errno)); exit(1); }
  for (long n = 0; (in || n < total) && !c->closed; n++) {
    size_t len = (size_t)size_;
    if (in) {
      if ((len = fread(m, 1, len, in)) == 0) { count = total = n; break; }
    } else {
      for (long j = 0; j < size_; j++) m[j] = (unsigned char)((n + (mode == SEND ? c->id : 0)) * 31 + j * 7);
    }
    if (send_msg(c, m, len, (int)(first_sid + n % use_streams), htonl((uint32_t)ppid), (int)unordered, 0) < 0) {
      say("send-error", "\"conn\":%d,\"n\":%ld,\"error\":\"%s\"", c->id, n, strerror(errno));
      if (errno == ECONNRESET || errno == EPIPE || errno == ENOTCONN) break;
    }
    if (gap) usleep((useconds_t)gap * 1000);
  }
  if (in) fclose(in);
  say("sent", "\"conn\":%d,\"messages\":%ld,\"size\":%ld", c->id, total, size_);
  free(m);
}
static void *source(void *arg) {
  struct conn *c = arg;
  while (!c->up && !c->closed) usleep(1000);
  pump(c);
  if (!strcmp(end_, "shutdown")) usrsctp_shutdown(c->so, SHUT_WR);
  return NULL;
}
static struct conn *new_conn(int id, struct socket *so) {
  struct conn *c = calloc(1, sizeof *c);
  c->id = id;
  c->so = so;
  c->sum = 14695981039346656037ull;
  return c;
}
static void start(void *(*run)(void *), struct conn *c) { /* small stacks: there may be hundreds */
  pthread_t t;
  pthread_attr_t a;
  pthread_attr_init(&a);
  pthread_attr_setstacksize(&a, 256 * 1024);
  if (pthread_create(&t, &a, run, c)) { say("fatal", "\"call\":\"pthread_create\",\"error\":\"%s\"", strerror(errno)); exit(1); }
  pthread_attr_destroy(&a);
  pthread_detach(t);
}
static struct socket *new_socket(void) {
  struct socket *so = usrsctp_socket(want6 ? AF_INET6 : AF_INET, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
  if (!so) { say("fatal", "\"call\":\"socket\",\"error\":\"%s\"", strerror(errno)); exit(1); }
  configure(so);
  return so;
}
static volatile int clients_left;
static void *client(void *arg) { /* one association of `send`, from its INIT to its end */
  struct conn *c = arg;
  char packed[MAXA * sizeof(struct sockaddr_storage)];
  pack(peer, npeer, packed);
  sctp_assoc_t id = 0;
  if (usrsctp_connectx(c->so, (struct sockaddr *)packed, npeer, &id) < 0) { say("fatal", "\"call\":\"connectx\",\"error\":\"%s\"", strerror(errno)); exit(1); }
  start(reader, c);
  if (nact) start(actions, c);
  while (!c->up && !c->closed) usleep(tick);
  if (c->closed) exit(1);
  pump(c);
  while (wait_echo && c->got_msgs < count && !c->closed) usleep(tick);
  long last_act = nact ? act[nact - 1].ms : 0;
  while (!c->closed && (now() - c->up_at) * 1000 < (double)last_act + (last_act ? 300 : 0)) usleep(tick);
  if (assocs == 1) status(c);
  if (!strcmp(end_, "abort")) { do_action(c, "abort"); usleep(100000); }
  else if (!strcmp(end_, "shutdown") && !c->closed) usrsctp_shutdown(c->so, SHUT_WR);
  while (!c->closed) usleep(5 * tick);
  __sync_fetch_and_sub(&clients_left, 1);
  return NULL;
}
static void on_alarm(int s) { (void)s; static const char m[] = "{\"ev\":\"max-time\"}\n"; if (write(1, m, sizeof m - 1)) {} _exit(124); }

int main(int argc, char **argv) {
  if (argc < 2 || !strcmp(argv[1], "--help")) { fputs(HELP, argc < 2 ? stderr : stdout); return argc < 2 ? 2 : 0; }
  mode = !strcmp(argv[1], "echo") ? ECHO : !strcmp(argv[1], "discard") ? DISCARD : !strcmp(argv[1], "source") ? SOURCE : SEND;
  if (mode == SEND && strcmp(argv[1], "send")) { fputs(HELP, stderr); return 2; }
  static const struct { const char *n; long *v; int flag; } L[] = {
    {"port", &port, 0}, {"peer-port", &peer_port, 0}, {"encaps", &encaps, 0}, {"peer-encaps", &peer_encaps, 0}, {"size", &size_, 0}, {"count", &count, 0}, {"gap", &gap, 0},
    {"use-streams", &use_streams, 0}, {"ppid", &ppid, 0}, {"unordered", &unordered, 1}, {"first-sid", &first_sid, 0}, {"path-rtx", &path_rtx, 0}, {"assoc-rtx", &assoc_rtx, 0},
    {"init-rtx", &init_rtx, 0}, {"cookie-life", &cookie_life, 0}, {"pf", &pf, 0}, {"sack-delay", &sack_delay, 0}, {"sack-freq", &sack_freq, 0}, {"nodelay", &nodelay, 1}, {"maxseg", &maxseg, 0}, {"mtu", &mtu, 0},
    {"no-pmtud", &no_pmtud, 1}, {"dscp", &dscp, 0}, {"sndbuf", &sndbuf, 0}, {"rcvbuf", &rcvbuf, 0}, {"slow-read", &slow_read, 0}, {"no-read", &no_read, 1}, {"assocs", &assocs, 0}, {"pd-point", &pd_point, 0}, {"adaptation", &adaptation, 0},
    {"wait-echo", &wait_echo, 1}, {"max-time", &max_time, 0}, {"accept", &accepts, 0}, {"quiet", &quiet, 1}};
  for (int i = 2; i < argc; i++) {
    const char *o = argv[i] + 2, *v = i + 1 < argc ? argv[i + 1] : NULL;
    size_t k, known = 0;
    for (k = 0; k < sizeof L / sizeof *L; k++)
      if (!strcmp(o, L[k].n)) { known = 1; if (L[k].flag) *L[k].v = 1; else if (v) { *L[k].v = atol(v); i++; } break; }
    if (known) continue;
    if (!v) { fprintf(stderr, "bad option %s\n", argv[i]); return 2; }
    i++;
    if (!strcmp(o, "local")) nlocal = addr_list(v, 0, local);
    else if (!strcmp(o, "peer")) npeer = addr_list(v, 0, peer);
    else if (!strcmp(o, "streams")) { sout = atol(v); if (strchr(v, ':')) sin_ = atol(strchr(v, ':') + 1); }
    else if (!strcmp(o, "on")) on = v;
    else if (!strcmp(o, "off")) off = v;
    else if (!strcmp(o, "pr")) pr_ = v;
    else if (!strcmp(o, "rto")) sscanf(v, "%ld,%ld,%ld", &rto[0], &rto[1], &rto[2]);
    else if (!strcmp(o, "hb")) hb = strcmp(v, "off") ? atol(v) : -2;
    else if (!strcmp(o, "key")) key = v;
    else if (!strcmp(o, "auth-chunks")) auth_chunks = v;
    else if (!strcmp(o, "end")) end_ = v;
    else if (!strcmp(o, "in")) in_ = v;
    else if (!strcmp(o, "out")) out_ = v;
    else if (!strcmp(o, "at") && nact < MAXACT && strchr(v, ':')) { act[nact].ms = atol(v); act[nact++].what = strchr(v, ':') + 1; }
    else { fprintf(stderr, "bad option %s\n", argv[i - 1]); return 2; }
  }
  for (int i = 0; i < npeer; i++) ((struct sockaddr_in *)&peer[i])->sin_port = htons((uint16_t)peer_port);
  if (peer_encaps < 0 && mode == SEND) peer_encaps = encaps;
  t0 = now();
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, on_alarm);
  if (max_time) alarm((unsigned)max_time);
  usrsctp_init((uint16_t)encaps, NULL, NULL);
  usrsctp_sysctl_set_sctp_blackhole(0);
  usrsctp_sysctl_set_sctp_no_csum_on_loopback(0); /* else checksums are 0 on lo */
  if (pf >= 0) usrsctp_sysctl_set_sctp_path_pf_threshold((uint32_t)pf);
  if (hb == -2) usrsctp_sysctl_set_sctp_heartbeat_interval_default(0);
  if (mode != SEND) {
    struct socket *so = new_socket();
    if (usrsctp_listen(so, 1024) < 0) { say("fatal", "\"call\":\"listen\",\"error\":\"%s\"", strerror(errno)); return 1; }
    say("listening", "\"mode\":\"%s\",\"port\":%ld,\"encaps\":%ld,\"pid\":%d", argv[1], port >= 0 ? port : 5001, encaps, getpid());
    struct conn **all = calloc((size_t)(accepts ? accepts : 1), sizeof *all);
    for (int id = 0; !accepts || id < accepts; id++) {
      struct sockaddr_storage from;
      socklen_t fl = sizeof from;
      char b[64];
      memset(&from, 0, sizeof from);
      struct conn *c = new_conn(id, usrsctp_accept(so, (struct sockaddr *)&from, &fl));
      if (!c->so) { say("fatal", "\"call\":\"accept\",\"error\":\"%s\"", strerror(errno)); return 1; }
      say("accepted", "\"conn\":%d,\"addr\":\"%s\",\"port\":%u", id, addr(&from, b), ntohs(((struct sockaddr_in *)&from)->sin_port));
      if (!c->up_at) c->up_at = now();
      c->up = 1;
      start(reader, c);
      if (nact) start(actions, c);
      if (mode == SOURCE) start(source, c);
      if (accepts) all[id] = c;
    }
    for (long id = 0; id < accepts; id++) while (!all[id]->closed) usleep(20000);
    usleep(300000); /* let late SHUTDOWN-COMPLETE out */
    usrsctp_close(so);
    stats();
    _exit(0);
  }
  if (!npeer) { fputs("send needs --peer\n", stderr); return 2; }
  struct conn **all = calloc((size_t)assocs, sizeof *all);
  for (int k = 0; k < assocs; k++) all[k] = new_conn(k, new_socket());
  clients_left = (int)assocs;
  if (assocs > 1) tick = 100000;
  for (int k = 0; k < assocs; k++) start(client, all[k]);
  while (clients_left) usleep(5000);
  usleep(200000);
  stats();
  long long back = 0;
  for (int k = 0; k < assocs; k++) back += all[k]->bytes;
  say("done", "\"bytes_back\":%lld", back);
  _exit(0);
}
