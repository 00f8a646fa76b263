/* usrsctp: two endpoints in one process and one thread, one association, one way, packets handed over in memory.
 *   memory size=1200 warm=1 time=2.5 */
#include <arpa/inet.h>
#include <usrsctp.h>

#include "measure.h"

#define SLOTS 8192
#define SLOT_BYTES 2048
#define MTU 1500
#define BUFFER_BYTES (1 << 20)

struct packet {
  void *to;
  size_t length;
  uint8_t data[SLOT_BYTES];
};
static struct packet *ring;
static unsigned head, tail;
static double packets;
static int a_id, z_id;

static int output(void *address, void *data, size_t length, uint8_t tos, uint8_t df) {
  (void)tos;
  (void)df;
  if (head - tail == SLOTS || length > SLOT_BYTES) return 0;
  struct packet *p = &ring[head++ % SLOTS];
  /* Both ends speak to the address that they call the peer's; the wire exchanges them. */
  p->to = address == &a_id ? (void *)&z_id : (void *)&a_id;
  p->length = length;
  memcpy(p->data, data, length);
  packets++;
  return 0;
}

static void carry(void) {
  for (; tail != head; tail++) {
    struct packet *p = &ring[tail % SLOTS];
    usrsctp_conninput(p->to, p->data, p->length, 0);
  }
}

static struct sockaddr_conn address_of(void *id) {
  struct sockaddr_conn c;
  memset(&c, 0, sizeof c);
  c.sconn_family = AF_CONN;
  c.sconn_port = htons(5000);
  c.sconn_addr = id;
  return c;
}

static struct socket *open_socket(void *id) {
  struct socket *s = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
  int bytes = BUFFER_BYTES;
  struct sockaddr_conn local = address_of(id);
  if (s == NULL) die("socket");
  usrsctp_set_non_blocking(s, 1);
  usrsctp_setsockopt(s, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  usrsctp_setsockopt(s, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  if (usrsctp_bind(s, (struct sockaddr *)&local, sizeof local) < 0) die("bind");
  return s;
}

int main(int argc, char **argv) {
  arg_count = argc;
  arg_values = argv;
  size_t size = (size_t)number_argument("size", 1200);
  double warm = number_argument("warm", 1), span = number_argument("time", 2.5);

  ring = malloc(sizeof *ring * SLOTS);
  usrsctp_init_nothreads(0, output, NULL);
  usrsctp_sysctl_set_sctp_ecn_enable(0);
  usrsctp_register_address(&a_id);
  usrsctp_register_address(&z_id);
  struct socket *a = open_socket(&a_id), *listener = open_socket(&z_id), *z = NULL;
  if (usrsctp_listen(listener, 1) < 0) die("listen");
  struct sockaddr_conn peer = address_of(&a_id);
  if (usrsctp_connect(a, (struct sockaddr *)&peer, sizeof peer) < 0 && errno != EINPROGRESS) die("connect");
  for (int i = 0; i < 1000 && z == NULL; i++) {
    carry();
    z = usrsctp_accept(listener, NULL, NULL);
  }
  if (z == NULL) die("accept");
  usrsctp_set_non_blocking(z, 1);
  carry();
  struct sctp_paddrparams params;
  memset(&params, 0, sizeof params);
  memcpy(&params.spp_address, &peer, sizeof peer);
  params.spp_flags = SPP_PMTUD_DISABLE;
  params.spp_pathmtu = MTU;
  if (usrsctp_setsockopt(a, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &params, sizeof params) < 0) die("path MTU");

  uint8_t *message = malloc(size), *in = malloc(BUFFER_BYTES);
  memset(message, 0x5a, size);
  struct sctp_sndinfo how;
  memset(&how, 0, sizeof how);
  struct sctpstat stat0, stat;
  memset(&stat0, 0, sizeof stat0);
  struct meter m = {.begin = now_s()};
  double bytes = 0, last = m.begin;
  for (;;) {
    for (int i = 0; i < 64; i++) {
      if (usrsctp_sendv(a, message, size, NULL, 0, &how, sizeof how, SCTP_SENDV_SNDINFO, 0) >= 0) continue;
      if (errno != EWOULDBLOCK) die("send");
      break;
    }
    carry();
    for (;;) {
      int flags = 0;
      struct sctp_rcvinfo info;
      struct sockaddr_storage from;
      socklen_t from_length = sizeof from, info_length = sizeof info;
      unsigned type = 0;
      ssize_t n = usrsctp_recvv(z, in, BUFFER_BYTES, (struct sockaddr *)&from, &from_length, &info, &info_length,
                                &type, &flags);
      if (n <= 0) break;
      bytes += (double)n;
    }
    double now = now_s();
    if (now - last >= 0.001) {
      usrsctp_handle_timers((uint32_t)((now - last) * 1000));
      last = now;
    }
    if (meter_opens(&m, now, warm)) {
      m.bytes = bytes;
      m.packets = packets;
      usrsctp_get_stat(&stat0);
    }
    if (m.opened_at != 0 && now - m.opened_at >= span) {
      usrsctp_get_stat(&stat);
      print_result(&m, now, bytes - m.bytes, packets - m.packets,
                   (double)(stat.sctps_recvpktwithdata - stat0.sctps_recvpktwithdata));
      _exit(0);
    }
  }
}
