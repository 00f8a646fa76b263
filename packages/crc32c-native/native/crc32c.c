// CRC32c (Castagnoli) of a range of a Uint8Array, by the processor's own instruction where there is
// one, otherwise by tables. Arguments are checked against the array, so no call reads outside it.

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(CRC32C_TABLES_ONLY)
// As on other processors: for trying the build.
#elif defined(__x86_64__) || defined(_M_X64)
#define HAVE_SSE42 1
#include <nmmintrin.h>
#if defined(_MSC_VER)
#include <intrin.h>
#define TARGET_SSE42
#else
#define TARGET_SSE42 __attribute__((target("sse4.2")))
#endif
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#define HAVE_ARM_CRC 1
#include <arm_acle.h>
#endif

// The polynomial 0x1EDC6F41 with its bits reversed.
#define POLYNOMIAL 0x82f63b78u

// The instruction takes one step a cycle, but its result comes after three: three blocks side by side
// keep it busy. Their results are joined by tables that append BLOCK zero bytes to a CRC.
#define BLOCK 128

// Belongs to one environment (main thread or worker), so nothing is shared between threads.
typedef struct {
  uint32_t slice[8][256];  // [k][b]: byte b, then k zero bytes
  uint32_t skip[4][256];   // [k][b]: byte k of the register being b, then BLOCK zero bytes
  int hardware;
} Tables;

static void make_tables(Tables *t) {
  for (uint32_t b = 0; b < 256; b++) {
    uint32_t crc = b;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0u - (crc & 1u)));
    t->slice[0][b] = crc;
  }
  for (int k = 1; k < 8; k++) {
    for (int b = 0; b < 256; b++) {
      uint32_t before = t->slice[k - 1][b];
      t->slice[k][b] = (before >> 8) ^ t->slice[0][before & 255];
    }
  }
  for (int k = 0; k < 4; k++) {
    for (uint32_t b = 0; b < 256; b++) {
      uint32_t crc = b << (8 * k);
      for (int i = 0; i < BLOCK; i++) crc = (crc >> 8) ^ t->slice[0][crc & 255];
      t->skip[k][b] = crc;
    }
  }
}

// Both of the following take and give the register, inverted neither before nor after.

