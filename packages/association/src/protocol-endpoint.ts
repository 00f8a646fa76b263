import type { Instant, ProtocolCore } from "@multihome/base";
import type { PathView } from "@multihome/paths";
import type {
  AssociationId,
  ReceivedMessage,
  SctpConnectOptions,
  SctpInput,
  SctpSendOptions,
  SctpStatus,
  SendResult,
} from "@multihome/sctp";
import type { AssociationEvent } from "./association-event.js";

/**
 * The contract for associations of every protocol: one local port with all its associations, as the host
 * core drives it. SCTP's endpoint is one; its docstrings say what each call does.
 */
export interface ProtocolEndpoint extends ProtocolCore<SctpInput, AssociationEvent> {
  readonly port: number;
  /** Our UDP port, 0 without UDP. */
  readonly udpPort: number;
  readonly counters: Readonly<Record<string, number>>;
  /** It takes new associations. */
  listening: boolean;
  readonly associationCount: number;
  /** Associations that are over and have something left to read. */
  readonly unreadCount: number;
  /** True if `receive` may still give something for this association. */
  knows(id: AssociationId): boolean;
  connect(now: Instant, options: SctpConnectOptions): void;
  send(now: Instant, id: AssociationId, data: Uint8Array, options?: SctpSendOptions): SendResult;
  receive(id: AssociationId): ReceivedMessage | undefined;
  shutdown(now: Instant, id: AssociationId): void;
  abort(now: Instant, id: AssociationId, reason?: Uint8Array): void;
  setPrimary(now: Instant, id: AssociationId, pathId: number): boolean;
  requestHeartbeat(id: AssociationId, pathId: number): boolean;
  setHeartbeat(id: AssociationId, pathId: number, enabled: boolean): boolean;
  paths(id: AssociationId): readonly PathView[];
  currentPath(id: AssociationId): PathView | undefined;
  status(id: AssociationId): SctpStatus | undefined;
  /** What does not add up in the sums kept of an association, or `undefined`. For tests. */
  audit(id: AssociationId): string | undefined;
}
