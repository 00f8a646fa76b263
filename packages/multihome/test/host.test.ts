import { describe, expect, test } from "@jest/globals";
import { Host, type PathPolicy, type PathView } from "../src/index.js";
import { MemoryNetwork } from "./support/memory-network.js";
import { bytes, memoryHosts, memoryPair, readAll, Z_ADDRESSES } from "./support/memory-pair.js";

describe("connect", () => {
  test("passes over a dead first address", async () => {
    const { network, aHost } = await memoryHosts();
    network.cut.add("192.0.2.1");
    const a = await network.result(aHost.connect(Z_ADDRESSES), 1000);
    expect(a.paths().find((p) => p.current)?.remote).toBe("198.51.100.1");
    expect([a.incoming, a.remotePort, a.state]).toEqual([false, 5000, "open"]);
  });

  test("to nobody fails in bounded time and names each address", async () => {
    const { network, aDriver, aHost } = await memoryHosts();
    network.cut.add("192.0.2.1").add("198.51.100.1");
    await expect(network.result(aHost.connect(Z_ADDRESSES))).rejects.toMatchObject({
      code: "connectFailed",
      message: expect.stringMatching(/192\.0\.2\.1:5000.*198\.51\.100\.1:5000/),
      details: { tried: Z_ADDRESSES, cause: { kind: "unreachable" } },
    });
    expect(aHost.associations).toEqual([]);
    expect(aDriver.alive).toBe(false);
  });

  test("to a port where nobody listens fails at once", async () => {
    const { network, zDriver, aHost } = await memoryHosts();
    await zDriver.bind(5001);
    await expect(network.result(aHost.connect("192.0.2.1:5001"), 100)).rejects.toMatchObject({
      code: "connectFailed",
      message: expect.stringContaining("refused"),
      details: { cause: { kind: "setupFailed" } },
    });
  });

  test("gives up when its time is over", async () => {
    const { network, aHost } = await memoryHosts();
    network.cut.add("192.0.2.1").add("198.51.100.1");
    await expect(aHost.connect(Z_ADDRESSES, { timeoutMs: 1 })).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining("198.51.100.1:5000"),
      details: { timeoutMs: 1 },
    });
    await network.run(1);
    expect(aHost.associations).toEqual([]);
  });

  test("gives up when it is told to, before and in the middle", async () => {
    const { network, aDriver, aHost } = await memoryHosts();
    const before = AbortSignal.abort("never mind");
    await expect(aHost.connect(Z_ADDRESSES, { signal: before })).rejects.toMatchObject({
      code: "cancelled",
      details: { reason: "never mind" },
    });
    const controller = new AbortController();
    const attempt = aHost.connect(Z_ADDRESSES, { signal: controller.signal });
    attempt.catch(() => {});
    await network.until(() => aDriver.core.associationCount === 1);
    controller.abort();
    await expect(attempt).rejects.toMatchObject({ code: "cancelled" });
    await network.run(1);
    expect(aDriver.core.associationCount).toBe(0);
  });

  test("a signal that comes later does nothing", async () => {
    const { network, aHost } = await memoryHosts();
    const controller = new AbortController();
    const a = await network.result(aHost.connect(Z_ADDRESSES, { signal: controller.signal }));
    controller.abort();
    await network.run(100);
    expect(a.state).toBe("open");
  });

  test("over some of our addresses only", async () => {
    const { network, aHost } = await memoryHosts();
    const a = await network.result(
      aHost.connect(Z_ADDRESSES, { addresses: ["198.51.100.2"], streams: 7 }),
    );
    await network.run(1000);
    expect(new Set(a.paths().map((p) => p.local))).toEqual(new Set(["198.51.100.2"]));
    expect(a.status().outboundStreams).toBe(7);
  });

  test("to another UDP port than the SCTP port", async () => {
    const { network, zHost, aHost } = await memoryHosts();
    const server = await zHost.listen({ port: 7, udpPort: 9899 });
    expect([server.port, server.udpPort, server.addresses[0]]).toEqual([7, 9899, "192.0.2.1:9899"]);
    const a = await network.result(aHost.connect("192.0.2.1:7", { udpPort: 9899 }));
    expect(a.remotePort).toBe(7);
  });

  test("follows a policy of the application, by name or by object", async () => {
    const { network, aHost } = await memoryHosts();
    const last: PathPolicy = {
      name: "last",
      select: (usable) => usable.at(-1) as PathView,
    };
    const a = await network.result(aHost.connect(Z_ADDRESSES, { policy: last }));
    await network.run(1000);
    expect(a.paths().find((p) => p.current)?.id).toBe(a.paths().length);
    const b = await network.result(aHost.connect(Z_ADDRESSES, { policy: "handover" }));
    await network.run(1000);
    expect(b.paths().find((p) => p.current)?.id).toBe(1);
    const odd: unknown = "odd";
    await expect(aHost.connect(Z_ADDRESSES, { policy: odd as "handover" })).rejects.toMatchObject({
      code: "invalidOption",
      message: expect.stringContaining("handover"),
    });
  });

  test("a policy that throws is replaced and reported, and loses nothing", async () => {
    const { network, aHost, server } = await memoryHosts();
    const broken: PathPolicy = {
      name: "broken",
      select: () => {
        throw new Error("no idea");
      },
    };
    const accepted = server[Symbol.asyncIterator]().next();
    const a = await network.result(aHost.connect(Z_ADDRESSES, { policy: broken }));
    const kinds: unknown[] = [];
    a.events$.subscribe((e) => kinds.push(e));
    expect(kinds).toEqual([
      {
        kind: "policyFailed",
        atMs: expect.any(Number),
        detail: expect.stringContaining("no idea"),
      },
    ]);
    const { value: z } = await network.result(accepted);
    const reading = readAll(z);
    await a.send(bytes("arrives"));
    await network.result(a.close());
    expect(await network.result(reading)).toEqual(["arrives"]);
  });

  test.each([
    ["invalidOption", { timeoutMs: 0 }],
    ["invalidOption", { udpPort: 0 }],
    ["invalidOption", { streams: 0 }],
    ["invalidOption", { failover: { budgetMs: 1 } }],
    ["invalidAddress", { addresses: ["nowhere"] }],
    ["noUsableAddress", { addresses: ["203.0.113.1"] }],
  ])("%s for %j", async (code, options) => {
    const { aHost } = await memoryHosts();
    await expect(aHost.connect(Z_ADDRESSES, options)).rejects.toMatchObject({ code });
  });
});

