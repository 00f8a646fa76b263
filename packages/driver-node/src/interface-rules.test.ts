import { describe, expect, test } from "@jest/globals";
import {
  checkInterfaceRules,
  costOf,
  type InterfaceRules,
  isAllowed,
  isMetered,
} from "./interface-rules.js";

describe("isAllowed", () => {
  test.each<[string, InterfaceRules, boolean]>([
    ["eth0", {}, true],
    ["eth0", { allow: ["eth0"] }, true],
    ["eth1", { allow: ["eth0"] }, false],
    ["eth1", { allow: ["eth*"] }, true],
    ["eth1", { allow: [] }, false],
    ["eth1", { deny: ["eth1"] }, false],
    ["eth1", { allow: ["eth*"], deny: ["eth1"] }, false],
    ["docker0", { deny: ["docker*"] }, false],
    ["wlan0", { deny: ["docker*"] }, true],
  ])("%s by %j: %s", (name, rules, allowed) => {
    expect(isAllowed(name, rules)).toBe(allowed);
  });
});

test("metered and cost go by name, the first rule that fits", () => {
  const rules: InterfaceRules = { metered: ["ww*"], cost: { wwan0: 5, "ww*": 9, "*": 1 } };
  expect(isMetered("wwan0", rules)).toBe(true);
  expect(isMetered("eth0", rules)).toBe(false);
  expect(costOf("wwan0", rules)).toBe(5);
  expect(costOf("wwan1", rules)).toBe(9);
  expect(costOf("eth0", rules)).toBe(1);
  expect(costOf("eth0", {})).toBe(0);
});

describe("checkInterfaceRules", () => {
  test("takes what is right", () => {
    expect(() =>
      checkInterfaceRules({ allow: ["eth*"], deny: [], metered: ["ww*"], cost: { eth0: 0.5 } }),
    ).not.toThrow();
  });

  test.each<[InterfaceRules, string]>([
    [{ allow: [""] }, "interfaces.allow"],
    [{ cost: { eth0: -1 } }, "interfaces.cost.eth0"],
    [{ cost: { eth0: Number.NaN } }, "interfaces.cost.eth0"],
  ])("refuses %j", (rules, option) => {
    expect(() => checkInterfaceRules(rules)).toThrow(
      expect.objectContaining({ code: "invalidOption", message: expect.stringContaining(option) }),
    );
  });
});
