import type { AssociationEvent, AssociationId } from "@multihome/association";
import type { HostDriver } from "@multihome/driver-node";

/** What ties an {@link Association} to its host. */
export interface AssociationLink {
  readonly driver: HostDriver;
  readonly id: AssociationId;
  /** The peer opened it. */
  readonly incoming: boolean;
  /** Largest message that is put together for the application. */
  readonly maxMessageBytes: number;
  /** We asked for the end, not the peer; set by the association. */
  weClosed: boolean;
  /** Who gets its events; set once. */
  onEvent: (event: AssociationEvent) => void;
}
