import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { type Instant, IpAddress, millis, SeededRandom } from "@multihome/base";
import { type CookieContents, CookieJar } from "./cookie.js";

const at = (ms: number): Instant => millis(ms) as never;

const u32 = fc.nat(0xffff_ffff);
const u16 = fc.nat(0xffff);
const address = fc.oneof(
  u32.map((n) => IpAddress.v4(n)),
  fc.tuple(u32, u32, u32, u32).map(([a, b, c, d]) => IpAddress.v6(a, b, c, d)),
);
const contents: fc.Arbitrary<CookieContents> = fc.record({
  createdAt: fc.nat(Number.MAX_SAFE_INTEGER).map((n) => n as Instant),
  lifespan: u32,
  localTag: u32,
  localInitialTsn: u32,
  peerTag: u32,
  peerInitialTsn: u32,
  peerARwnd: u32,
  localTieTag: u32,
  peerTieTag: u32,
  localPort: u16,
  peerPort: u16,
  outboundStreams: u16,
  inboundStreams: u16,
  local: address,
  remote: address,
  remoteUdpPort: u16,
  peerAddresses: fc.array(address, { maxLength: 16 }),
});

/** Addresses cache their text, so they are compared by it. */
const plain = (c: CookieContents | "forged"): unknown => JSON.parse(JSON.stringify(c));

describe("CookieJar", () => {
  propertyTest.prop([contents, fc.nat()])("gives back what was sealed", (c, seed) => {
    const jar = new CookieJar(new SeededRandom(seed), at(0));
    const cookie = jar.seal(at(1), c);
    expect(plain(jar.open(cookie))).toEqual(plain(c));
    expect(cookie.length % 4).toBe(0);
  });

  propertyTest.prop([contents, fc.nat(), fc.nat()])(
    "refuses a cookie with any one bit flipped",
    (c, seed, position) => {
      const jar = new CookieJar(new SeededRandom(seed), at(0));
      const cookie = jar.seal(at(1), c);
      const bit = position % (8 * cookie.length);
      cookie[bit >> 3] = (cookie[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(jar.open(cookie)).toBe("forged");
    },
  );

  propertyTest.prop([contents, fc.uint8Array({ maxLength: 400 })])(
    "refuses what it did not make, of any length",
    (c, bytes) => {
      const jar = new CookieJar(new SeededRandom(1), at(0));
      expect(jar.open(bytes)).toBe("forged");
      const cookie = jar.seal(at(0), c);
      for (const n of [0, 1, 4, 51, 52, cookie.length - 1]) {
        expect(jar.open(cookie.subarray(0, n))).toBe("forged");
      }
      expect(new CookieJar(new SeededRandom(2), at(0)).open(cookie)).toBe("forged");
    },
  );

  test("the key changes hourly; cookies of the hour before are still taken, older ones are not", () => {
    const [c] = fc.sample(contents, { numRuns: 1, seed: 3 });
    if (c === undefined) throw new Error("no sample");
    const jar = new CookieJar(new SeededRandom(1), at(0));
    const first = jar.seal(at(0), c);
    expect(jar.seal(at(3_600_000), c)).toEqual(first);
    const second = jar.seal(at(3_600_001), c);
    expect(second).not.toEqual(first);
    expect(jar.open(first)).not.toBe("forged");
    const third = jar.seal(at(7_300_000), c);
    expect(jar.open(first)).toBe("forged");
    expect(jar.open(second)).not.toBe("forged");
    expect(jar.open(third)).not.toBe("forged");
  });
});
