import { expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { allowedAddresses } from "./allowed-addresses.js";

const local = (interfaceName: string, address: string, allowed = true) => ({
  interfaceName,
  address: IpAddress.parse(address),
  metered: false,
  cost: 0,
  allowed,
});

test("addresses that follow each other are on different interfaces, as far as there are any", () => {
  const locals = [
    local("wifi", "10.1.0.2"),
    local("wifi", "fd00:1::2"),
    local("wifi", "fd00:1::3"),
    local("lte", "10.2.0.2"),
    local("lte", "fd00:2::2"),
    local("bt", "10.3.0.2"),
  ];
  expect(allowedAddresses(locals).map(String)).toEqual([
    ...["10.1.0.2", "10.2.0.2", "10.3.0.2"],
    ...["fd00:1::2", "fd00:2::2"],
    "fd00:1::3",
  ]);
});

test("an address that may not be used is left out", () => {
  const locals = [local("wifi", "10.1.0.2", false), local("lte", "10.2.0.2")];
  expect(allowedAddresses(locals).map(String)).toEqual(["10.2.0.2"]);
});
