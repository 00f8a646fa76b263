import { fc, test as prop } from "@fast-check/jest";
import { describe, expect, test } from "@jest/globals";
import { fromBase64, toBase64 } from "./base64.js";

describe("base64", () => {
  // RFC 4648 s10
  test.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("%j is %j", (text, encoded) => {
    const bytes = new TextEncoder().encode(text);
    expect(toBase64(bytes)).toBe(encoded);
    expect(fromBase64(encoded)).toEqual(bytes);
  });

  prop.prop([fc.uint8Array({ maxLength: 300 })])("agrees with Node's", (bytes) => {
    const text = toBase64(bytes);
    expect(text).toBe(Buffer.from(bytes).toString("base64"));
    expect(fromBase64(text)).toEqual(bytes);
  });

  test("a part of the bytes", () => {
    expect(toBase64(Uint8Array.of(1, 2, 3, 4, 5), 1, 3)).toBe(toBase64(Uint8Array.of(2, 3)));
  });

  test.each(["a", "Zg=", "Z g=", "Zm9\n", "Z===", "====", "Zm9é"])("%j is none", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });
});
