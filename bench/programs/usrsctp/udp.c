/* usrsctp over UDP (RFC 6951) on 127.0.0.1, one end in a process of its own; one association, one way.
 *   udp role=receive port=9901 peerport=9900
 *   udp role=send port=9900 peerport=9901 size=1200 warm=1 time=2.5
 * Each end prints what it counted itself, and goes on until it is killed. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include "measure.h"

#define MTU 1500
#define BUFFER_BYTES (1 << 20)
#define SCTP_PORT 5000

static void option(struct socket *s, int name, const void *value, socklen_t length, const char *what) {
  if (usrsctp_setsockopt(s, IPPROTO_SCTP, name, value, length) < 0) die(what);
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in a;
  memset(&a, 0, sizeof a);
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  a.sin_port = htons((uint16_t)port);
  return a;
}

static struct socket *open_socket(int port, int peer_udp_port) {
  struct socket *s = usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
  int bytes = BUFFER_BYTES, on = 1;
  struct sctp_udpencaps e;
  struct sockaddr_in local = loopback(port);
  if (s == NULL) die("socket");
  usrsctp_setsockopt(s, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  usrsctp_setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  option(s, SCTP_NODELAY, &on, sizeof on, "no delay");
  memset(&e, 0, sizeof e);
  e.sue_address.ss_family = AF_INET;
  e.sue_port = htons((uint16_t)peer_udp_port);
  option(s, SCTP_REMOTE_UDP_ENCAPS_PORT, &e, sizeof e, "UDP port");
  if (usrsctp_bind(s, (struct sockaddr *)&local, sizeof local) < 0) die("bind");
  return s;
}

static void send_for_ever(struct socket *s, size_t size, double warm, double span) {
  struct sockaddr_in peer = loopback(SCTP_PORT);
  if (usrsctp_connect(s, (struct sockaddr *)&peer, sizeof peer) < 0) die("connect");
  struct sctp_paddrparams params;
  memset(&params, 0, sizeof params);
  memcpy(&params.spp_address, &peer, sizeof peer);
  params.spp_flags = SPP_PMTUD_DISABLE;
  params.spp_pathmtu = MTU;
  option(s, SCTP_PEER_ADDR_PARAMS, &params, sizeof params, "path MTU");
  uint8_t *message = malloc(size);
  memset(message, 0x5a, size);
  struct sctp_sndinfo how;
  memset(&how, 0, sizeof how);
  struct sctpstat stat0, stat;
  memset(&stat0, 0, sizeof stat0);
  struct meter m = {.begin = now_s()};
  double bytes = 0;
  for (int printed = 0;;) {
    if (usrsctp_sendv(s, message, size, NULL, 0, &how, sizeof how, SCTP_SENDV_SNDINFO, 0) < 0) die("send");
    bytes += (double)size;
    double now = now_s();
    if (meter_opens(&m, now, warm)) {
      m.bytes = bytes;
      usrsctp_get_stat(&stat0);
    }
    if (printed || m.opened_at == 0 || now - m.opened_at < span) continue;
    printed = 1;
    usrsctp_get_stat(&stat);
    double sent = (double)(stat.sctps_sendpackets - stat0.sctps_sendpackets);
    print_result(&m, now, bytes - m.bytes, sent + (double)(stat.sctps_recvpackets - stat0.sctps_recvpackets), sent);
  }
}

static void receive(struct socket *listener, double warm, double span) {
  if (usrsctp_listen(listener, 1) < 0) die("listen");
  printf("ready\n");
  fflush(stdout);
  struct socket *s = usrsctp_accept(listener, NULL, NULL);
  if (s == NULL) die("accept");
  uint8_t *in = malloc(BUFFER_BYTES);
  struct sctpstat stat0, stat;
  memset(&stat0, 0, sizeof stat0);
  struct meter m = {.begin = now_s()};
  double bytes = 0;
  for (int printed = 0;;) {
    int flags = 0;
    struct sctp_rcvinfo info;
    struct sockaddr_storage from;
    socklen_t from_length = sizeof from, info_length = sizeof info;
    unsigned type = 0;
    ssize_t n = usrsctp_recvv(s, in, BUFFER_BYTES, (struct sockaddr *)&from, &from_length, &info, &info_length, &type,
                              &flags);
    if (n <= 0) die("receive");
    bytes += (double)n;
    double now = now_s();
    if (meter_opens(&m, now, warm)) {
      m.bytes = bytes;
      usrsctp_get_stat(&stat0);
    }
    if (printed || m.opened_at == 0 || now - m.opened_at < span) continue;
    printed = 1;
    usrsctp_get_stat(&stat);
    double got = (double)(stat.sctps_recvpackets - stat0.sctps_recvpackets);
    print_result(&m, now, bytes - m.bytes, got + (double)(stat.sctps_sendpackets - stat0.sctps_sendpackets), got);
  }
}

int main(int argc, char **argv) {
  arg_count = argc;
  arg_values = argv;
  int sends = strcmp(argument("role", "receive"), "send") == 0;
  double warm = number_argument("warm", 1), span = number_argument("time", 2.5);
  usrsctp_init((uint16_t)number_argument("port", 9901), NULL, NULL);
  usrsctp_sysctl_set_sctp_blackhole(2);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_sysctl_set_sctp_no_csum_on_loopback(0);
  struct socket *s = open_socket(sends ? SCTP_PORT + 1 : SCTP_PORT, (int)number_argument("peerport", 9900));
  if (sends) send_for_ever(s, (size_t)number_argument("size", 1200), warm, span);
  else receive(s, warm, span);
}
