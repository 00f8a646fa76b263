import { describe, expect, test } from "@jest/globals";
import { parseFrom, parseListen, parsePeer } from "./endpoints.js";

describe("--listen", () => {
  test.each([
    ["5000", { addresses: undefined, port: 5000 }],
    [":5000", { addresses: undefined, port: 5000 }],
    ["127.0.0.1:0", { addresses: ["127.0.0.1"], port: 0 }],
    ["127.0.0.1:5000", { addresses: ["127.0.0.1"], port: 5000 }],
    ["192.0.2.1:7, [2001:DB8::1]:7", { addresses: ["192.0.2.1", "2001:db8::1"], port: 7 }],
  ])("%s", (text, read) => {
    expect(parseListen(text)).toEqual(read);
  });

  test.each([
    ["", "invalidAddress"],
    ["192.0.2.1", "invalidAddress"],
    ["192.0.2.256:5000", "invalidAddress"],
    ["2001:db8::1:5000", "invalidAddress"],
    ["localhost:5000", "invalidAddress"],
    ["192.0.2.1:65536", "invalidPort"],
    ["192.0.2.1:5000,198.51.100.1:5001", "portsDiffer"],
  ])("%j is refused: %s", (text, code) => {
    expect(() => parseListen(text)).toThrow(expect.objectContaining({ code, exit: 2 }));
  });
});

test("--from takes addresses of both families, without ports", () => {
  expect(parseFrom("192.0.2.1, [2001:db8::1],::1")).toEqual(["192.0.2.1", "2001:db8::1", "::1"]);
  expect(() => parseFrom("192.0.2.1:5000")).toThrow(
    expect.objectContaining({ code: "invalidAddress" }),
  );
});

describe("a peer", () => {
  test("may be named", () => {
    expect(parsePeer("--to", "server.example:5000, [::1]:5000")).toEqual([
      "server.example:5000",
      "[::1]:5000",
    ]);
  });

  test.each([
    ["300.1.2.3:5000", "invalidAddress"],
    ["10.1:5000", "invalidAddress"],
    ["a_b:5000", "invalidAddress"],
    [":5000", "invalidAddress"],
    ["localhost", "invalidAddress"],
    ["localhost:99999", "invalidPort"],
    ["localhost:0", "invalidPort"],
  ])("%j is refused without a look-up: %s", (text, code) => {
    expect(() => parsePeer("--to", text)).toThrow(expect.objectContaining({ code, exit: 2 }));
  });
});
