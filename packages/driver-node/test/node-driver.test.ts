import { createSocket } from "node:dgram";
import type { NetworkInterfaceInfo } from "node:os";
import { performance } from "node:perf_hooks";
import { afterEach, describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { Impairment } from "../src/impairment.js";
import { NodeDriver, type NodeDriverOptions } from "../src/node-driver.js";
import type { SystemInterfaces } from "../src/read-interfaces.js";
import { DriverProbe } from "./support/driver-probe.js";

const open: DriverProbe[] = [];
async function probe(options: NodeDriverOptions): Promise<DriverProbe> {
  const made = await DriverProbe.open(options);
  open.push(made);
  return made;
}
afterEach(() => {
  for (const p of open.splice(0)) p.driver.close();
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("an association over real sockets", () => {
  test.each([
    ["IPv4", ["127.0.0.1", "127.0.0.2"], ["127.0.0.3", "127.0.0.4"]],
    ["IPv6", ["::1"], ["::1"]],
    ["both", ["127.0.0.1", "::1"], ["127.0.0.2", "::1"]],
  ])("carries a message over %s", async (_family, theirs, ours) => {
    const z = await probe({ addresses: theirs });
    const a = await probe({ addresses: ours });
    const id = await a.connect(theirs, await z.listen());
    a.send(id, bytes("hello"));
    const { id: there } = await z.first("readable");
    expect(z.receive(there)).toEqual([bytes("hello")]);
    expect(await a.first("message")).toMatchObject({ outcome: { kind: "delivered" } });
    // Each address of ours reaches one of theirs.
    const confirmed = (): number =>
      a.events.filter((e) => e.kind === "path" && e.event.kind === "confirmed").length;
    await a.until(() => confirmed() >= ours.length);
  });

  test("ends when asked, and says so on both sides", async () => {
    const z = await probe({ addresses: ["127.0.0.1"] });
    const a = await probe({ addresses: ["127.0.0.1"] });
    const id = await a.connect(["127.0.0.1"], await z.listen());
    a.driver.core.shutdown(a.driver.now(), id);
    a.driver.wake();
    expect(await a.first("ended")).toMatchObject({ cause: { kind: "shutdown" } });
    expect(await z.first("ended")).toMatchObject({ cause: { kind: "shutdown" } });
  });

  test("survives datagrams that are no SCTP packets", async () => {
    const z = await probe({ addresses: ["127.0.0.1"] });
    const port = await z.listen();
    const stranger = createSocket("udp4");
    for (const length of [0, 1, 11, 12, 13, 1200, 60_000]) {
      await new Promise((resolve) => {
        stranger.send(Buffer.alloc(length, 0xff), port, "127.0.0.1", resolve);
      });
    }
    stranger.close();
    const a = await probe({ addresses: ["127.0.0.1"] });
    const id = await a.connect(["127.0.0.1"], port);
    a.send(id, bytes("still there"));
    await z.first("readable");
    expect(z.driver.counters.datagramsReceived).toBeGreaterThan(7);
  });

  test("a process that stood still reads its sockets before it believes its timers", async () => {
    const sctp = { failover: { budgetMs: 500 } };
    const z = await probe({ addresses: ["127.0.0.1"], sctp });
    const a = await probe({ addresses: ["127.0.0.1"], sctp });
    const id = await a.connect(["127.0.0.1"], await z.listen());
    let stalled = false;
    z.during = (event) => {
      // The acknowledgement has left; longer than any retransmission timer of this budget.
      if (event.kind !== "readable") return;
      stalled = true;
      const until = performance.now() + 1200;
      while (performance.now() < until);
    };
    a.send(id, bytes("hello"));
    await a.first("message");
    expect(stalled).toBe(true);
    const counters = a.driver.core.counters();
    expect(counters["t3Expirations"]).toBe(0);
    expect(counters["chunksRetransmitted"]).toBe(0);
  });
});

describe("bind", () => {
  const text = (addresses: readonly IpAddress[]): string[] => addresses.map(String);

  test("finds one port that is free on all addresses", async () => {
    const { driver } = await probe({ addresses: ["127.0.0.1", "127.0.0.2", "::1"] });
    const binding = await driver.bind(0);
    expect(binding.port).toBeGreaterThan(0);
    expect(text(binding.addresses)).toEqual(["127.0.0.1", "127.0.0.2", "::1"]);
  });

  test("on some of the addresses", async () => {
    const { driver } = await probe({ addresses: ["127.0.0.1", "127.0.0.2"] });
    const binding = await driver.bind(0, [IpAddress.parse("127.0.0.2")]);
    expect(text(binding.addresses)).toEqual(["127.0.0.2"]);
  });

  test("a port in use is refused with its address, and nothing stays bound", async () => {
    const holder = createSocket("udp4");
    await new Promise<void>((resolve) => {
      holder.bind(0, "127.0.0.2", resolve);
    });
    const { port } = holder.address();
    const { driver } = await probe({ addresses: ["127.0.0.1", "127.0.0.2"] });
    await expect(driver.bind(port)).rejects.toMatchObject({
      code: "addressInUse",
      message: expect.stringContaining(`127.0.0.2:${port}`),
    });
    await new Promise<void>((resolve) => {
      holder.close(resolve);
    });
    expect((await driver.bind(port)).port).toBe(port);
  });

  test("a port is shared by its users and closed after the last", async () => {
    const { driver } = await probe({ addresses: ["127.0.0.1", "127.0.0.2"] });
    const first = await driver.bind(0, [IpAddress.parse("127.0.0.1")]);
    const second = await driver.bind(first.port, [IpAddress.parse("127.0.0.2")]);
    expect(text(second.addresses)).toEqual(["127.0.0.1", "127.0.0.2"]);
    first.release();
    first.release();
    expect(text(second.addresses)).toEqual(["127.0.0.2"]);
    second.release();
    const other = await probe({ addresses: ["127.0.0.1", "127.0.0.2"] });
    expect((await other.driver.bind(first.port)).port).toBe(first.port);
  });

  test("an address that is not ours is refused", async () => {
    const { driver } = await probe({ addresses: ["127.0.0.1"] });
    await expect(driver.bind(0, [IpAddress.parse("192.0.2.99")])).rejects.toMatchObject({
      code: "noUsableAddress",
      message: expect.stringContaining("192.0.2.99"),
    });
    const none = await probe({ addresses: ["192.0.2.99"] });
    await expect(none.driver.bind(0)).rejects.toMatchObject({ code: "noUsableAddress" });
  });

  test("a closed driver binds nothing", async () => {
    const { driver } = await probe({ addresses: ["127.0.0.1"] });
    driver.close();
    await expect(driver.bind(0)).rejects.toMatchObject({ code: "closed" });
  });
});

describe("an impairment", () => {
  test("delays and cuts below the transport", async () => {
    const impair = new Impairment();
    impair.set({}, { delayMs: 2, rateBitsPerSecond: 100e6 });
    const z = await probe({ addresses: ["127.0.0.1"] });
    const a = await probe({ addresses: ["127.0.0.2"], impair });
    const id = await a.connect(["127.0.0.1"], await z.listen());

    impair.cut({ remote: "127.0.0.1" });
    a.send(id, bytes("into the void"));
    const dropped = (): number => a.driver.counters.impaired;
    while (dropped() < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(z.events.some((e) => e.kind === "readable")).toBe(false);

    impair.heal({ remote: "127.0.0.1" });
    const { id: there } = await z.first("readable");
    expect(z.receive(there)).toEqual([bytes("into the void")]);
  });

  test("a cut stops what comes in, too", async () => {
    const impair = new Impairment();
    const z = await probe({ addresses: ["127.0.0.1"], impair });
    const port = await z.listen();
    impair.cut({ remote: "127.0.0.2" });
    const stranger = createSocket("udp4");
    await new Promise<void>((resolve) => {
      stranger.bind(0, "127.0.0.2", resolve);
    });
    stranger.send(Buffer.alloc(100), port, "127.0.0.1");
    while (z.driver.counters.impaired === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(z.driver.core.counters()["packetsForClosedPorts"]).toBe(0);
    stranger.close();
  });

  test("what it holds leaves when the driver closes", async () => {
    const impair = new Impairment();
    const z = await probe({ addresses: ["127.0.0.1"] });
    const a = await probe({ addresses: ["127.0.0.2"], impair });
    const id = await a.connect(["127.0.0.1"], await z.listen());
    impair.set({}, { delayMs: 60_000 });
    a.driver.core.abort(a.driver.now(), id, bytes("bye"));
    a.driver.wake();
    await a.first("ended");
    a.driver.close();
    expect(await z.first("ended")).toMatchObject({ cause: { kind: "abortedByPeer" } });
  });
});

describe("interfaces", () => {
  const entry = (address: string): NetworkInterfaceInfo => ({
    address,
    netmask: "255.0.0.0",
    family: "IPv4",
    mac: "00:00:00:00:00:00",
    internal: true,
    cidr: `${address}/8`,
  });

  /** Two interfaces made of loopback addresses. */
  const both: SystemInterfaces = { lo: [entry("127.0.0.1")], lo2: [entry("127.0.0.2")] };

  test("an address that goes loses its path and socket at once, and both come back with it", async () => {
    let system = both;
    const z = await probe({ addresses: ["127.0.0.3", "127.0.0.4"] });
    const a = await probe({ systemInterfaces: () => system, interfacePollMs: 10 });
    const id = await a.connect(["127.0.0.3", "127.0.0.4"], await z.listen());
    const paths = (kind: string, local: string): number =>
      a.events.filter(
        (e) =>
          e.kind === "path" &&
          e.event.kind === kind &&
          "path" in e.event &&
          e.event.path.local.toString() === local,
      ).length;
    await a.until(() => paths("confirmed", "127.0.0.1") > 0 && paths("confirmed", "127.0.0.2") > 0);

    system = { lo2: [entry("127.0.0.2")] };
    await a.until(() => paths("potentiallyFailed", "127.0.0.1") > 0);
    expect(a.interfaceLists.at(-1)?.map((i) => i.name)).toEqual(["lo2"]);
    expect(a.driver.core.currentPath(id)?.local.toString()).toBe("127.0.0.2");
    a.send(id, bytes("by the other"));
    await z.first("readable");

    system = both;
    await a.until(() => paths("recovered", "127.0.0.1") > 0);
    expect(a.driver.counters.interfaceChanges).toBe(2);
  });

  test("rules that change take effect at once", async () => {
    const a = await probe({
      systemInterfaces: () => both,
      interfacePollMs: Number.POSITIVE_INFINITY,
    });
    const binding = await a.driver.bind(0);
    a.driver.setInterfaceRules({ deny: ["lo2"] });
    await a.until(() => a.interfaceLists.length > 0);
    expect(binding.addresses.map(String)).toEqual(["127.0.0.1"]);
    expect(a.driver.interfaces.map((i) => i.allowed)).toEqual([true, false]);
    expect(() => a.driver.setInterfaceRules({ cost: { lo: -1 } })).toThrow("cost");
  });

  test("a system that does not tell for once changes nothing", async () => {
    let told = 0;
    const a = await probe({
      interfacePollMs: 10,
      systemInterfaces: () => {
        told++;
        if (told > 1) throw new Error("not now");
        return both;
      },
    });
    while (told < 4) await new Promise((resolve) => setImmediate(resolve));
    expect(a.driver.interfaces.map((i) => i.name)).toEqual(["lo", "lo2"]);
    expect(a.interfaceLists).toEqual([]);
  });
});

describe("what keeps a process alive", () => {
  const holding = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => name === "UDPWrap" || name === "Timeout");

  test("nothing of a driver, unless asked to", async () => {
    const before = holding();
    const a = await probe({ addresses: ["127.0.0.1", "127.0.0.2"] });
    await a.listen();
    expect(holding()).toEqual(before);
    a.driver.keepAlive(true);
    a.driver.keepAlive(true);
    expect(holding()).toHaveLength(before.length + 1);
    a.driver.keepAlive(false);
    expect(holding()).toEqual(before);
    a.driver.keepAlive(true);
    a.driver.close();
    a.driver.keepAlive(true);
    expect(holding()).toEqual(before);
  });
});

describe("options", () => {
  test.each<[NodeDriverOptions, string]>([
    [{ addresses: ["nonsense"] }, "invalidAddress"],
    [{ interfacePollMs: 1 }, "invalidOption"],
    [{ socketBufferBytes: 0 }, "invalidOption"],
    [{ sendQueueBytes: -1 }, "invalidOption"],
    [{ interfaces: { allow: [""] } }, "invalidOption"],
    [{ sctp: { maxPaths: 0 } }, "invalidOption"],
  ])("%j is refused", async (options, code) => {
    await expect(NodeDriver.open(options)).rejects.toMatchObject({ code });
  });
});