describe("listen", () => {
  test("associations that come before anybody looks wait", async () => {
    const { network, aHost, server } = await memoryHosts();
    await network.result(aHost.connect(Z_ADDRESSES));
    await network.result(aHost.connect(Z_ADDRESSES));
    const seen: boolean[] = [];
    server.associations$.subscribe((z) => seen.push(z.incoming));
    await network.until(() => seen.length === 2);
    await network.result(aHost.connect(Z_ADDRESSES));
    await network.until(() => seen.length === 3);
    expect(seen).toEqual([true, true, true]);
    expect(server.associations).toHaveLength(3);
  });

  test("an association can be answered as soon as it is pushed, and its first message is not missed", async () => {
    const { network, aHost, server } = await memoryHosts();
    server.associations$.subscribe((z) =>
      z.messages$.subscribe((m) => z.send(m.data, { stream: m.stream })),
    );
    const a = await network.result(aHost.connect(Z_ADDRESSES));
    await a.send(bytes("echo"), { stream: 5 });
    const { value } = await network.result(a[Symbol.asyncIterator]().next());
    expect(value).toMatchObject({ data: bytes("echo"), stream: 5 });
  });

  test("port 0 chooses one", async () => {
    const { zHost } = await memoryHosts();
    const [one, two] = [await zHost.listen({ port: 0 }), await zHost.listen({ port: 0 })];
    expect(one.port).toBeGreaterThan(0);
    expect(two.port).not.toBe(one.port);
    expect(one.udpPort).toBe(one.port);
  });

  test("a port that this host listens on already is refused, and its UDP port given back", async () => {
    const { zDriver, zHost } = await memoryHosts();
    await expect(zHost.listen({ port: 5000, udpPort: 6000 })).rejects.toMatchObject({
      code: "portInUse",
      message: expect.stringContaining("5000"),
    });
    expect(zDriver.ports).toEqual([5000]);
  });

  test("close takes no more, ends what nobody took, and waits for the others", async () => {
    const { network, zDriver, zHost, aHost, server } = await memoryHosts();
    const taken: unknown[] = [];
    const subscription = server.associations$.subscribe({
      next: (z) => taken.push(z),
      complete: () => taken.push("|"),
    });
    const a = await network.result(aHost.connect(Z_ADDRESSES));
    await network.until(() => taken.length === 1);
    subscription.unsubscribe();
    const waiting = await network.result(aHost.connect(Z_ADDRESSES));
    await network.run(100);

    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    expect(await network.result(waiting.closed)).toMatchObject({ kind: "abortedByPeer" });
    await expect(network.result(aHost.connect(Z_ADDRESSES))).rejects.toMatchObject({
      code: "connectFailed",
    });
    expect([closed, server.listening, zHost.servers]).toEqual([false, false, []]);
    expect(a.state).toBe("open");
    expect(zDriver.ports).toEqual([5000]);

    await network.result(a.close());
    await network.result(closing);
    expect(zDriver.ports).toEqual([]);
    expect(zDriver.alive).toBe(false);
    expect(await server[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined });
  });

  test.each([
    ["invalidOption", { port: -1 }],
    ["invalidOption", { port: 65_536 }],
    ["invalidOption", { port: 5001, udpPort: 70_000 }],
    ["invalidOption", { port: 5001, receiveBufferBytes: 1 }],
    ["invalidAddress", { port: 5001, addresses: ["nowhere"] }],
  ])("%s for %j", async (code, options) => {
    const { zHost } = await memoryHosts();
    await expect(zHost.listen(options)).rejects.toMatchObject({ code });
  });
});

