import type { SctpEvent } from "@multihome/sctp";

/**
 * What a host tells of its associations, whatever their protocol, in the order in which it happened.
 * For every association: `up` or `ended`; after `ended` nothing.
 */
export type AssociationEvent = SctpEvent;
