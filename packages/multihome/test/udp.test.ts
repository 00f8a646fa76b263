import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { connect, createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "@jest/globals";
import {
  type Association,
  Host,
  type HostOptions,
  Impairment,
  type PathEvent,
  type Server,
} from "../src/index.js";

const hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close(0)));
});

async function open(addresses: readonly string[], options: HostOptions = {}): Promise<Host> {
  const host = await Host.open({ addresses, lingerMs: 0, ...options });
  hosts.push(host);
  return host;
}

/** A server that sends every message back on its stream. */
async function echoServer(
  addresses: readonly string[],
  options: HostOptions = {},
): Promise<Server> {
  const server = await (await open(addresses, options)).listen({ port: 0 });
  server.associations$.subscribe((z) =>
    z.messages$.subscribe((m) => z.send(m.data, { stream: m.stream })),
  );
  return server;
}

async function firstOf(server: Server): Promise<Association> {
  for await (const association of server) return association;
  throw new Error("nobody came");
}

const Z = ["127.0.0.1", "127.0.0.2"];
const A = ["127.0.0.3", "127.0.0.4"];

/** `length` bytes that do not repeat soon. */
const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + (i >> 16)) & 255);

const sha = (parts: readonly Uint8Array[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

describe("over real sockets", () => {
  test.each([
    ["IPv4", Z, A],
    ["IPv6", ["::1"], ["::1"]],
    ["both families", ["127.0.0.1", "::1"], ["127.0.0.3", "::1"]],
  ])("10 MB come back over four streams, in order, by %s", async (_name, theirs, ours) => {
    const server = await echoServer(theirs);
    const a = await (await open(ours)).connect(server.addresses);
    const data = noise(10 << 20);
    const piece = 40_000;
    const back: Uint8Array[][] = [[], [], [], []];
    const reading = (async () => {
      let bytes = 0;
      for await (const m of a) {
        back[m.stream]?.push(m.data);
        bytes += m.data.length;
        if (bytes === data.length) return;
      }
    })();
    const sent: Uint8Array[][] = [[], [], [], []];
    for (let at = 0, i = 0; at < data.length; at += piece, i++) {
      const part = data.subarray(at, at + piece);
      sent[i % 4]?.push(part);
      await a.send(part, { stream: i % 4 });
    }
    await reading;
    expect(back.map(sha)).toEqual(sent.map(sha));
    expect(await a.close()).toEqual({ kind: "shutdown" });
  });

  test("a path that is silently cut is left, and used again when it is healed", async () => {
    const impair = new Impairment();
    const server = await echoServer(Z, { impair });
    const a = await (await open(A)).connect(server.addresses);
    const events: PathEvent[] = [];
    a.paths$.subscribe((e) => events.push(e));
    const first = a.paths().find((p) => p.current)?.remote ?? "";
    let stop = false;
    let back = 0;
    const reading = (async () => {
      for await (const _ of a) back++;
    })();
    const sending = (async () => {
      let n = 0;
      for (; !stop; n++) {
        await a.send(noise(1000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return n;
    })();
    const seen = async (isIt: (e: PathEvent) => boolean): Promise<PathEvent> => {
      for (;;) {
        const found = events.find(isIt);
        if (found !== undefined) return found;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await seen((e) => e.kind === "confirmed" && e.path.remote !== first);
    impair.cut({ local: first });
    const switched = await seen((e) => e.kind === "switched");
    expect(switched).toMatchObject({ from: { remote: first }, stallMs: expect.any(Number) });
    impair.heal({ local: first });
    await seen((e) => e.kind === "recovered" && e.path.remote === first);
    stop = true;
    const n = await sending;
    while (back < n) await new Promise((resolve) => setImmediate(resolve));
    expect(await a.close()).toEqual({ kind: "shutdown" });
    await reading;
    expect(back).toBe(n);
  });

  test("a reader that stops makes the sender wait, within bounds", async () => {
    const sizes = { sendBufferBytes: 100_000, receiveBufferBytes: 100_000 };
    const server = await (await open(Z, sizes)).listen({ port: 0 });
    const accepted = firstOf(server);
    const a = await (await open(A, sizes)).connect(server.addresses);
    const z = await accepted;
    let accepts = 0;
    const sends = Array.from({ length: 100 }, () =>
      a.send(noise(10_000)).then(() => {
        accepts++;
      }),
    );
    // As much as both buffers hold, and then nothing more.
    while (z.status().unreadBytes < 90_000) await new Promise((resolve) => setImmediate(resolve));
    while (a.status().outstandingBytes > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(accepts).toBeGreaterThanOrEqual(15);
    expect(accepts).toBeLessThanOrEqual(21);
    let read = 0;
    for await (const m of z) {
      read += m.data.length;
      if (read === 1_000_000) break;
    }
    await Promise.all(sends);
  });

  test("a dead first address costs a short delay, not a failure", async () => {
    const impair = new Impairment();
    impair.cut({ remote: "127.0.0.1" });
    const server = await echoServer(Z);
    const a = await (await open(A, { impair })).connect(server.addresses);
    expect(a.paths().find((p) => p.current)?.remote).toBe("127.0.0.2");
  });

  test("a peer that is not there is told with every address tried", async () => {
    const holder = createSocket("udp4");
    holder.bind(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address();
    const host = await open(A);
    const to = [`127.0.0.1:${port}`, `127.0.0.2:${port}`];
    await expect(host.connect(to, { timeoutMs: 300 })).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining(to.join(", ")),
    });
    await expect(
      host.connect(to, { maxInitRetransmits: 0, rtoInitialMs: 50 }),
    ).rejects.toMatchObject({ code: "connectFailed", details: { tried: to } });
    await new Promise<void>((resolve) => holder.close(() => resolve()));
  });

  test("a port in use is told with its address", async () => {
    const server = await echoServer(Z);
    const other = await open(Z);
    await expect(other.listen({ port: server.port })).rejects.toMatchObject({
      code: "addressInUse",
      message: expect.stringContaining(`127.0.0.1:${server.port}`),
    });
  });

  test("an interface that is forbidden carries not one byte, and is used again when allowed", async () => {
    const server = await echoServer(Z);
    const lo = { address: "127.0.0.3", netmask: "255.0.0.0", mac: "", internal: true } as const;
    const host = await open([], {
      systemInterfaces: () => ({
        one: [{ ...lo, family: "IPv4", cidr: null }],
        two: [{ ...lo, address: "127.0.0.4", family: "IPv4", cidr: null }],
      }),
      addresses: ["127.0.0.3", "127.0.0.4"],
    });
    const a = await host.connect(server.addresses);
    const next = async (isIt: (e: PathEvent) => boolean): Promise<PathEvent> =>
      new Promise((resolve) => {
        const subscription = a.paths$.subscribe((e) => {
          if (!isIt(e)) return;
          resolve(e);
          queueMicrotask(() => subscription.unsubscribe());
        });
      });
    await next((e) => e.kind === "confirmed" && e.path.local === "127.0.0.4");
    const switched = next((e) => e.kind === "switched");
    host.setInterfaceRules({ deny: ["one"] });
    expect(await switched).toMatchObject({
      from: { local: "127.0.0.3" },
      to: { local: "127.0.0.4" },
    });
    const sum = (): number =>
      a
        .paths()
        .filter((p) => p.local === "127.0.0.3")
        .reduce((n, p) => n + p.packetsSent, 0);
    const before = sum();
    const echoes = a[Symbol.asyncIterator]();
    for (let i = 0; i < 50; i++) {
      await a.send(noise(100));
      await echoes.next();
    }
    expect(sum()).toBe(before);
    const recovered = next((e) => e.kind === "recovered" && e.path.local === "127.0.0.3");
    host.setInterfaceRules({});
    await recovered;
  });
});

test("ordinary http runs over an association", async () => {
  const server = await (await open(Z)).listen({ port: 0 });
  const app = createServer((req, res) => {
    let bytes = 0;
    req.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
    });
    req.on("end", () => {
      res.write(`${req.method} ${req.url} `);
      res.end(`${bytes} from ${req.socket.remoteAddress}`);
    });
  });
  server.associations$.subscribe((z) => app.emit("connection", z.duplex()));

  const a = await (await open(A)).connect(server.addresses);
  const duplex = a.duplex();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => duplex;
  const answers: string[] = [];
  for (const bytes of [0, 1, 300_000]) {
    const req = request({ agent, method: "POST", path: `/${bytes}`, host: "peer" });
    req.end(Buffer.alloc(bytes));
    const [res] = await once(req, "response");
    let text = "";
    for await (const chunk of res) text += String(chunk);
    answers.push(text);
  }
  expect(answers).toEqual([
    "POST /0 0 from 127.0.0.3",
    "POST /1 1 from 127.0.0.3",
    "POST /300000 300000 from 127.0.0.3",
  ]);
  agent.destroy();
  expect(await a.closed).toEqual({ kind: "shutdown" });
  app.close();
});

test("TLS runs over an association", async () => {
  const psk = { psk: Buffer.alloc(16, 7), identity: "us" };
  const options = { ciphers: "PSK", minVersion: "TLSv1.2", maxVersion: "TLSv1.2" } as const;
  const server = await (await open(Z)).listen({ port: 0 });
  const app = createTlsServer({ ...options, pskCallback: () => psk.psk }, (secure) => {
    secure.on("data", (chunk: Buffer) => secure.end(`${chunk} back`));
  });
  server.associations$.subscribe((z) => app.emit("connection", z.duplex()));
  const a = await (await open(A)).connect(server.addresses);
  const secure = connect({
    ...options,
    socket: a.duplex(),
    pskCallback: () => psk,
    checkServerIdentity: () => undefined,
  });
  secure.write("secret");
  const [answer] = await once(secure, "data");
  expect(String(answer)).toBe("secret back");
  expect(secure.getCipher().name).toContain("PSK");
  await a.closed;
});
