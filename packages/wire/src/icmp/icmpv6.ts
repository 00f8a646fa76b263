import type { TreeNode } from "../tree.js";
import { FieldList, headerNode } from "../tree-fields.js";
import { ICMP_HEADER_LENGTH, icmpIdentifier, icmpSequence, icmpType } from "./icmp-header.js";
import { describeIcmpv6ErrorBody, summarizeIcmpv6Error } from "./icmpv6-error.js";
import {
  ICMPV6_ECHO_REPLY,
  ICMPV6_ECHO_REQUEST,
  ICMPV6_MLD_DONE,
  ICMPV6_MLD_QUERY,
  ICMPV6_MLD_REPORT,
  ICMPV6_MLDV2_REPORT,
  ICMPV6_NEIGHBOR_ADVERTISEMENT,
  ICMPV6_NEIGHBOR_SOLICITATION,
  ICMPV6_REDIRECT,
  ICMPV6_ROUTER_ADVERTISEMENT,
  ICMPV6_ROUTER_SOLICITATION,
  icmpv6CodeName,
  icmpv6TypeName,
  isIcmpv6Error,
} from "./icmpv6-types.js";
import { checkMld, describeMld, MLD_LENGTH, type MldCheck, summarizeMld } from "./mld.js";
import {
  checkMldv2Query,
  describeMldv2Query,
  type Mldv2QueryCheck,
  summarizeMldv2Query,
} from "./mldv2-query.js";
import {
  checkMldv2Report,
  describeMldv2Report,
  type Mldv2ReportCheck,
  summarizeMldv2Report,
} from "./mldv2-report.js";
import {
  checkNeighborAdvertisement,
  describeNeighborAdvertisement,
  type NeighborAdvertisementCheck,
  summarizeNeighborAdvertisement,
} from "./nd-neighbor-advertisement.js";
import {
  checkNeighborSolicitation,
  describeNeighborSolicitation,
  type NeighborSolicitationCheck,
  summarizeNeighborSolicitation,
} from "./nd-neighbor-solicitation.js";
import type { NdOptionsCheck } from "./nd-option-list.js";
import {
  checkNdRedirect,
  describeNdRedirect,
  type NdRedirectCheck,
  summarizeNdRedirect,
} from "./nd-redirect.js";
import {
  checkRouterAdvertisement,
  describeRouterAdvertisement,
  summarizeRouterAdvertisement,
} from "./nd-router-advertisement.js";
import {
  checkRouterSolicitation,
  describeRouterSolicitation,
  summarizeRouterSolicitation,
} from "./nd-router-solicitation.js";

/** Why an ICMPv6 message cannot be read: too short, or what the type's own check says. */
export type Icmpv6Check =
  | MldCheck
  | Mldv2QueryCheck
  | Mldv2ReportCheck
  | NdOptionsCheck
  | NeighborSolicitationCheck
  | NeighborAdvertisementCheck
  | NdRedirectCheck;

interface MessageKind {
  readonly check: (view: DataView, at: number, end: number) => Icmpv6Check;
  readonly describe: (view: DataView, at: number, end: number) => TreeNode;
  readonly summarize: (view: DataView, at: number, end: number) => string;
}

const MLD: MessageKind = { check: checkMld, describe: describeMld, summarize: summarizeMld };
const MLDV2_QUERY: MessageKind = {
  check: checkMldv2Query,
  describe: describeMldv2Query,
  summarize: summarizeMldv2Query,
};

