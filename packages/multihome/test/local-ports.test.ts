import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "@jest/globals";
import { type Association, Host, NodeDriver, type Server } from "../src/index.js";

const LOOPBACK = ["127.0.0.1"];
const hosts: Host[] = [];
afterEach(() => Promise.all(hosts.splice(0).map((host) => host.close(0))));

async function openHost(): Promise<Host> {
  const host = await Host.open({ addresses: LOOPBACK, lingerMs: 0 });
  hosts.push(host);
  return host;
}

async function firstOf(server: Server): Promise<Association> {
  for await (const association of server) return association;
  throw new Error("nobody came");
}

/** A UDP port of the loopback address that nobody uses. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}

test("an association is opened from the ports that are asked for, and frees them when it ends", async () => {
  const z = await openHost();
  const server = await z.listen({ port: 0 });
  const a = await openHost();
  const ports = { localPort: 7001, localUdpPort: await freeUdpPort() };
  for (let round = 0; round < 2; round++) {
    const accepted = firstOf(server);
    const opened = await a.connect([...server.addresses], ports);
    expect(opened.localPort).toBe(7001);
    const incoming = await accepted;
    expect(incoming.remotePort).toBe(7001);
    await opened.abort();
    await incoming.closed;
  }
});

test("a port of its own that is taken is an error before anything is sent", async () => {
  const z = await openHost();
  const server = await z.listen({ port: 0 });
  const a = await openHost();
  const taken = createSocket("udp4");
  taken.bind(0, "127.0.0.1");
  await once(taken, "listening");
  const to = [...server.addresses];
  await expect(a.connect(to, { localUdpPort: taken.address().port })).rejects.toMatchObject({
    code: "addressInUse",
  });
  taken.close();
  const opened = await a.connect(to, { localPort: 7002 });
  await expect(a.connect(to, { localPort: 7002 })).rejects.toMatchObject({ code: "portInUse" });
  await expect(a.connect(to, { localPort: 0 })).rejects.toMatchObject({ code: "invalidOption" });
  await opened.abort();
});

test("an association from the same ports is a restart of the one that was there", async () => {
  const z = await openHost();
  const server = await z.listen({ port: 0 });
  const ports = { localPort: 7003, localUdpPort: await freeUdpPort() };
  const accepted = firstOf(server);
  const driver = await NodeDriver.open({ addresses: LOOPBACK });
  const killed = await Host.open({ driver });
  await killed.connect([...server.addresses], ports);
  const kinds: string[] = [];
  const incoming = await accepted;
  incoming.events$.subscribe((event) => kinds.push(event.kind));
  driver.close(); // as if its process had been killed: nobody is told
  const again = await (await openHost()).connect([...server.addresses], ports);
  await again.close();
  await incoming.closed;
  expect(kinds[0]).toBe("restarted");
  expect(server.associations).toEqual([]);
});
