import { createSocket } from "node:dgram";
import { CommandError } from "../command-error.js";
import { EXIT } from "../exit-status.js";

/** A path of the demonstration: a pair of loopback addresses that is made to behave like a network. */
export interface DemoPath {
  readonly name: "wifi" | "cellular";
  /** The sender's address. */
  readonly local: string;
  /** The receiver's address. */
  readonly remote: string;
  readonly rateBitsPerSecond: number;
  /** One way. */
  readonly delayMs: number;
  /** What the network's buffers hold; more than that is lost. */
  readonly queueBytes: number;
}

/** What 30 ms carry: a larger buffer would be a network that answers late, as too many are. */
const WIFI = {
  name: "wifi",
  rateBitsPerSecond: 100e6,
  delayMs: 10,
  queueBytes: 375_000,
} as const;
const CELLULAR = {
  name: "cellular",
  rateBitsPerSecond: 60e6,
  delayMs: 25,
  queueBytes: 225_000,
} as const;

/** Linux and Windows have all of 127.0.0.0/8; macOS has one address of each family. */
const CANDIDATES = [
  [
    ["127.0.1.1", "127.0.1.2"],
    ["127.0.2.1", "127.0.2.2"],
  ],
  [
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
  ],
] as const;

/**
 * Finds two pairs of loopback addresses that this system can bind.
 * @throws CommandError `noLoopbackPaths`
 */
export async function findDemoPaths(): Promise<readonly DemoPath[]> {
  for (const [wifi, cellular] of CANDIDATES) {
    const wanted = [...wifi, ...cellular];
    const free = await Promise.all(wanted.map(canBind));
    if (free.includes(false)) continue;
    return [
      { ...WIFI, local: wifi[0], remote: wifi[1] },
      { ...CELLULAR, local: cellular[0], remote: cellular[1] },
    ];
  }
  throw new CommandError(
    EXIT.failed,
    "noLoopbackPaths",
    "this system has neither several IPv4 loopback addresses nor ::1 beside 127.0.0.1: two paths need two addresses",
  );
}

function canBind(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
    socket.once("error", () => {
      socket.close();
      resolve(false);
    });
    socket.bind(0, address, () => {
      socket.close();
      resolve(true);
    });
  });
}
