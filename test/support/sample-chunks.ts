import { IpAddress } from "@multihome/base";
import {
  ASCONF_ACK_FIXED_LENGTH,
  ChunkType,
  DataFlag,
  ErrorCause,
  ErrorDetectionMethod,
  HmacId,
  hmacLength,
  ParameterType,
  ReconfigResult,
  writeAbortHeader,
  writeAdaptationLayerParameter,
  writeAddressParameter,
  writeAddStreamsRequest,
  writeAsconfAckHeader,
  writeAsconfHeader,
  writeAsconfRequest,
  writeAsconfResponse,
  writeAuth,
  writeCauseHeader,
  writeChunkTypesParameter,
  writeCookieAck,
  writeCookieEcho,
  writeCookiePreservativeParameter,
  writeCwr,
  writeDataHeader,
  writeEcne,
  writeErrorHeader,
  writeForwardTsnFixed,
  writeForwardTsnStream,
  writeHeartbeat,
  writeHmacAlgorithmParameter,
  writeIDataHeader,
  writeIForwardTsnEntry,
  writeIForwardTsnFixed,
  writeIncomingSsnResetRequest,
  writeInitFixed,
  writeInvalidStreamCause,
  writeMissingParameterCause,
  writeNoUserDataCause,
  writeNrSackDup,
  writeNrSackFixed,
  writeNrSackGap,
  writeNrSackNrGap,
  writeOpaqueCause,
  writeOpaqueParameter,
  writeOutgoingSsnResetRequest,
  writePad,
  writeParameterHeader,
  writeReConfigHeader,
  writeReconfigurationResponse,
  writeReconfigurationResponseWithTsns,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
  writeShutdown,
  writeShutdownAck,
  writeShutdownComplete,
  writeSsnTsnResetRequest,
  writeStaleCookieCause,
  writeSupportedAddressTypesParameter,
  writeUnsupportedHmacCause,
  writeZeroChecksumParameter,
} from "@multihome/wire";
import { built, filler, put, type Write } from "./build-bytes.js";

const V4 = IpAddress.parse("192.0.2.9");
const V6 = IpAddress.parse("2001:db8::9");
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

const opaqueParameter =
  (type: number, value: Uint8Array): Write =>
  (view, at, bytes) =>
    writeOpaqueParameter(bytes, view, at, type, value);
const opaqueCause =
  (code: number, content: Uint8Array): Write =>
  (view, at, bytes) =>
    writeOpaqueCause(bytes, view, at, code, content);

/** A chunk whose header takes the length of all, and what follows the header. */
function chunk(
  fixed: number,
  header: (v: DataView, at: number, length: number) => number,
  rest: Uint8Array,
) {
  return built((view, at) => header(view, at, fixed + rest.length), put(rest));
}

const initParameters = built(
  (view, at) => writeAddressParameter(view, at, V4),
  (view, at) => writeAddressParameter(view, at, V6),
  (view, at) => writeSupportedAddressTypesParameter(view, at, [5, 6]),
  (view, at) => writeParameterHeader(view, at, ParameterType.forwardTsnSupported, 4),
  (view, at) => writeAdaptationLayerParameter(view, at, 0x01020304),
  opaqueParameter(ParameterType.random, filler(32)),
  (view, at, bytes) =>
    writeChunkTypesParameter(bytes, view, at, ParameterType.chunkList, [193, 128, 0]),
  (view, at) => writeHmacAlgorithmParameter(view, at, [HmacId.sha256, HmacId.sha1]),
  (view, at, bytes) =>
    writeChunkTypesParameter(
      bytes,
      view,
      at,
      ParameterType.supportedExtensions,
      [64, 192, 193, 130],
    ),
);

const init = chunk(
  20,
  (v, at, length) =>
    writeInitFixed(v, at, ChunkType.init, length, 0x11223344, 131_072, 10, 2048, 1),
  built(put(initParameters), (view, at) => writeCookiePreservativeParameter(view, at, 1500)),
);

const initAck = chunk(
  20,
  (v, at, length) =>
    writeInitFixed(v, at, ChunkType.initAck, length, 0x55667788, 65_536, 1, 1, 0xffffffff),
  built(
    opaqueParameter(ParameterType.stateCookie, filler(101)),
    opaqueParameter(ParameterType.unrecognizedParameter, Uint8Array.of(0xff, 0xf0, 0, 4)),
    put(initParameters),
  ),
);

