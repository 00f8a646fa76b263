import type { RemoteInfo } from "node:dgram";
import { afterEach, describe, expect, test } from "@jest/globals";
import { IpAddress } from "@multihome/base";
import { UdpSocket, type UdpSocketOwner } from "./udp-socket.js";

class Owner implements UdpSocketOwner {
  readonly texts: string[] = [];
  readonly failures: Error[] = [];
  #told: () => void = () => {};

  received(_socket: UdpSocket, bytes: Uint8Array, from: RemoteInfo): void {
    this.texts.push(`${from.address} ${new TextDecoder().decode(bytes)}`);
    this.#told();
  }
  sendFailed(error: Error): void {
    this.failures.push(error);
    this.#told();
  }
  socketFailed(): void {}

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
      });
    }
  }
}

const open: UdpSocket[] = [];
async function bound(address: string, owner: Owner): Promise<UdpSocket> {
  const socket = await UdpSocket.bind(IpAddress.parse(address), 0, owner, 1 << 20, 4096);
  open.push(socket);
  return socket;
}
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

describe("UdpSocket", () => {
  test("sends the bytes that it is given, from its address", async () => {
    const owner = new Owner();
    const a = await bound("127.0.0.1", owner);
    const z = await bound("127.0.0.2", owner);
    const bytes = new TextEncoder().encode("..hello..");
    expect(a.send(bytes, 2, 7, z.port, "127.0.0.2")).toBe("sent");
    bytes.fill(0); // what was sent need not stay
    await owner.until(() => owner.texts.length === 1);
    expect(owner.texts).toEqual(["127.0.0.1 hello"]);
  });

  test("tells what the system refuses", async () => {
    const owner = new Owner();
    const a = await bound("127.0.0.1", owner);
    // No UDP datagram is that long.
    a.send(new Uint8Array(65_536), 0, 65_536, a.port, "127.0.0.1");
    await owner.until(() => owner.failures.length === 1);
    expect(owner.failures).toEqual([expect.objectContaining({ code: "EMSGSIZE" })]);
  });

  test("closing twice does nothing", async () => {
    const a = await bound("127.0.0.1", new Owner());
    a.close();
    a.close();
    expect(a.closed).toBe(true);
  });
});
