import { IpAddress } from "@multihome/base";

const MAX_ENTRIES = 4096;

/**
 * Addresses by their text, as the system gives them with every datagram: one object each, parsed once.
 * Forgets everything when it holds 4,096, so that senders of forged addresses cannot make it grow.
 */
export class AddressCache {
  readonly #known: Map<string, IpAddress>;

  constructor() {
    this.#known = new Map();
  }

  /** The address; a zone (`%eth0`) is left out. `undefined` for what is no address. */
  get(text: string): IpAddress | undefined {
    return this.#known.get(text) ?? this.#parse(text);
  }

  #parse(text: string): IpAddress | undefined {
    const zone = text.indexOf("%");
    const address = IpAddress.tryParse(zone < 0 ? text : text.slice(0, zone));
    if (address === undefined) return undefined;
    if (this.#known.size >= MAX_ENTRIES) this.#known.clear();
    this.#known.set(text, address);
    return address;
  }
}