/** Not known to older tsharks, but to be skipped by everyone: its type says so. */
const zeroChecksumInit = chunk(
  20,
  (v, at, length) => writeInitFixed(v, at, ChunkType.init, length, 1, 65_536, 1, 1, 1),
  built((v, at) => writeZeroChecksumParameter(v, at, ErrorDetectionMethod.sctpOverDtls)),
);

const data = (flags: number, length: number): Uint8Array =>
  chunk(16, (v, at, all) => writeDataHeader(v, at, flags, all, 1000, 3, 4, 51), filler(length));
const iData = (flags: number, length: number): Uint8Array =>
  chunk(20, (v, at, all) => writeIDataHeader(v, at, flags, all, 1000, 3, 5, 53), filler(length));

const sack = built((v, at) => {
  let length = writeSackFixed(v, at, 0, 1000, 65_536, 2, 1);
  length += writeSackGap(v, at, 0, 2, 3);
  length += writeSackGap(v, at, 1, 5, 5);
  return length + writeSackDup(v, at, 2, 0, 999);
});

const nrSack = built((v, at) => {
  let length = writeNrSackFixed(v, at, 0, 1000, 65_536, 1, 1, 1);
  length += writeNrSackGap(v, at, 0, 2, 3);
  length += writeNrSackNrGap(v, at, 1, 0, 5, 6);
  return length + writeNrSackDup(v, at, 2, 0, 999);
});

const abort = chunk(
  4,
  (v, at, length) => writeAbortHeader(v, at, true, length),
  built(
    opaqueCause(ErrorCause.userInitiatedAbort, text("going away")),
    opaqueCause(ErrorCause.protocolViolation, text("bad")),
    (v, at) => writeNoUserDataCause(v, at, 7),
  ),
);

const error = chunk(
  4,
  (v, at, length) => writeErrorHeader(v, at, length),
  built(
    (v, at) => writeInvalidStreamCause(v, at, 500),
    (v, at) => writeMissingParameterCause(v, at, [ParameterType.stateCookie]),
    (v, at) => writeStaleCookieCause(v, at, 100_000),
    (v, at) => writeCauseHeader(v, at, ErrorCause.outOfResource, 4),
    opaqueCause(
      ErrorCause.unresolvableAddress,
      built((v, at) => writeAddressParameter(v, at, V6)),
    ),
    opaqueCause(ErrorCause.unrecognizedChunkType, Uint8Array.of(0x7e, 0, 0, 4)),
    (v, at) => writeCauseHeader(v, at, ErrorCause.invalidMandatoryParameter, 4),
    opaqueCause(ErrorCause.unrecognizedParameters, Uint8Array.of(0xff, 0xf0, 0, 4)),
    (v, at) => writeCauseHeader(v, at, ErrorCause.cookieReceivedWhileShuttingDown, 4),
    opaqueCause(
      ErrorCause.restartWithNewAddresses,
      built((v, at) => writeAddressParameter(v, at, V4)),
    ),
    (v, at) => writeUnsupportedHmacCause(v, at, 9),
  ),
);

const asconf = chunk(
  16,
  (v, at, length) => writeAsconfHeader(v, at, length, 77, V4),
  built(
    (v, at) => writeAsconfRequest(v, at, ParameterType.addIpAddress, 1, V6),
    (v, at) => writeAsconfRequest(v, at, ParameterType.deleteIpAddress, 2, V4),
    (v, at) => writeAsconfRequest(v, at, ParameterType.setPrimaryAddress, 3, V6),
  ),
);

const refused = opaqueCause(
  ErrorCause.requestToDeleteLastRemainingIpAddress,
  built((v, at) => writeAsconfRequest(v, at, ParameterType.deleteIpAddress, 2, V4)),
);
const asconfAck = chunk(
  ASCONF_ACK_FIXED_LENGTH,
  (v, at, length) => writeAsconfAckHeader(v, at, length, 77),
  built(
    (v, at) => writeAsconfResponse(v, at, ParameterType.successIndication, 1),
    (v, at) => {
      const cause = built(refused);
      return writeAsconfResponse(v, at, ParameterType.errorCauseIndication, 2, 8 + cause.length);
    },
    refused,
  ),
);

const reConfig = (...parameters: readonly Write[]): Uint8Array =>
  chunk(4, (v, at, length) => writeReConfigHeader(v, at, length), built(...parameters));

