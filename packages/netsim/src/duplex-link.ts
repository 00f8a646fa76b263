import { Link, type LinkMode } from "./link.js";
import type { LinkEnd } from "./link-end.js";
import type { LinkOptions } from "./link-params.js";
import type { SimContext } from "./sim-context.js";

/** Parameters of both directions: the same for both, or each for itself. */
export type DuplexOptions =
  | LinkOptions
  | { readonly aToZ: LinkOptions; readonly zToA: LinkOptions };

/** Which directions of a link are meant, seen from its ends. */
export type Direction = "both" | "aToZ" | "zToA";

/** A link between two ends: two {@link Link}s, one each way, that go up and down together. */
export class DuplexLink {
  readonly name: string;
  /** From the first end to the second. */
  readonly aToZ: Link;
  /** From the second end to the first. */
  readonly zToA: Link;

  constructor(
    context: SimContext,
    name: string,
    a: LinkEnd,
    z: LinkEnd,
    options: DuplexOptions = {},
  ) {
    const each = "aToZ" in options ? options : { aToZ: options, zToA: options };
    this.name = name;
    this.aToZ = new Link(context, `${name}>`, a, z, each.aToZ);
    this.zToA = new Link(context, `${name}<`, z, a, each.zToA);
    this.aToZ.reverse = this.zToA;
    this.zToA.reverse = this.aToZ;
    a.link = this.aToZ;
    z.link = this.zToA;
    a.linkStateChanged(true);
    z.linkStateChanged(true);
  }

  get up(): boolean {
    return this.aToZ.up;
  }

  /** The links of a direction. */
  links(direction: Direction = "both"): readonly Link[] {
    switch (direction) {
      case "both":
        return [this.aToZ, this.zToA];
      case "aToZ":
        return [this.aToZ];
      case "zToA":
        return [this.zToA];
    }
  }

  /** Changes parameters. @throws StackError `invalidOption` */
  set(change: LinkOptions, direction: Direction = "both"): void {
    for (const link of this.links(direction)) link.set(change);
  }

  /** Cuts silently, heals, or answers with ICMP; see {@link Link.setMode}. */
  setMode(mode: LinkMode, direction: Direction = "both"): void {
    for (const link of this.links(direction)) link.setMode(mode);
  }

  /** Takes the link down or up, and tells both ends, the first end first. */
  setUp(up: boolean): void {
    if (up === this.up) return;
    this.aToZ.setUp(up);
    this.zToA.setUp(up);
    this.aToZ.from.linkStateChanged(up);
    this.zToA.from.linkStateChanged(up);
  }
}
