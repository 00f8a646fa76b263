import {
  ADD_ADDR_HMAC_LENGTH,
  addAddrAddress,
  addAddrAddressId,
  addAddrHmacOffset,
  addAddrIsEcho,
  addAddrPort,
  DSS_ACK,
  DSS_ACK_64,
  DSS_DSN_64,
  DSS_MAP,
  dssChecksum,
  dssDataAckHigh,
  dssDataAckLow,
  dssDataLength,
  dssDsnHigh,
  dssDsnLow,
  dssFlags,
  dssHasChecksum,
  dssSubflowSeq,
  MP_CAPABLE_ACK_LENGTH,
  MP_CAPABLE_SYN_ACK_LENGTH,
  MP_CAPABLE_SYN_LENGTH,
  MP_JOIN_ACK_HMAC_LENGTH,
  MP_JOIN_HMAC_OFFSET,
  MP_JOIN_SYN_ACK_HMAC_LENGTH,
  MP_JOIN_SYN_ACK_LENGTH,
  MP_JOIN_SYN_LENGTH,
  MPTCP_ADD_ADDR,
  MPTCP_DSS,
  MPTCP_MP_CAPABLE,
  MPTCP_MP_FAIL,
  MPTCP_MP_FASTCLOSE,
  MPTCP_MP_JOIN,
  MPTCP_MP_PRIO,
  MPTCP_MP_TCPRST,
  MPTCP_REMOVE_ADDR,
  mpCapableChecksum,
  mpCapableDataLength,
  mpCapableFlags,
  mpCapableLength,
  mpCapableReceiverKey,
  mpCapableSenderKey,
  mpCapableVersion,
  mpFailDsnHigh,
  mpFailDsnLow,
  mpFastcloseKey,
  mpJoinAddressId,
  mpJoinBackup,
  mpJoinLength,
  mpJoinNonce,
  mpJoinToken,
  mpPrioBackup,
  mpTcprstReason,
  mpTcprstTransient,
  mptcpSubtype,
  removeAddrCount,
  removeAddrId,
  TCP_FAST_OPEN_COOKIE_OFFSET,
  TCP_OPTION_FAST_OPEN,
  TCP_OPTION_MPTCP,
  TCP_OPTION_MSS,
  TCP_OPTION_NO_OPERATION,
  TCP_OPTION_SACK,
  TCP_OPTION_SACK_PERMITTED,
  TCP_OPTION_TIMESTAMPS,
  TCP_OPTION_WINDOW_SCALE,
  tcpFastOpenCookieLength,
  tcpMss,
  tcpSackCount,
  tcpSackLeft,
  tcpSackRight,
  tcpTsEcr,
  tcpTsVal,
  tcpWindowShift,
  writeAddAddr,
  writeDss,
  writeMpCapableAck,
  writeMpCapableData,
  writeMpCapableSyn,
  writeMpCapableSynAck,
  writeMpFail,
  writeMpFastclose,
  writeMpJoinAck,
  writeMpJoinSyn,
  writeMpJoinSynAck,
  writeMpPrio,
  writeMpTcprst,
  writeRemoveAddr,
  writeTcpFastOpen,
  writeTcpMss,
  writeTcpNoOperations,
  writeTcpSack,
  writeTcpSackBlock,
  writeTcpSackPermitted,
  writeTcpTimestamps,
  writeTcpWindowScale,
} from "../src/index.js";
import type { Rewriting } from "./sctp-rewrite.js";

/**
 * Reads the TCP option at `at` with its readers and writes it with its writer at the same place of the output.
 * Returns false, and carries it over as bytes, if it is of a kind that no recording had.
 */
export function rewriteTcpOption(r: Rewriting, at: number, length: number): boolean {
  const { view, out } = r;
  switch (view.getUint8(at)) {
    case TCP_OPTION_NO_OPERATION:
      return writeTcpNoOperations(out, at, length) === length;
    case TCP_OPTION_MSS:
      return writeTcpMss(out, at, tcpMss(view, at)) === length;
    case TCP_OPTION_WINDOW_SCALE:
      return writeTcpWindowScale(out, at, tcpWindowShift(view, at)) === length;
    case TCP_OPTION_SACK_PERMITTED:
      return writeTcpSackPermitted(out, at) === length;
    case TCP_OPTION_SACK: {
      let to = at + writeTcpSack(out, at, tcpSackCount(view, at));
      for (let i = 0; i < tcpSackCount(view, at); i++) {
        to += writeTcpSackBlock(out, to, tcpSackLeft(view, at, i), tcpSackRight(view, at, i));
      }
      return to === at + length;
    }
    case TCP_OPTION_TIMESTAMPS:
      return writeTcpTimestamps(out, at, tcpTsVal(view, at), tcpTsEcr(view, at)) === length;
    case TCP_OPTION_FAST_OPEN:
      carry(r, at + TCP_FAST_OPEN_COOKIE_OFFSET, length - TCP_FAST_OPEN_COOKIE_OFFSET);
      writeTcpFastOpen(out, at, tcpFastOpenCookieLength(view, at));
      return true;
    case TCP_OPTION_MPTCP:
      return rewriteMptcpOption(r, at) === length;
    default:
      carry(r, at, length);
      return false;
  }
}

