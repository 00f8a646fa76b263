import {
  type AssociationEvent,
  type AssociationId,
  HostCore,
  type HostCoreConfig,
  type HostInput,
  type ReceivedMessage,
} from "@multihome/association";
import { type Instant, NEVER, type PacketRef } from "@multihome/base";
import {
  ChunkType,
  chunkType,
  nextChunk,
  SCTP_HEADER_LENGTH,
  sackARwnd,
  sackCumTsnAck,
  sackGapCount,
  sackGapEnd,
  writeSctpChecksum,
} from "@multihome/wire";

// Cores with one fault each, of the kind that implementations of SCTP have had. The core is right inside;
// the fault sits at its border, where it does what a fault inside would do.

type Makes = (config: HostCoreConfig) => HostCore;

/** Calls `change` for the first chunk of this type in a packet; true if that changed it. */
function editChunk(
  packet: PacketRef,
  type: number,
  change: (view: DataView, at: number) => boolean,
): void {
  const { view, bytes, start } = packet;
  for (let at = start + SCTP_HEADER_LENGTH; at < packet.end; at = nextChunk(view, at)) {
    if (chunkType(view, at) !== type) continue;
    if (change(view, at)) writeSctpChecksum(bytes, view, start, packet.end);
    return;
  }
}

const CHUNK_LENGTH = 2;
const CUM_TSN_ACK = 4;
const A_RWND = 8;
const GAP_COUNT = 12;
const GAP_BLOCKS = 16;

/** Acknowledges cumulatively what lies before a gap and the gap's first TSN, as an off-by-one does. */
class AcknowledgesTheGap extends HostCore {
  override pollTransmit(now: Instant, out: PacketRef): boolean {
    if (!super.pollTransmit(now, out)) return false;
    editChunk(out, ChunkType.sack, (view, at) => {
      if (sackGapCount(view, at) === 0) return false;
      view.setUint32(at + CUM_TSN_ACK, (sackCumTsnAck(view, at) + 1) >>> 0);
      return true;
    });
    return true;
  }
}

/** The first gap block begins one TSN early. */
class GapBlockTooLong extends HostCore {
  override pollTransmit(now: Instant, out: PacketRef): boolean {
    if (!super.pollTransmit(now, out)) return false;
    editChunk(out, ChunkType.sack, (view, at) => {
      if (sackGapCount(view, at) === 0) return false;
      const start = view.getUint16(at + GAP_BLOCKS);
      if (start <= 1) return false;
      view.setUint16(at + GAP_BLOCKS, start - 1);
      return true;
    });
    return true;
  }
}

