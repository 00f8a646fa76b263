import type { Instant, PacketRef, ProtocolCore } from "@multihome/base";
import type { PathView } from "@multihome/paths";
import type {
  AssociationId,
  LocalAddress,
  ReceivedMessage,
  SctpSendOptions,
  SctpStatus,
  SendResult,
} from "@multihome/sctp";
import type { AssociationEvent } from "./association-event.js";

/** What a protocol's endpoint takes in, whatever the protocol. */
export type EndpointInput =
  | { readonly kind: "packet"; readonly packet: PacketRef }
  | { readonly kind: "addresses"; readonly addresses: readonly LocalAddress[] };

/** The contract for associations of every protocol, which the host core drives. */
export interface ProtocolEndpoint extends ProtocolCore<EndpointInput, AssociationEvent> {
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
}