const KINDS: ReadonlyMap<number, MessageKind> = new Map<number, MessageKind>([
  [ICMPV6_MLD_QUERY, MLD],
  [ICMPV6_MLD_REPORT, MLD],
  [ICMPV6_MLD_DONE, MLD],
  [
    ICMPV6_ROUTER_SOLICITATION,
    {
      check: checkRouterSolicitation,
      describe: describeRouterSolicitation,
      summarize: summarizeRouterSolicitation,
    },
  ],
  [
    ICMPV6_ROUTER_ADVERTISEMENT,
    {
      check: checkRouterAdvertisement,
      describe: describeRouterAdvertisement,
      summarize: summarizeRouterAdvertisement,
    },
  ],
  [
    ICMPV6_NEIGHBOR_SOLICITATION,
    {
      check: checkNeighborSolicitation,
      describe: describeNeighborSolicitation,
      summarize: summarizeNeighborSolicitation,
    },
  ],
  [
    ICMPV6_NEIGHBOR_ADVERTISEMENT,
    {
      check: checkNeighborAdvertisement,
      describe: describeNeighborAdvertisement,
      summarize: summarizeNeighborAdvertisement,
    },
  ],
  [
    ICMPV6_REDIRECT,
    { check: checkNdRedirect, describe: describeNdRedirect, summarize: summarizeNdRedirect },
  ],
  [
    ICMPV6_MLDV2_REPORT,
    {
      check: checkMldv2Report,
      describe: describeMldv2Report,
      summarize: summarizeMldv2Report,
    },
  ],
]);

/** RFC 3810 s8.1 tells the versions of a query apart by its length. */
function kindOf(view: DataView, at: number, end: number): MessageKind | undefined {
  const type = icmpType(view, at);
  return type === ICMPV6_MLD_QUERY && end - at > MLD_LENGTH ? MLDV2_QUERY : KINDS.get(type);
}

/**
 * Checks the header and the fields that the type has; types not known here need the 8 bytes of the header.
 * What an error quotes is not looked at: `QuotedPacket.find` does that. The checksum is apart:
 * `icmpChecksumOk`.
 */
export function checkIcmpv6(view: DataView, at: number, end: number): Icmpv6Check {
  if (end - at < ICMP_HEADER_LENGTH) return "truncated";
  return kindOf(view, at, end)?.check(view, at, end) ?? "ok";
}

/** The whole message as a tree; an error with the headers of the packet that it quotes. */
export function describeIcmpv6(view: DataView, at: number, end: number): TreeNode {
  const kind = end > at ? kindOf(view, at, end) : undefined;
  if (kind !== undefined) return kind.describe(view, at, end);
  const fields = new FieldList(view, end);
  fields.uint("type", at, 1, icmpv6TypeName);
  fields.uint("code", at + 1, 1, (code) => icmpv6CodeName(icmpType(view, at), code));
  fields.uint("checksum", at + 2, 2);
  if (end - at >= ICMP_HEADER_LENGTH) describeBody(fields, view, at, end);
  const state = checkIcmpv6(view, at, end);
  return headerNode("icmpv6", at, Math.max(0, end - at), fields, state);
}

const isEcho = (type: number): boolean =>
  type === ICMPV6_ECHO_REQUEST || type === ICMPV6_ECHO_REPLY;

function describeBody(fields: FieldList, view: DataView, at: number, end: number): void {
  const type = icmpType(view, at);
  if (isIcmpv6Error(type)) {
    describeIcmpv6ErrorBody(fields, view, at, end);
    return;
  }
  if (isEcho(type)) {
    fields.uint("identifier", at + 4, 2);
    fields.uint("sequenceNumber", at + 6, 2);
  } else {
    fields.uint("rest", at + 4, 4);
  }
  if (end - at > ICMP_HEADER_LENGTH) {
    fields.hex("data", at + ICMP_HEADER_LENGTH, end - at - ICMP_HEADER_LENGTH);
  }
}

/**
 * One line: `ICMP6 echo request, id 31587, seq 1, length 64`,
 * `ICMP6 neighbor solicitation, who has fe80::1, source 02:00:5e:10:00:01`.
 */
export function summarizeIcmpv6(view: DataView, at: number, end: number): string {
  if (end - at < ICMP_HEADER_LENGTH) return "ICMP6 [truncated]";
  const kind = kindOf(view, at, end);
  if (kind !== undefined) return `ICMP6 ${kind.summarize(view, at, end)}`;
  const type = icmpType(view, at);
  if (isIcmpv6Error(type)) return `ICMP6 ${summarizeIcmpv6Error(view, at, end)}`;
  let line = `ICMP6 ${icmpv6TypeName(type) ?? `type ${type}`}`;
  if (isEcho(type)) line += `, id ${icmpIdentifier(view, at)}, seq ${icmpSequence(view, at)}`;
  return `${line}, length ${end - at}`;
}