describe("a host", () => {
  test("keeps the process alive for a server or an association only", async () => {
    const { network, aDriver, zDriver, aHost, server } = await memoryHosts();
    expect([aDriver.alive, zDriver.alive]).toEqual([false, true]);
    const a = await network.result(aHost.connect(Z_ADDRESSES));
    expect(aDriver.alive).toBe(true);
    await network.result(a.close());
    expect(aDriver.alive).toBe(false);
    await network.result(server.close());
    expect(zDriver.alive).toBe(false);
  });

  test("close ends everything gracefully and refuses more", async () => {
    const { network, aDriver, aHost, a, z } = await memoryPair();
    const reading = readAll(z);
    await a.send(bytes("last words"));
    await network.result(aHost.close());
    expect(await network.result(reading)).toEqual(["last words"]);
    expect(await a.closed).toEqual({ kind: "shutdown" });
    expect(aDriver.closed).toBe(true);
    await expect(aHost.connect(Z_ADDRESSES)).rejects.toMatchObject({ code: "closed" });
    await expect(aHost.listen({ port: 1 })).rejects.toMatchObject({ code: "closed" });
    let complete = false;
    aHost.interfaces$.subscribe({ complete: () => (complete = true) });
    expect(complete).toBe(true);
  });

  test("close aborts what does not end in time", async () => {
    const { network, aHost, a } = await memoryPair();
    network.cut.add("192.0.2.1").add("198.51.100.1");
    await a.send(bytes("undeliverable"));
    await network.result(aHost.close(1));
    expect(await a.closed).toMatchObject({ kind: "aborted" });
  });

  test("close cancels what is still being opened", async () => {
    const { network, aDriver, aHost } = await memoryHosts();
    network.cut.add("192.0.2.1").add("198.51.100.1");
    const attempt = aHost.connect(Z_ADDRESSES);
    attempt.catch(() => {});
    await network.until(() => aDriver.core.associationCount === 1);
    await network.result(aHost.close());
    await expect(attempt).rejects.toMatchObject({ code: "connectFailed" });
  });

  test("tells its interfaces", async () => {
    const host = await Host.open({ driver: new MemoryNetwork().host(["192.0.2.1"]) });
    const seen: unknown[] = [];
    host.interfaces$.subscribe((list) => seen.push(list.map((i) => i.addresses)));
    host.setInterfaceRules({ deny: ["mem1"] });
    expect(seen).toEqual([[["192.0.2.1"]], [["192.0.2.1"]]]);
    expect(host.interfaces).toEqual([
      {
        name: "mem0",
        kind: "other",
        addresses: ["192.0.2.1"],
        up: true,
        metered: false,
        cost: 0,
        allowed: true,
      },
    ]);
  });

  test("counts", async () => {
    const { aHost } = await memoryPair();
    expect(aHost.counters()).toMatchObject({ associationsOpened: 1 });
  });

  test("refuses options that cannot be", async () => {
    await expect(Host.open({ lingerMs: -1 })).rejects.toMatchObject({ code: "invalidOption" });
    await expect(Host.open({ addresses: ["x"] })).rejects.toMatchObject({ code: "invalidAddress" });
    await expect(Host.open({ mtu: 1 })).rejects.toMatchObject({ code: "invalidOption" });
  });

  test("refuses options that there are not, and names those that there are", async () => {
    const { aHost } = await memoryHosts();
    const misspelled = { port: 0, mtu: 1500, timeoutMS: 1 };
    const refused = (known: string): object => ({
      code: "invalidOption",
      message: expect.stringMatching(new RegExp(`"timeoutMS".*\\b${known}\\b`)),
      details: { option: "timeoutMS" },
    });
    await expect(Host.open(misspelled)).rejects.toMatchObject({ details: { option: "port" } });
    await expect(aHost.listen(misspelled)).rejects.toMatchObject(refused("udpPort"));
    const { port, ...connect } = misspelled;
    await expect(aHost.connect("192.0.2.1:1", connect)).rejects.toMatchObject(refused("timeoutMs"));
  });
});
