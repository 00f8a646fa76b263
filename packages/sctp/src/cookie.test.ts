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
const NOW_MS = 5_000_000_000;
const locals = [IpAddress.parse("192.0.2.1"), IpAddress.parse("2001:db8::1")];
const fallback = IpAddress.parse("192.0.2.99");
const contents: fc.Arbitrary<CookieContents> = fc.record({
  createdAt: fc.nat(2_000_000_000).map((ms) => at(NOW_MS - ms)),
  lifespan: fc.nat(7_200_000).map((ms) => 1000 * ms),
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
  local: fc.constantFrom(...locals, fallback),
  remote: address,
  remoteUdpPort: u16,
  peerAddresses: fc.array(address, { maxLength: 64 }),
});

/** Addresses cache their text, so they are compared by it. */
const plain = (c: CookieContents | "forged"): unknown => JSON.parse(JSON.stringify(c));

/** A jar whose key is as old as the cookies in these tests. */
const jarWith = (seed: number): CookieJar => new CookieJar(new SeededRandom(seed), at(NOW_MS));
const seal = (jar: CookieJar, c: CookieContents, ms = NOW_MS): Uint8Array =>
  jar.seal(at(ms), c, locals);
const open = (jar: CookieJar, cookie: Uint8Array, ms = NOW_MS): CookieContents | "forged" =>
  jar.open(at(ms), cookie, locals, fallback);

describe("CookieJar", () => {
  propertyTest.prop([contents, fc.nat()])("gives back what was sealed", (c, seed) => {
    const jar = jarWith(seed);
    const cookie = seal(jar, c);
    expect(plain(open(jar, cookie))).toEqual(plain(c));
    expect(cookie.length % 4).toBe(0);
  });

  propertyTest.prop([contents, fc.nat(), fc.nat()])(
    "refuses a cookie with any one bit flipped",
    (c, seed, position) => {
      const jar = jarWith(seed);
      const cookie = seal(jar, c);
      const bit = position % (8 * cookie.length);
      cookie[bit >> 3] = (cookie[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(open(jar, cookie)).toBe("forged");
    },
  );

  propertyTest.prop([contents, fc.uint8Array({ maxLength: 3000 })])(
    "refuses what it did not make, of any length",
    (c, bytes) => {
      const jar = jarWith(1);
      expect(open(jar, bytes)).toBe("forged");
      const cookie = seal(jar, c);
      for (const n of [0, 1, 4, 39, 55, 56, cookie.length - 1]) {
        expect(open(jar, cookie.subarray(0, n))).toBe("forged");
      }
      expect(open(jarWith(2), cookie)).toBe("forged");
    },
  );

  propertyTest.prop([contents])("is as small as what it must hold", (c) => {
    const size = (a: IpAddress): number => (a.family === 4 ? 4 : 16);
    const listed = c.peerAddresses.reduce((n, a) => n + 1 + size(a), 0);
    const tied = c.localTieTag !== 0 || c.peerTieTag !== 0;
    const need = 40 + size(c.remote) + (tied ? 8 : 0) + listed + 16;
    expect(seal(jarWith(1), c).length).toBe(Math.ceil(need / 4) * 4);
  });

  test("times are rounded up to milliseconds: no cookie ends before its time", () => {
    const [c] = fc.sample(contents, { numRuns: 1, seed: 3 });
    if (c === undefined) throw new Error("no sample");
    const jar = jarWith(1);
    const sealed = { ...c, createdAt: millis(NOW_MS + 0.001) as never, lifespan: 1 };
    const opened = open(jar, seal(jar, sealed));
    expect(opened).toMatchObject({ createdAt: at(NOW_MS + 1), lifespan: 1000 });
  });

  test("the key changes hourly; cookies of the hour before are still taken, older ones are not", () => {
    const [c] = fc.sample(contents, { numRuns: 1, seed: 3 });
    if (c === undefined) throw new Error("no sample");
    const jar = new CookieJar(new SeededRandom(1), at(0));
    const first = seal(jar, c, 0);
    expect(seal(jar, c, 3_600_000)).toEqual(first);
    const second = seal(jar, c, 3_600_001);
    expect(second).not.toEqual(first);
    expect(open(jar, first, 3_600_001)).not.toBe("forged");
    const third = seal(jar, c, 7_300_000);
    expect(open(jar, first, 7_300_000)).toBe("forged");
    expect(open(jar, second, 7_300_000)).not.toBe("forged");
    expect(open(jar, third, 7_300_000)).not.toBe("forged");
  });

  test("after two hours without a cookie no key from before is left", () => {
    const [c] = fc.sample(contents, { numRuns: 1, seed: 3 });
    if (c === undefined) throw new Error("no sample");
    const jar = new CookieJar(new SeededRandom(1), at(0));
    const cookie = seal(jar, c, 0);
    expect(open(jar, cookie, 7_200_001)).toBe("forged");
  });
});
