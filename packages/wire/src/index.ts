export {
  ARP_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  type ArpCheck,
  arpOperation,
  arpSenderIp,
  arpSenderMac,
  arpTargetIp,
  arpTargetMac,
  checkArp,
  describeArp,
  summarizeArp,
  writeArp,
} from "./arp/arp.js";
export type {
  Capture,
  CaptureDirection,
  CaptureInterface,
  CaptureProblem,
  CaptureProblemReason,
  CaptureRecord,
} from "./capture/capture-record.js";
export { LINK_TYPE, linkTypeName } from "./capture/link-type.js";
export { PcapWriter, type PcapWriterOptions } from "./capture/pcap-writer.js";
export {
  type PcapngInterface,
  type PcapngPacket,
  type PcapngSection,
  PcapngWriter,
} from "./capture/pcapng-writer.js";
export { readCapture } from "./capture/read-capture.js";
export type { WrittenPacket } from "./capture/written-packet.js";
export { type Crc32c, crc32c, crc32cPlain, useCrc32c } from "./checksum/crc32c.js";
export { finishChecksum, internetChecksum } from "./checksum/internet-checksum.js";
export {
  ETHER_TYPE_ARP,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  ETHER_TYPE_SERVICE_VLAN,
  ETHER_TYPE_VLAN,
  etherTypeName,
} from "./ethernet/ether-type.js";
export {
  checkEthernet,
  describeEthernet,
  ETHERNET_HEADER_LENGTH,
  type EthernetCheck,
  ethernetDestination,
  ethernetHeaderLength,
  ethernetPayloadType,
  ethernetSource,
  ethernetVlan,
  summarizeEthernet,
  writeEthernet,
  writeVlanTag,
} from "./ethernet/ethernet.js";
export {
  checkLinuxSll2,
  describeLinuxSll2,
  LINUX_SLL2_LENGTH,
  type LinuxSll2Check,
  linuxSll2AddressLength,
  linuxSll2ArphrdType,
  linuxSll2InterfaceIndex,
  linuxSll2PacketType,
  linuxSll2Protocol,
  summarizeLinuxSll2,
  writeLinuxSll2,
} from "./ethernet/linux-sll2.js";
export {
  formatMac,
  isGroupMac,
  MAC_BROADCAST,
  type MacAddress,
  multicastMac,
  parseMac,
  readMac,
  writeMac,
} from "./ethernet/mac-address.js";
export { ecnName } from "./ip/ecn.js";
export {
  IP_PROTOCOL_AH,
  IP_PROTOCOL_DESTINATION_OPTIONS,
  IP_PROTOCOL_ESP,
  IP_PROTOCOL_FRAGMENT,
  IP_PROTOCOL_HOP_BY_HOP,
  IP_PROTOCOL_ICMP,
  IP_PROTOCOL_ICMPV6,
  IP_PROTOCOL_IGMP,
  IP_PROTOCOL_IPV4,
  IP_PROTOCOL_IPV6,
  IP_PROTOCOL_NO_NEXT_HEADER,
  IP_PROTOCOL_ROUTING,
  IP_PROTOCOL_SCTP,
  IP_PROTOCOL_TCP,
  IP_PROTOCOL_UDP,
  IP_PROTOCOL_UDP_LITE,
  ipProtocolName,
} from "./ip/ip-protocol.js";
export {
  checkIpv4,
  checkIpv4Header,
  decrementIpv4Ttl,
  describeIpv4,
  IPV4_DONT_FRAGMENT,
  IPV4_MAX_HEADER_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
  IPV4_MORE_FRAGMENTS,
  type Ipv4Check,
  ipv4Checksum,
  ipv4ChecksumOk,
  ipv4Destination,
  ipv4DestinationBits,
  ipv4DontFragment,
  ipv4Dscp,
  ipv4Ecn,
  ipv4FlagsAndOffset,
  ipv4FragmentOffset,
  ipv4HeaderLength,
  ipv4Identification,
  ipv4IsFragment,
  ipv4MoreFragments,
  ipv4Protocol,
  ipv4Source,
  ipv4SourceBits,
  ipv4Tos,
  ipv4TotalLength,
  ipv4Ttl,
  setIpv4Checksum,
  setIpv4Ecn,
  summarizeIpv4,
  writeIpv4,
} from "./ip/ipv4.js";
export {
  checkIpv4Options,
  IPV4_OPTION_SECURITY,
  IPV4_OPTION_STREAM_ID,
  ipv4OptionIsCopied,
} from "./ip/ipv4-options.js";
export {
  checkIpv4RouteOption,
  describeIpv4RouteOption,
  IPV4_OPTION_LOOSE_SOURCE_ROUTE,
  IPV4_OPTION_RECORD_ROUTE,
  IPV4_OPTION_STRICT_SOURCE_ROUTE,
  type Ipv4RouteOptionCheck,
  ipv4RouteAddress,
  ipv4RouteCount,
  ipv4RoutePointer,
  summarizeIpv4RouteOption,
  writeIpv4RouteOption,
} from "./ip/ipv4-route-option.js";
export {
  checkIpv4RouterAlert,
  describeIpv4RouterAlert,
  IPV4_OPTION_ROUTER_ALERT,
  type Ipv4RouterAlertCheck,
  ipv4RouterAlertValue,
  summarizeIpv4RouterAlert,
  writeIpv4RouterAlert,
} from "./ip/ipv4-router-alert.js";
export {
  checkIpv4TimestampOption,
  describeIpv4TimestampOption,
  IPV4_OPTION_TIMESTAMP,
  IPV4_TIMESTAMP_ONLY,
  IPV4_TIMESTAMP_PRESPECIFIED,
  IPV4_TIMESTAMP_WITH_ADDRESS,
  type Ipv4TimestampOptionCheck,
  ipv4TimestampFlag,
  ipv4TimestampOverflow,
  ipv4TimestampPointer,
  summarizeIpv4TimestampOption,
  writeIpv4TimestampOption,
} from "./ip/ipv4-timestamp-option.js";
export {
  checkIpv6,
  checkIpv6Header,
  decrementIpv6HopLimit,
  describeIpv6,
  IPV6_HEADER_LENGTH,
  type Ipv6Check,
  ipv6Destination,
  ipv6Dscp,
  ipv6Ecn,
  ipv6FlowLabel,
  ipv6HopLimit,
  ipv6NextHeader,
  ipv6PayloadLength,
  ipv6Source,
  ipv6TrafficClass,
  setIpv6Ecn,
  summarizeIpv6,
  writeIpv6,
} from "./ip/ipv6.js";
export {
  describeIpv6Extensions,
  IPV6_MAX_EXTENSION_HEADERS,
  Ipv6Chain,
  type Ipv6ChainCheck,
  ipv6ExtensionLength,
  isIpv6Extension,
  summarizeIpv6Extensions,
  walkIpv6Chain,
} from "./ip/ipv6-chain.js";
export {
  checkIpv6Fragment,
  describeIpv6Fragment,
  IPV6_FRAGMENT_LENGTH,
  type Ipv6FragmentCheck,
  ipv6FragmentIdentification,
  ipv6FragmentIsAtomic,
  ipv6FragmentMore,
  ipv6FragmentNextHeader,
  ipv6FragmentOffset,
  summarizeIpv6Fragment,
  writeIpv6Fragment,
} from "./ip/ipv6-fragment.js";
export {
  checkIpv6Options,
  describeIpv6Options,
  IPV6_OPTION_JUMBO_PAYLOAD,
  IPV6_OPTION_PAD1,
  IPV6_OPTION_PADN,
  IPV6_OPTION_ROUTER_ALERT,
  type Ipv6OptionsCheck,
  type Ipv6UnknownOptionAction,
  ipv6OptionLength,
  ipv6UnknownOptionAction,
  summarizeIpv6Options,
  writeIpv6OptionHead,
  writeIpv6Padding,
  writeIpv6RouterAlert,
} from "./ip/ipv6-options.js";
export {
  checkIpv6OptionsHeader,
  describeIpv6OptionsHeader,
  type Ipv6OptionsHeaderCheck,
  ipv6OptionsHeaderLength,
  ipv6OptionsNextHeader,
  summarizeIpv6OptionsHeader,
  writeIpv6OptionsHeader,
} from "./ip/ipv6-options-header.js";
export {
  checkIpv6Routing,
  describeIpv6Routing,
  type Ipv6RoutingCheck,
  ipv6RoutingLength,
  ipv6RoutingNextHeader,
  ipv6RoutingSegmentsLeft,
  ipv6RoutingType,
  summarizeIpv6Routing,
  writeIpv6Routing,
} from "./ip/ipv6-routing.js";
export { ipv4PseudoHeaderSum, ipv6PseudoHeaderSum, pseudoHeaderSum } from "./ip/pseudo-header.js";
export {
  abortCausesStart,
  abortTagIsReflected,
  checkAbort,
  describeAbort,
  summarizeAbort,
  writeAbortHeader,
} from "./sctp/abort-chunk.js";
export {
  ADAPTATION_LAYER_PARAMETER_LENGTH,
  adaptationCodePoint,
  checkAdaptationLayerParameter,
  describeAdaptationLayerParameter,
  summarizeAdaptationLayerParameter,
  writeAdaptationLayerParameter,
} from "./sctp/adaptation-layer-parameter.js";
export {
  ADD_STREAMS_REQUEST_LENGTH,
  addStreamsCount,
  checkAddStreamsRequest,
  describeAddStreamsRequest,
  summarizeAddStreamsRequest,
  writeAddStreamsRequest,
} from "./sctp/add-streams-request-parameter.js";
export {
  type AddressParameterCheck,
  addressParameterLength,
  checkAddressParameter,
  describeAddressParameter,
  IPV4_ADDRESS_PARAMETER_LENGTH,
  IPV6_ADDRESS_PARAMETER_LENGTH,
  readAddressParameter,
  summarizeAddressParameter,
  writeAddressParameter,
} from "./sctp/address-parameter.js";
export {
  ASCONF_ACK_FIXED_LENGTH,
  asconfAckSequenceNumber,
  checkAsconfAck,
  describeAsconfAck,
  summarizeAsconfAck,
  writeAsconfAckHeader,
} from "./sctp/asconf-ack-chunk.js";
export {
  ASCONF_FIXED_LENGTH,
  type AsconfCheck,
  asconfAddress,
  asconfParametersStart,
  asconfSequenceNumber,
  checkAsconf,
  describeAsconf,
  summarizeAsconf,
  writeAsconfHeader,
} from "./sctp/asconf-chunk.js";
export {
  asconfCorrelationId,
  asconfRequestAddress,
  checkAsconfRequest,
  describeAsconfRequest,
  summarizeAsconfRequest,
  writeAsconfRequest,
} from "./sctp/asconf-request-parameter.js";
export {
  ASCONF_RESPONSE_FIXED_LENGTH,
  asconfResponseCausesStart,
  checkAsconfResponse,
  describeAsconfResponse,
  summarizeAsconfResponse,
  writeAsconfResponse,
} from "./sctp/asconf-response-parameter.js";
export {
  AUTH_FIXED_LENGTH,
  authHmacId,
  authHmacLength,
  authHmacStart,
  authSharedKeyId,
  checkAuth,
  describeAuth,
  summarizeAuth,
  writeAuth,
} from "./sctp/auth-chunk.js";
export {
  CHUNK_HEADER_LENGTH,
  type ChunkCheck,
  checkChunk,
  chunkFlags,
  chunkLength,
  chunkType,
  nextChunk,
  paddedLength,
  setChunkLength,
  writeChunkHeader,
  zeroPadding,
} from "./sctp/chunk.js";
export {
  ChunkType,
  chunkTypeName,
  unknownChunkIsReported,
  unknownChunkStops,
} from "./sctp/chunk-type.js";
export {
  checkChunkTypesParameter,
  chunkTypeAt,
  chunkTypesCount,
  describeChunkTypesParameter,
  listsChunkType,
  summarizeChunkTypesParameter,
  writeChunkTypesParameter,
} from "./sctp/chunk-types-parameter.js";
export {
  checkSctpHeader,
  describeSctpHeader,
  SCTP_HEADER_LENGTH,
  type SctpHeaderCheck,
  sctpChecksumField,
  sctpChecksumOk,
  sctpDestinationPort,
  sctpSourcePort,
  sctpVerificationTag,
  summarizeSctpHeader,
  writeSctpChecksum,
  writeSctpHeader,
} from "./sctp/common-header.js";
export {
  checkCookieAck,
  describeCookieAck,
  summarizeCookieAck,
  writeCookieAck,
} from "./sctp/cookie-ack-chunk.js";
export {
  checkCookieEcho,
  cookieLength,
  cookieStart,
  describeCookieEcho,
  summarizeCookieEcho,
  writeCookieEcho,
} from "./sctp/cookie-echo-chunk.js";
export {
  COOKIE_PRESERVATIVE_PARAMETER_LENGTH,
  checkCookiePreservativeParameter,
  cookiePreservativeIncrementMs,
  describeCookiePreservativeParameter,
  summarizeCookiePreservativeParameter,
  writeCookiePreservativeParameter,
} from "./sctp/cookie-preservative-parameter.js";
export {
  CWR_LENGTH,
  checkCwr,
  cwrLowestTsn,
  describeCwr,
  summarizeCwr,
  writeCwr,
} from "./sctp/cwr-chunk.js";
export {
  checkData,
  DATA_HEADER_LENGTH,
  type DataCheck,
  DataFlag,
  dataPpid,
  dataSsn,
  dataStreamId,
  dataTsn,
  describeData,
  summarizeData,
  writeDataHeader,
} from "./sctp/data-chunk.js";
export { describeCause, summarizeCause } from "./sctp/describe-cause.js";
export { describeChunk, summarizeChunk } from "./sctp/describe-chunk.js";
export { describeParameter, summarizeParameter } from "./sctp/describe-parameter.js";
export {
  checkEcne,
  describeEcne,
  ECNE_LENGTH,
  ecneLowestTsn,
  summarizeEcne,
  writeEcne,
} from "./sctp/ecne-chunk.js";
export {
  CAUSE_HEADER_LENGTH,
  type CauseCheck,
  causeCode,
  causeLength,
  checkCause,
  checkCauses,
  ErrorCause,
  errorCauseName,
  nextCause,
  writeCauseHeader,
} from "./sctp/error-cause.js";
export {
  checkError,
  describeError,
  errorCausesStart,
  summarizeError,
  writeErrorHeader,
} from "./sctp/error-chunk.js";
export {
  checkForwardTsn,
  describeForwardTsn,
  FORWARD_TSN_FIXED_LENGTH,
  forwardTsnCount,
  forwardTsnNewCumTsn,
  forwardTsnSsn,
  forwardTsnStreamId,
  summarizeForwardTsn,
  writeForwardTsnFixed,
  writeForwardTsnStream,
} from "./sctp/forward-tsn-chunk.js";
export {
  checkHeartbeat,
  describeHeartbeat,
  HEARTBEAT_FIXED_LENGTH,
  type HeartbeatCheck,
  heartbeatInfoLength,
  heartbeatInfoStart,
  summarizeHeartbeat,
  writeHeartbeat,
} from "./sctp/heartbeat-chunk.js";
export {
  checkHmacAlgorithmParameter,
  describeHmacAlgorithmParameter,
  HmacId,
  hmacIdAt,
  hmacIdsCount,
  hmacLength,
  hmacName,
  listsHmacId,
  summarizeHmacAlgorithmParameter,
  writeHmacAlgorithmParameter,
} from "./sctp/hmac-algorithm-parameter.js";
export {
  checkIData,
  describeIData,
  I_DATA_HEADER_LENGTH,
  iDataFsn,
  iDataMid,
  iDataPpid,
  iDataStreamId,
  iDataTsn,
  summarizeIData,
  writeIDataHeader,
} from "./sctp/i-data-chunk.js";
export {
  checkIForwardTsn,
  describeIForwardTsn,
  I_FORWARD_TSN_FIXED_LENGTH,
  iForwardTsnCount,
  iForwardTsnMid,
  iForwardTsnNewCumTsn,
  iForwardTsnStreamId,
  iForwardTsnUnordered,
  summarizeIForwardTsn,
  writeIForwardTsnEntry,
  writeIForwardTsnFixed,
} from "./sctp/i-forward-tsn-chunk.js";
export {
  checkInit,
  describeInit,
  INIT_FIXED_LENGTH,
  initARwnd,
  initInboundStreams,
  initInitialTsn,
  initInitiateTag,
  initOutboundStreams,
  summarizeInit,
  writeInitFixed,
} from "./sctp/init-chunk.js";
export {
  checkMissingParameterCause,
  describeMissingParameterCause,
  missingParameterAt,
  missingParameterCount,
  summarizeMissingParameterCause,
  writeMissingParameterCause,
} from "./sctp/missing-parameter-cause.js";
export {
  checkNrSack,
  describeNrSack,
  NR_SACK_FIXED_LENGTH,
  nrSackARwnd,
  nrSackCumTsnAck,
  nrSackDupCount,
  nrSackDupTsn,
  nrSackGapCount,
  nrSackGapEnd,
  nrSackGapStart,
  nrSackNrGapCount,
  nrSackNrGapEnd,
  nrSackNrGapStart,
  summarizeNrSack,
  writeNrSackDup,
  writeNrSackFixed,
  writeNrSackGap,
  writeNrSackNrGap,
} from "./sctp/nr-sack-chunk.js";
export {
  checkNumberCause,
  describeNumberCause,
  invalidStreamId,
  noUserDataTsn,
  stalenessMicros,
  summarizeNumberCause,
  unsupportedHmacId,
  writeInvalidStreamCause,
  writeNoUserDataCause,
  writeStaleCookieCause,
  writeUnsupportedHmacCause,
} from "./sctp/number-cause.js";
export {
  causeContentLength,
  causeContentStart,
  describeOpaqueCause,
  summarizeOpaqueCause,
  writeOpaqueCause,
} from "./sctp/opaque-cause.js";
export {
  describeOpaqueParameter,
  parameterValueLength,
  parameterValueStart,
  summarizeOpaqueParameter,
  writeOpaqueParameter,
} from "./sctp/opaque-parameter.js";
export { describeSctpPacket, summarizeSctpPacket } from "./sctp/packet.js";
export { checkPad, describePad, summarizePad, writePad } from "./sctp/pad-chunk.js";
export {
  checkParameter,
  checkParameters,
  nextParameter,
  PARAMETER_HEADER_LENGTH,
  type ParameterCheck,
  parameterLength,
  parameterType,
  writeParameterHeader,
} from "./sctp/parameter.js";
export {
  ParameterType,
  parameterTypeName,
  unknownParameterIsReported,
  unknownParameterStops,
} from "./sctp/parameter-type.js";
export {
  checkReConfig,
  describeReConfig,
  reConfigCombinationIsAllowed,
  reConfigParametersStart,
  summarizeReConfig,
  writeReConfigHeader,
} from "./sctp/re-config-chunk.js";
export {
  checkReconfigurationResponse,
  describeReconfigurationResponse,
  RECONFIGURATION_RESPONSE_LENGTH,
  RECONFIGURATION_RESPONSE_WITH_TSNS_LENGTH,
  ReconfigResult,
  reconfigReceiversNextTsn,
  reconfigResponseHasTsns,
  reconfigResponseSequenceNumber,
  reconfigResult,
  reconfigResultName,
  reconfigSendersNextTsn,
  summarizeReconfigurationResponse,
  writeReconfigurationResponse,
  writeReconfigurationResponseWithTsns,
} from "./sctp/reconfiguration-response-parameter.js";
export { REFLECTED_TAG } from "./sctp/reflected-tag.js";
export {
  checkSack,
  describeSack,
  SACK_FIXED_LENGTH,
  sackARwnd,
  sackCumTsnAck,
  sackDupCount,
  sackDupTsn,
  sackGapCount,
  sackGapEnd,
  sackGapStart,
  summarizeSack,
  writeSackDup,
  writeSackFixed,
  writeSackGap,
} from "./sctp/sack-chunk.js";
export {
  checkShutdownAck,
  describeShutdownAck,
  summarizeShutdownAck,
  writeShutdownAck,
} from "./sctp/shutdown-ack-chunk.js";
export {
  checkShutdown,
  describeShutdown,
  SHUTDOWN_LENGTH,
  shutdownCumTsnAck,
  summarizeShutdown,
  writeShutdown,
} from "./sctp/shutdown-chunk.js";
export {
  checkShutdownComplete,
  describeShutdownComplete,
  shutdownCompleteTagIsReflected,
  summarizeShutdownComplete,
  writeShutdownComplete,
} from "./sctp/shutdown-complete-chunk.js";
export {
  checkSsnResetRequest,
  describeSsnResetRequest,
  INCOMING_SSN_RESET_FIXED_LENGTH,
  OUTGOING_SSN_RESET_FIXED_LENGTH,
  outgoingResetLastAssignedTsn,
  outgoingResetResponseSequenceNumber,
  reconfigRequestSequenceNumber,
  SSN_TSN_RESET_LENGTH,
  ssnResetStreamAt,
  ssnResetStreamCount,
  summarizeSsnResetRequest,
  writeIncomingSsnResetRequest,
  writeOutgoingSsnResetRequest,
  writeSsnTsnResetRequest,
} from "./sctp/ssn-reset-request-parameter.js";
export {
  addressTypeAt,
  addressTypesCount,
  checkSupportedAddressTypesParameter,
  describeSupportedAddressTypesParameter,
  listsAddressType,
  summarizeSupportedAddressTypesParameter,
  writeSupportedAddressTypesParameter,
} from "./sctp/supported-address-types-parameter.js";
export {
  checkZeroChecksumParameter,
  describeZeroChecksumParameter,
  ErrorDetectionMethod,
  summarizeZeroChecksumParameter,
  writeZeroChecksumParameter,
  ZERO_CHECKSUM_PARAMETER_LENGTH,
  zeroChecksumEdmid,
} from "./sctp/zero-checksum-parameter.js";
export { formatTree, type TreeNode } from "./tree.js";
export {
  checkUdp,
  describeUdp,
  setUdpChecksum,
  summarizeUdp,
  UDP_HEADER_LENGTH,
  type UdpCheck,
  udpChecksum,
  udpChecksumState,
  udpDestinationPort,
  udpLength,
  udpSourcePort,
  writeUdp,
} from "./udp/udp.js";