function rewriteMptcpOption(r: Rewriting, at: number): number {
  const { view, out } = r;
  switch (mptcpSubtype(view, at)) {
    case MPTCP_MP_CAPABLE:
      return rewriteMpCapable(r, at);
    case MPTCP_MP_JOIN:
      return rewriteMpJoin(r, at);
    case MPTCP_DSS:
      return rewriteDss(r, at);
    case MPTCP_ADD_ADDR: {
      const hmac = addAddrHmacOffset(view, at);
      if (hmac >= 0) carry(r, at + hmac, ADD_ADDR_HMAC_LENGTH);
      const [id, address] = [addAddrAddressId(view, at), addAddrAddress(view, at)];
      return writeAddAddr(out, at, addAddrIsEcho(view, at), id, address, addAddrPort(view, at));
    }
    case MPTCP_REMOVE_ADDR: {
      const ids = Array.from({ length: removeAddrCount(view, at) }, (_, i) =>
        removeAddrId(view, at, i),
      );
      return writeRemoveAddr(out, at, ids);
    }
    case MPTCP_MP_PRIO:
      return writeMpPrio(out, at, mpPrioBackup(view, at));
    case MPTCP_MP_FAIL:
      return writeMpFail(out, at, mpFailDsnHigh(view, at), mpFailDsnLow(view, at));
    case MPTCP_MP_FASTCLOSE:
      return writeMpFastclose(out, at, mpFastcloseKey(view, at));
    case MPTCP_MP_TCPRST:
      return writeMpTcprst(out, at, mpTcprstTransient(view, at), mpTcprstReason(view, at));
    default:
      return 0;
  }
}

function rewriteMpCapable({ view, out }: Rewriting, at: number): number {
  const [version, flags] = [mpCapableVersion(view, at), mpCapableFlags(view, at)];
  const length = mpCapableLength(view, at);
  if (length === MP_CAPABLE_SYN_LENGTH) return writeMpCapableSyn(out, at, version, flags);
  const senderKey = mpCapableSenderKey(view, at);
  if (length === MP_CAPABLE_SYN_ACK_LENGTH) {
    return writeMpCapableSynAck(out, at, version, flags, senderKey);
  }
  const keys = [senderKey, mpCapableReceiverKey(view, at)] as const;
  if (length === MP_CAPABLE_ACK_LENGTH) return writeMpCapableAck(out, at, version, flags, ...keys);
  const dataLength = mpCapableDataLength(view, at);
  const checksum = mpCapableChecksum(view, at);
  return writeMpCapableData(out, at, version, flags, ...keys, dataLength, checksum);
}

function rewriteMpJoin(r: Rewriting, at: number): number {
  const { view, out } = r;
  const length = mpJoinLength(view, at);
  const hmac = at + MP_JOIN_HMAC_OFFSET;
  if (length === MP_JOIN_SYN_LENGTH || length === MP_JOIN_SYN_ACK_LENGTH) {
    const [backup, id] = [mpJoinBackup(view, at), mpJoinAddressId(view, at)];
    const nonce = mpJoinNonce(view, at);
    if (length === MP_JOIN_SYN_LENGTH) {
      return writeMpJoinSyn(out, at, backup, id, mpJoinToken(view, at), nonce);
    }
    carry(r, hmac, MP_JOIN_SYN_ACK_HMAC_LENGTH);
    return writeMpJoinSynAck(out, at, backup, id, nonce);
  }
  carry(r, hmac, MP_JOIN_ACK_HMAC_LENGTH);
  return writeMpJoinAck(out, at);
}

function rewriteDss({ view, out }: Rewriting, at: number): number {
  const flags = dssFlags(view, at);
  const has = (bits: number): boolean => (flags & bits) === bits;
  return writeDss(
    out,
    at,
    flags,
    has(DSS_ACK | DSS_ACK_64) ? dssDataAckHigh(view, at) : 0,
    has(DSS_ACK) ? dssDataAckLow(view, at) : 0,
    has(DSS_MAP | DSS_DSN_64) ? dssDsnHigh(view, at) : 0,
    has(DSS_MAP) ? dssDsnLow(view, at) : 0,
    has(DSS_MAP) ? dssSubflowSeq(view, at) : 0,
    has(DSS_MAP) ? dssDataLength(view, at) : 0,
    dssHasChecksum(view, at) ? dssChecksum(view, at) : -1,
  );
}

function carry({ bytes, outBytes }: Rewriting, at: number, length: number): void {
  outBytes.set(bytes.subarray(at, at + length), at);
}