const auth = (hmacId: number): Uint8Array =>
  built((v, at, bytes) => {
    const length = writeAuth(bytes, v, at, 1, hmacId, hmacLength(hmacId));
    bytes.set(filler(hmacLength(hmacId)), at + 8);
    return length;
  });

const heartbeat = (type: number): Uint8Array =>
  built((v, at, bytes) => writeHeartbeat(bytes, v, at, type, filler(17)));

/** Every chunk type, with every parameter and cause, as the writers make them. INIT, its ACK and others that must be alone are. */
export const SAMPLE_CHUNKS: readonly (readonly [name: string, ...chunks: readonly Uint8Array[]])[] =
  [
    ["INIT", init],
    ["INIT with Zero Checksum Acceptable", zeroChecksumInit],
    ["INIT ACK", initAck],
    [
      "COOKIE ECHO and DATA",
      built((v, at, b) => writeCookieEcho(b, v, at, filler(101))),
      data(3, 1),
    ],
    ["COOKIE ACK and SACK", built((v, at) => writeCookieAck(v, at)), sack],
    [
      "DATA of each kind",
      data(DataFlag.begin | DataFlag.end, 5),
      data(DataFlag.begin, 100),
      data(0, 100),
      data(DataFlag.end | DataFlag.immediate, 3),
      data(DataFlag.begin | DataFlag.end | DataFlag.unordered, 1),
    ],
    [
      "I-DATA of each kind",
      iData(DataFlag.begin, 100),
      iData(0, 1),
      iData(DataFlag.end, 7),
      iData(15, 2),
    ],
    ["SACK", sack],
    ["NR-SACK", nrSack],
    ["HEARTBEAT", heartbeat(ChunkType.heartbeat)],
    ["HEARTBEAT ACK", heartbeat(ChunkType.heartbeatAck)],
    [
      "HEARTBEAT and PAD",
      heartbeat(ChunkType.heartbeat),
      built((v, at, b) => writePad(b, v, at, 40)),
    ],
    ["ABORT", abort],
    ["ERROR", error],
    ["SHUTDOWN", built((v, at) => writeShutdown(v, at, 1000))],
    ["SHUTDOWN ACK", built((v, at) => writeShutdownAck(v, at))],
    ["SHUTDOWN COMPLETE", built((v, at) => writeShutdownComplete(v, at, true))],
    ["ECNE and CWR", built((v, at) => writeEcne(v, at, 9)), built((v, at) => writeCwr(v, at, 9))],
    ["AUTH with SHA-1 and ASCONF", auth(HmacId.sha1), asconf],
    ["AUTH with SHA-256 and ASCONF-ACK", auth(HmacId.sha256), asconfAck],
    [
      "FORWARD TSN",
      built((v, at) => {
        const length = writeForwardTsnFixed(v, at, 1005, 2);
        return (
          length + writeForwardTsnStream(v, at, 0, 1, 2) + writeForwardTsnStream(v, at, 1, 3, 4)
        );
      }),
    ],
    [
      "I-FORWARD-TSN",
      built((v, at) => {
        const length = writeIForwardTsnFixed(v, at, 1005, 2);
        const first = writeIForwardTsnEntry(v, at, 0, 1, false, 2);
        return length + first + writeIForwardTsnEntry(v, at, 1, 3, true, 4);
      }),
    ],
    [
      "RE-CONFIG, outgoing and incoming reset",
      reConfig(
        (v, at) => writeOutgoingSsnResetRequest(v, at, 1, 2, 3, [4, 5, 6]),
        (v, at) => writeIncomingSsnResetRequest(v, at, 7, [8, 9]),
      ),
    ],
    ["RE-CONFIG, SSN/TSN reset", reConfig((v, at) => writeSsnTsnResetRequest(v, at, 1))],
    [
      "RE-CONFIG, add streams",
      reConfig(
        (v, at) => writeAddStreamsRequest(v, at, ParameterType.addOutgoingStreamsRequest, 1, 2),
        (v, at) => writeAddStreamsRequest(v, at, ParameterType.addIncomingStreamsRequest, 3, 4),
      ),
    ],
    [
      "RE-CONFIG, responses",
      reConfig(
        (v, at) => writeReconfigurationResponse(v, at, 1, ReconfigResult.successPerformed),
        (v, at) => writeReconfigurationResponseWithTsns(v, at, 2, ReconfigResult.denied, 3, 4),
      ),
    ],
  ];
