import { type IpAddress, type RandomSource, randomBelow, SeededRandom } from "@multihome/base";
import type { IcmpNotice } from "@multihome/sctp";
import type { FuzzCase } from "./fuzz-case.js";
import {
  BYSTANDER_PORT,
  FuzzFinding,
  FuzzWorld,
  PEER_PORT,
  STRANGER_PORT,
  TARGET_PORT,
} from "./fuzz-world.js";
import { type Forger, PacketForge } from "./packet-forge.js";

/** What a case did. */
export interface FuzzCaseResult {
  /** Packets and ICMP messages that the target was fed. */
  readonly packets: number;
  /** Packets that the target sent, from the first attack to the end. */
  readonly answers: number;
  /** The most packets that one brought about at once. */
  readonly mostAnswers: number;
  /** The target's counters by name. */
  readonly counters: Readonly<Record<string, number>>;
  /** What must not be, if it was: the case ends there. */
  readonly finding: string | undefined;
}

/** Microseconds that a blind attack takes at most: nothing may time out for want of the silenced peer. */
const BLIND_TIME = 2_500_000;
const CHECK_EVERY = 8;
const INSIDER_WAITS = [1000, 1000, 20_000, 20_000, 250_000, 250_000, 3_000_000];
/** Longer than the life of a cookie. */
const LONG_WAIT = 65_000_000;

/** Runs one case to its end. Never throws: whatever is thrown is the finding. */
export function runFuzzCase(c: FuzzCase): FuzzCaseResult {
  let attack: Attack | undefined;
  let finding: string | undefined;
  try {
    attack = new Attack(c);
    attack.run();
  } catch (e) {
    finding = e instanceof FuzzFinding ? e.message : textOf(e);
  }
  return {
    packets: attack?.packets ?? 0,
    answers: attack === undefined ? 0 : attack.world.answers,
    mostAnswers: attack?.mostAnswers ?? 0,
    counters: attack === undefined ? {} : { ...attack.world.target.endpoint.counters },
    finding,
  };
}

const textOf = (e: unknown): string => (e instanceof Error ? (e.stack ?? e.message) : String(e));

class Attack {
  readonly world: FuzzWorld;
  readonly forge: PacketForge;
  readonly insider: Forger;
  readonly #c: FuzzCase;
  readonly #listed: readonly Uint8Array[];
  #random: RandomSource;
  packets: number;
  mostAnswers: number;
  #waited: number;

  constructor(c: FuzzCase) {
    this.#c = c;
    this.world = new FuzzWorld(c);
    const w = this.world;
    this.#random = w.random;
    this.#listed = [...w.peer.addresses, ...w.bystander.addresses, w.stranger].map(bytesOf);
    this.insider = {
      random: this.#random,
      tap: w.tap,
      sourcePort: PEER_PORT,
      targetPort: TARGET_PORT,
      addresses: this.#listed,
      careful: c.careful,
    };
    this.forge = new PacketForge(this.insider);
    this.packets = 0;
    this.mostAnswers = 0;
    this.#waited = 0;
    w.answers = 0;
  }