/** Every third SACK with gap blocks lacks the last of them. */
class LosesAGapBlock extends HostCore {
  #sacks = 0;
  override pollTransmit(now: Instant, out: PacketRef): boolean {
    if (!super.pollTransmit(now, out)) return false;
    editChunk(out, ChunkType.sack, (view, at) => {
      const gaps = sackGapCount(view, at);
      if (gaps === 0 || ++this.#sacks % 3 !== 0) return false;
      const last = at + GAP_BLOCKS + 4 * (gaps - 1);
      out.bytes.copyWithin(last, last + 4, out.end);
      out.end -= 4;
      view.setUint16(at + GAP_COUNT, gaps - 1);
      view.setUint16(at + CHUNK_LENGTH, view.getUint16(at + CHUNK_LENGTH) - 4);
      return true;
    });
    return true;
  }
}

/** Takes gap blocks of a SACK for acknowledged for good, up to the last: what is missing is never sent again. */
class TakesGapsForAll extends HostCore {
  override handle(now: Instant, input: HostInput): void {
    if (input.kind === "packet") {
      editChunk(input.packet, ChunkType.sack, (view, at) => {
        const gaps = sackGapCount(view, at);
        if (gaps === 0) return false;
        const highest = sackCumTsnAck(view, at) + sackGapEnd(view, at, gaps - 1);
        view.setUint32(at + CUM_TSN_ACK, highest >>> 0);
        for (let i = 0; i < gaps; i++) view.setUint32(at + GAP_BLOCKS + 4 * i, 0x0001_0001);
        return true;
      });
    }
    super.handle(now, input);
  }
}

/** Counts what was received twice against the window, and never opens it again. */
class WindowCountedTwice extends HostCore {
  #leaked = 0;
  override receive(id: AssociationId): ReceivedMessage | undefined {
    const message = super.receive(id);
    this.#leaked += message?.data.length ?? 0;
    return message;
  }
  override pollTransmit(now: Instant, out: PacketRef): boolean {
    if (!super.pollTransmit(now, out)) return false;
    editChunk(out, ChunkType.sack, (view, at) => {
      // Scaled, so that a buffer of megabytes shows it as one of kilobytes does.
      view.setUint32(at + A_RWND, Math.max(0, sackARwnd(view, at) - 400 * this.#leaked));
      return true;
    });
    return true;
  }
}

/** Forgets its deadlines after a timeout, until something else happens. */
class TimerNotRearmed extends HostCore {
  #forgot = false;
  override handle(now: Instant, input: HostInput): void {
    this.#forgot = false;
    super.handle(now, input);
  }
  override handleTimeout(now: Instant): void {
    super.handleTimeout(now);
    this.#forgot = true;
  }
  override pollTimeout(): Instant {
    return this.#forgot ? NEVER : super.pollTimeout();
  }
}

/** Hands a message of more than one packet over a second time. */
class DeliversTwice extends HostCore {
  #again: ReceivedMessage | undefined;
  override receive(id: AssociationId): ReceivedMessage | undefined {
    const again = this.#again;
    this.#again = undefined;
    if (again !== undefined) return again;
    const message = super.receive(id);
    if (message !== undefined && message.data.length > 1452) this.#again = message;
    return message;
  }
}

/** Hands over what is behind a long message of the same stream first. */
class MixesUpTheOrder extends HostCore {
  #held: ReceivedMessage | undefined;
  override receive(id: AssociationId): ReceivedMessage | undefined {
    const message = super.receive(id);
    const held = this.#held;
    if (held !== undefined) {
      this.#held = message;
      return message === undefined ? held : message;
    }
    if (message === undefined || message.unordered || message.data.length < 1000) return message;
    const next = super.receive(id);
    if (next === undefined) return message;
    this.#held = message;
    return next;
  }
}

/** Puts fragments together with one byte of another. */
class JoinsFragmentsWrongly extends HostCore {
  override receive(id: AssociationId): ReceivedMessage | undefined {
    const message = super.receive(id);
    const { data } = message ?? {};
    if (data !== undefined && data.length > 1452) data[1452] = (data[1452] ?? 0) ^ 1;
    return message;
  }
}

/** Does not tell that there is room again. */
class ForgetsTheWriter extends HostCore {
  override pollEvent(): AssociationEvent | undefined {
    for (;;) {
      const event = super.pollEvent();
      if (event?.kind !== "writable") return event;
    }
  }
}

/** Takes a timeout for the end: gives up after the first second of silence. */
class GivesUpEarly extends HostCore {
  constructor(config: HostCoreConfig) {
    super({ ...config, sctp: { ...config.sctp, associationMaxRetrans: 1, giveUpAfterMs: 1000 } });
  }
}

/** Sends DATA to an address that was never verified. */
class UsesUnverifiedPaths extends HostCore {
  readonly #ids = new Set<AssociationId>();
  override pollEvent(): AssociationEvent | undefined {
    const event = super.pollEvent();
    if (event !== undefined) this.#ids.add(event.id);
    return event;
  }
  override pollTransmit(now: Instant, out: PacketRef): boolean {
    if (!super.pollTransmit(now, out)) return false;
    for (const id of this.#ids) {
      const unverified = this.paths(id).find((p) => p.stateKind === "unconfirmed");
      if (unverified === undefined) continue;
      editChunk(out, ChunkType.data, () => {
        out.local = unverified.local;
        out.remote = unverified.remote;
        return false;
      });
    }
    return true;
  }
}

/** The faults by name. */
export const plantedBugs: Readonly<Record<string, Makes>> = {
  "a Cumulative TSN Ack that is one too high before a gap": (c) => new AcknowledgesTheGap(c),
  "a gap block that begins one early": (c) => new GapBlockTooLong(c),
  "a lost gap block": (c) => new LosesAGapBlock(c),
  "a gap taken for acknowledged": (c) => new TakesGapsForAll(c),
  "a window counted twice": (c) => new WindowCountedTwice(c),
  "a timer that is not armed again": (c) => new TimerNotRearmed(c),
  "a message delivered twice": (c) => new DeliversTwice(c),
  "messages of a stream in another order": (c) => new MixesUpTheOrder(c),
  "fragments joined wrongly": (c) => new JoinsFragmentsWrongly(c),
  "a writer that is not woken": (c) => new ForgetsTheWriter(c),
  "an association given up early": (c) => new GivesUpEarly(c),
  "an unverified path used": (c) => new UsesUnverifiedPaths(c),
};
