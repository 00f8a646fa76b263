/** A message that came. */
export interface ChannelMessage {
  /** The taker's own. */
  readonly data: Uint8Array;
  readonly ppid: number;
}

/**
 * What a transfer needs of an association. Iterating takes what comes, with backpressure down to the
 * peer's window, and ends when the peer has closed; it throws when the association ends otherwise.
 */
export interface TransferChannel extends AsyncIterable<ChannelMessage> {
  /** Takes the bytes over; resolves when there is room for more, rejects when the association has ended. */
  send(
    data: Uint8Array,
    options: { readonly stream: number; readonly ppid: number },
  ): Promise<unknown>;
  /** Ends it at once; the peer is told why. */
  abort(reason: string): void;
}