  run(): void {
    let n = 0;
    for (const seed of this.#c.moves) {
      this.#random = new SeededRandom(seed);
      this.#move();
      if (++n % CHECK_EVERY === 0) {
        this.world.check();
        // Little is left to learn from an association that is over.
        if (this.world.end !== undefined && this.#below(3) === 0) break;
      }
    }
    this.#finish();
  }

  #move(): void {
    const dice = this.#below(40);
    if (dice === 0) this.world.talk(1 + this.#below(3000));
    else if (dice === 1) this.world.talkToBystander();
    else if (dice <= 7) this.#wait();
    else if (dice === 8) this.#count(this.world.attackIcmp(this.#icmp()));
    else if (dice === 9 && this.#c.attacker === "insider") this.#changeReaders();
    else this.#packet();
  }

  #changeReaders(): void {
    const { target, peer } = this.world;
    const s = this.#below(2) === 0 ? target : peer;
    s.stalled = !s.stalled;
    this.world.drain(s);
  }

  #wait(): void {
    const insider = this.#c.attacker === "insider";
    if (insider) {
      const us = INSIDER_WAITS[this.#below(INSIDER_WAITS.length)] ?? 0;
      this.world.advance(this.#below(60) === 0 ? LONG_WAIT : us);
      return;
    }
    const us = this.#below(9000);
    if (this.#waited + us > BLIND_TIME) return;
    this.#waited += us;
    this.world.advance(us);
  }

  #packet(): void {
    const w = this.world;
    const from = this.#c.attacker === "insider" ? this.#fromInside() : this.#fromOutside();
    this.forge.forge(from.forger);
    const to = w.target.addresses[this.#below(w.target.addresses.length)] ?? w.stranger;
    this.#count(w.attack(this.forge.bytes, this.forge.view, this.forge.end, from.address, to));
  }

  #fromInside(): { readonly forger: Forger; readonly address: IpAddress } {
    const w = this.world;
    const forger = { ...this.insider, random: this.#random };
    const dice = this.#below(20);
    if (dice === 0) return { forger, address: w.stranger };
    if (dice === 1) {
      const sourcePort = this.#below(2) === 0 ? BYSTANDER_PORT : PEER_PORT;
      return { forger: { ...forger, sourcePort }, address: this.#oneOf(w.bystander.addresses) };
    }
    if (dice === 2) return { forger, address: this.#oneOf(w.target.addresses) };
    return { forger, address: this.#oneOf(w.peer.addresses) };
  }

  #fromOutside(): { readonly forger: Forger; readonly address: IpAddress } {
    const w = this.world;
    const dice = this.#below(10);
    if (dice < 3) {
      // A stranger who does what everybody may, and what nobody should.
      const forger = {
        ...this.insider,
        random: this.#random,
        tap: w.strangerTap,
        sourcePort: STRANGER_PORT,
      };
      return { forger, address: w.stranger };
    }
    const forger = { ...this.insider, random: this.#random, tap: undefined };
    if (dice === 3) return { forger, address: w.stranger };
    if (dice === 4) {
      const bystander = { ...forger, sourcePort: BYSTANDER_PORT };
      return { forger: bystander, address: this.#oneOf(w.bystander.addresses) };
    }
    return { forger, address: this.#oneOf(w.peer.addresses) };
  }

  #icmp(): IcmpNotice {
    const w = this.world;
    const knows = this.#c.attacker === "insider";
    const quoted = new Uint8Array(20 + this.#below(20));
    const view = new DataView(quoted.buffer);
    view.setUint16(0, TARGET_PORT);
    view.setUint16(2, this.#below(8) === 0 ? BYSTANDER_PORT : PEER_PORT);
    const isInit = this.#below(3) === 0;
    view.setUint32(4, isInit ? 0 : knows ? w.tap.peerTag : this.#random.nextU32() || 1);
    quoted[12] = isInit ? 1 : 0;
    view.setUint32(16, knows ? (w.tap.tags[0] ?? 0) : this.#random.nextU32());
    const kinds = ["unreachable", "packetTooBig", "protocolUnreachable"] as const;
    const choice = knows && this.#c.careful && this.#below(10) > 0 ? 2 : 3;
    const others = this.#below(8) === 0 ? w.bystander : w.peer;
    return {
      kind: kinds[this.#below(choice)] ?? "unreachable",
      mtu: this.#below(2000),
      local: this.#oneOf(w.target.addresses),
      remote: this.#oneOf(others.addresses),
      remotePort: this.#c.udp ? 9899 : 0,
      quoted: quoted.subarray(0, 8 + this.#below(quoted.length - 7)),
    };
  }

  #count(answers: number): void {
    this.packets++;
    if (answers > this.mostAnswers) this.mostAnswers = answers;
  }

  #finish(): void {
    const w = this.world;
    w.check();
    w.silenced = false;
    for (const s of [w.target, w.peer]) {
      s.stalled = false;
      w.drain(s);
    }
    w.talkToBystander();
    w.advance(50_000);
    w.checkBystander();
    if (this.#c.attacker === "blind") this.#finishUnharmed();
    else w.advance(8_000_000);
    w.check();
  }

  /** Who did not know the tag has changed nothing: it goes on from its state as it would have without him. */
  #finishUnharmed(): void {
    const w = this.world;
    const { state } = this.#c;
    if (state === "closed" || state === "listening") return;
    if (state.startsWith("shutdown")) {
      for (let n = 0; w.end === undefined && n < 120; n++) w.advance(500_000);
      if (w.end !== "shutdown") throw new FuzzFinding(`ended by ${w.end} instead of shutdown`);
      return;
    }
    for (let n = 0; w.state !== "established" && n < 120; n++) w.advance(500_000);
    w.advance(1_000_000);
    w.talk(2000);
    w.checkPeer();
  }

  #oneOf(addresses: readonly IpAddress[]): IpAddress {
    return addresses[this.#below(addresses.length)] ?? this.world.stranger;
  }

  #below(n: number): number {
    return randomBelow(this.#random, n);
  }
}

function bytesOf(a: IpAddress): Uint8Array {
  const out = new Uint8Array(a.family === 4 ? 4 : 16);
  a.write(new DataView(out.buffer), 0);
  return out;
}
