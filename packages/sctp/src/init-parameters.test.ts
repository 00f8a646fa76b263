import { fc, test as propertyTest } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { checkInit, INIT_FIXED_LENGTH, ParameterType, writeInitFixed } from "@multihome/wire";
import { addressParameter, concat, parameter } from "./control-chunks.js";
import { type InitContents, initFault, isUnicast, readInit } from "./init-parameters.js";

const read = (parameters: readonly Uint8Array[], max = 16): InitContents | undefined => {
  const rest = concat(parameters);
  const chunk = new Uint8Array(INIT_FIXED_LENGTH + rest.length);
  const view = new DataView(chunk.buffer);
  writeInitFixed(view, 0, 1, chunk.length, 7, 100_000, 10, 11, 12);
  chunk.set(rest, INIT_FIXED_LENGTH);
  return readInit(chunk, view, 0, chunk.length, max);
};

const ip = (text: string): Uint8Array => addressParameter(IpAddress.parse(text));

describe("readInit", () => {
  test("the fixed part", () => {
    expect(read([])).toMatchObject({
      initiateTag: 7,
      aRwnd: 100_000,
      outboundStreams: 10,
      inboundStreams: 11,
      initialTsn: 12,
      addresses: [],
      cookie: undefined,
      cookiePreservative: 0,
      hostName: undefined,
      supportsIpv4: true,
      supportsIpv6: true,
      unrecognized: [],
    });
  });

  test("unicast addresses in their order, as many as asked for", () => {
    const found = read([
      ip("10.0.0.1"),
      ip("224.0.0.1"),
      ip("2001:db8::1"),
      ip("::"),
      ip("10.0.0.2"),
    ]);
    expect(found?.addresses.map(String)).toEqual(["10.0.0.1", "2001:db8::1", "10.0.0.2"]);
    expect(read([ip("10.0.0.1"), ip("10.0.0.2")], 1)?.addresses.map(String)).toEqual(["10.0.0.1"]);
  });

  test("an address parameter of the wrong length is no address", () => {
    const odd = parameter(ParameterType.ipv4Address, new Uint8Array(5).fill(1));
    expect(read([odd, ip("10.0.0.1")])?.addresses.map(String)).toEqual(["10.0.0.1"]);
  });

  test("the cookie and the host name are copies", () => {
    const cookie = parameter(ParameterType.stateCookie, Uint8Array.of(1, 2, 3));
    const name = parameter(ParameterType.hostNameAddress, Uint8Array.of(120, 0));
    const found = read([cookie, name]);
    expect(found?.cookie).toEqual(Uint8Array.of(1, 2, 3));
    expect(found?.hostName).toEqual(Uint8Array.of(0, 11, 0, 6, 120, 0));
  });

  test("a Cookie Preservative of another length counts for nothing", () => {
    const right = parameter(ParameterType.cookiePreservative, Uint8Array.of(0, 0, 1, 0));
    const wrong = parameter(ParameterType.cookiePreservative, Uint8Array.of(1, 0));
    expect(read([right])?.cookiePreservative).toBe(256);
    expect(read([wrong])?.cookiePreservative).toBe(0);
  });

  test("supported address types: what is listed, and what is used anyway", () => {
    const types = (...t: number[]): Uint8Array =>
      parameter(ParameterType.supportedAddressTypes, Uint8Array.from(t.flatMap((x) => [0, x])));
    const families = (p: readonly Uint8Array[]): unknown[] => {
      const found = read(p);
      return [found?.supportsIpv4, found?.supportsIpv6];
    };
    expect(families([types(5)])).toEqual([true, false]);
    expect(families([types(6)])).toEqual([false, true]);
    expect(families([types(5, 6)])).toEqual([true, true]);
    // 11 is the deprecated host name and is ignored
    expect(families([types(11)])).toEqual([false, false]);
    expect(families([types(6), ip("10.0.0.1")])).toEqual([true, true]);
  });

  test("what is reported is bounded to 1,024 bytes", () => {
    const many = Array.from({ length: 300 }, () => parameter(0xfffe, new Uint8Array(4)));
    const found = read(many);
    expect(found?.unrecognized.reduce((n, p) => n + p.length, 0)).toBe(1024);
  });

  propertyTest.prop([fc.uint8Array({ minLength: 0, maxLength: 300 })])(
    "reads any bytes without throwing, or says that they do not fit",
    (bytes) => {
      const chunk = new Uint8Array(INIT_FIXED_LENGTH + bytes.length);
      const view = new DataView(chunk.buffer);
      writeInitFixed(view, 0, 1, chunk.length, 7, 1, 1, 1, 1);
      chunk.set(bytes, INIT_FIXED_LENGTH);
      expect(checkInit(view, 0, chunk.length)).toBe("ok");
      const found = readInit(chunk, view, 0, chunk.length, 16);
      if (found !== undefined) expect(found.addresses.every(isUnicast)).toBe(true);
    },
  );
});

describe("initFault", () => {
  const good = read([]);
  test.each([
    [{ initiateTag: 0 }, /Tag 0/],
    [{ aRwnd: 1499 }, /a_rwnd/],
    [{ outboundStreams: 0 }, /outbound/],
    [{ inboundStreams: 0 }, /inbound/],
  ])("%j", (change, fault) => {
    if (good === undefined) throw new Error("no INIT");
    expect(initFault(good)).toBeUndefined();
    expect(initFault({ ...good, aRwnd: 1500 })).toBeUndefined();
    expect(initFault({ ...good, ...change })).toMatch(fault);
  });
});

describe("isUnicast", () => {
  test.each([
    ["10.0.0.1", true],
    ["127.0.0.1", true],
    ["0.0.0.0", false],
    ["224.0.0.1", false],
    ["239.255.255.255", false],
    ["255.255.255.255", false],
    ["2001:db8::1", true],
    ["::1", true],
    ["::", false],
    ["ff02::1", false],
  ])("%s: %s", (text, unicast) => expect(isUnicast(IpAddress.parse(text))).toBe(unicast));
});