static uint32_t by_tables(const Tables *t, uint32_t crc, const uint8_t *p, size_t n) {
  while (n >= 8) {
    // Byte by byte, so that it works for either byte order and any alignment.
    crc ^= (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    crc = t->slice[7][crc & 255] ^ t->slice[6][(crc >> 8) & 255] ^
          t->slice[5][(crc >> 16) & 255] ^ t->slice[4][crc >> 24] ^ t->slice[3][p[4]] ^
          t->slice[2][p[5]] ^ t->slice[1][p[6]] ^ t->slice[0][p[7]];
    p += 8;
    n -= 8;
  }
  while (n-- > 0) crc = (crc >> 8) ^ t->slice[0][(crc ^ *p++) & 255];
  return crc;
}

#if defined(HAVE_SSE42) || defined(HAVE_ARM_CRC)
static uint64_t load64(const uint8_t *p) {
  uint64_t word;
  memcpy(&word, p, 8);
  return word;
}
#endif

#if defined(HAVE_SSE42)
#define STEP8(crc, p) _mm_crc32_u64((crc), load64(p))
#define STEP1(crc, p) _mm_crc32_u8((uint32_t)(crc), *(p))
#define REGISTER uint64_t
#define TARGET TARGET_SSE42
#elif defined(HAVE_ARM_CRC)
#define STEP8(crc, p) __crc32cd((crc), load64(p))
#define STEP1(crc, p) __crc32cb((crc), *(p))
#define REGISTER uint32_t
#define TARGET
#endif

#if defined(STEP8)
static uint32_t skip_block(const Tables *t, uint32_t crc) {
  return t->skip[0][crc & 255] ^ t->skip[1][(crc >> 8) & 255] ^ t->skip[2][(crc >> 16) & 255] ^
         t->skip[3][crc >> 24];
}

TARGET static uint32_t by_instruction(const Tables *t, uint32_t start, const uint8_t *p, size_t n) {
  REGISTER crc = start;
  while (n >= 3 * BLOCK) {
    REGISTER second = 0;
    REGISTER third = 0;
    for (int i = 0; i < BLOCK; i += 8) {
      crc = STEP8(crc, p + i);
      second = STEP8(second, p + BLOCK + i);
      third = STEP8(third, p + 2 * BLOCK + i);
    }
    crc = skip_block(t, (uint32_t)crc) ^ (uint32_t)second;
    crc = skip_block(t, (uint32_t)crc) ^ (uint32_t)third;
    p += 3 * BLOCK;
    n -= 3 * BLOCK;
  }
  while (n >= 8) {
    crc = STEP8(crc, p);
    p += 8;
    n -= 8;
  }
  while (n-- > 0) {
    crc = STEP1(crc, p);
    p++;
  }
  return (uint32_t)crc;
}
#endif

static const char *hardware_name(void) {
#if defined(HAVE_SSE42) && defined(_MSC_VER)
  int info[4];
  __cpuid(info, 1);
  return (info[2] & (1 << 20)) != 0 ? "sse4.2" : NULL;
#elif defined(HAVE_SSE42)
  return __builtin_cpu_supports("sse4.2") ? "sse4.2" : NULL;
#elif defined(HAVE_ARM_CRC)
  return "armv8";
#else
  return NULL;
#endif
}

// Reads (bytes, start, end) of a call. False, with an exception pending, if they are not a range of a
// Uint8Array.
static int get_range(napi_env env, napi_callback_info info, const Tables **tables,
                     const uint8_t **from, size_t *length) {
  napi_value args[3];
  size_t argc = 3;
  void *data;
  if (napi_get_cb_info(env, info, &argc, args, NULL, &data) != napi_ok) return 0;
  napi_typedarray_type type;
  size_t size;
  void *bytes;
  if (argc < 3 ||
      napi_get_typedarray_info(env, args[0], &type, &size, &bytes, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    napi_throw_type_error(env, "invalidArgument", "crc32c: expected (Uint8Array, start, end)");
    return 0;
  }
  int64_t start;
  int64_t end;
  if (napi_get_value_int64(env, args[1], &start) != napi_ok ||
      napi_get_value_int64(env, args[2], &end) != napi_ok || start < 0 || end < start ||
      (uint64_t)end > (uint64_t)size) {
    napi_throw_range_error(env, "invalidArgument",
                           "crc32c: expected 0 <= start <= end <= bytes.length");
    return 0;
  }
  *tables = data;
  *length = (size_t)(end - start);
  // An empty array may have no memory at all.
  *from = *length == 0 ? (const uint8_t *)"" : (const uint8_t *)bytes + start;
  return 1;
}

static napi_value to_number(napi_env env, uint32_t crc) {
  napi_value result;
  return napi_create_uint32(env, ~crc, &result) == napi_ok ? result : NULL;
}

static napi_value crc32c(napi_env env, napi_callback_info info) {
  const Tables *t;
  const uint8_t *p;
  size_t n;
  if (!get_range(env, info, &t, &p, &n)) return NULL;
#if defined(STEP8)
  if (t->hardware) return to_number(env, by_instruction(t, 0xffffffffu, p, n));
#endif
  return to_number(env, by_tables(t, 0xffffffffu, p, n));
}

// The path of machines without the instruction, for tests on those with it.
static napi_value crc32c_by_tables(napi_env env, napi_callback_info info) {
  const Tables *t;
  const uint8_t *p;
  size_t n;
  if (!get_range(env, info, &t, &p, &n)) return NULL;
  return to_number(env, by_tables(t, 0xffffffffu, p, n));
}

static void free_tables(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  free(data);
}

static int add_function(napi_env env, napi_value exports, const char *name, napi_callback callback,
                        Tables *tables) {
  napi_value function;
  return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, tables, &function) ==
             napi_ok &&
         napi_set_named_property(env, exports, name, function) == napi_ok;
}

NAPI_MODULE_INIT() {
  Tables *tables = malloc(sizeof *tables);
  if (tables == NULL) {
    napi_throw_error(env, "outOfMemory", "crc32c: no memory for the tables");
    return NULL;
  }
  if (napi_set_instance_data(env, tables, free_tables, NULL) != napi_ok) {
    free(tables);
    return NULL;
  }
  make_tables(tables);
  const char *name = hardware_name();
  tables->hardware = name != NULL;

  napi_value implementation;
  if (napi_create_string_utf8(env, name == NULL ? "table" : name, NAPI_AUTO_LENGTH,
                              &implementation) != napi_ok ||
      napi_set_named_property(env, exports, "implementation", implementation) != napi_ok ||
      !add_function(env, exports, "crc32c", crc32c, tables) ||
      !add_function(env, exports, "crc32cByTables", crc32c_by_tables, tables)) {
    return NULL;
  }
  return exports;
}
