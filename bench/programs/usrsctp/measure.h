/* What the usrsctp programs share: arguments, clocks, and the one JSON line that programs/meter.mjs prints, too. */
#ifndef MEASURE_H
#define MEASURE_H
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static int arg_count;
static char **arg_values;

static const char *argument(const char *name, const char *fallback) {
  size_t n = strlen(name);
  for (int i = 1; i < arg_count; i++)
    if (strncmp(arg_values[i], name, n) == 0 && arg_values[i][n] == '=') return arg_values[i] + n + 1;
  return fallback;
}

static double number_argument(const char *name, double fallback) {
  const char *text = argument(name, NULL);
  return text != NULL ? atof(text) : fallback;
}

static double now_s(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* User and system time of the process, all threads. */
static double cpu_s(void) {
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  exit(1);
}

/* Counts for a while after a warm-up. */
struct meter {
  double begin, opened_at, cpu, bytes, packets, data_packets;
};

/* True once, when the warm-up is over: keep what was counted so far. */
static int meter_opens(struct meter *m, double now, double warm) {
  if (m->opened_at != 0 || now - m->begin < warm) return 0;
  m->opened_at = now;
  m->cpu = cpu_s();
  return 1;
}

/* bytes, packets (both ways) and data_packets are of the measured time alone. */
static void print_result(const struct meter *m, double now, double bytes, double packets, double data_packets) {
  double seconds = now - m->opened_at, cpu = cpu_s() - m->cpu;
  struct rusage r;
  getrusage(RUSAGE_SELF, &r);
  printf("{\"peer\":\"usrsctp\",\"version\":\"" VERSION "\",\"seconds\":%.3f,\"mbps\":%.1f,\"packetsPerSecond\":%.0f,"
         "\"cpuSecondsPerGB\":%.3f,\"dataPacketsPerSecond\":%.0f,\"cpuMicrosPerPacket\":%.3f,\"maxRssMB\":%ld}\n",
         seconds, bytes * 8 / seconds / 1e6, packets / seconds, cpu / (bytes / 1e9), data_packets / seconds,
         cpu * 1e6 / data_packets, r.ru_maxrss / 1024);
  fflush(stdout);
}
#endif
