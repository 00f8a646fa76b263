import {
  checkLinuxSll,
  describeLinuxSll,
  linuxSllAddressLength,
  linuxSllArphrdType,
  linuxSllPacketType,
  linuxSllProtocol,
  summarizeLinuxSll,
  writeLinuxSll,
} from "../src/index.js";
import { codecSuite } from "./codec-suite.js";

codecSuite(
  "Linux cooked capture",
  {
    check: checkLinuxSll,
    rewrite: ({ view, bytes, at }, out, outBytes) => {
      outBytes.set(bytes.subarray(at + 6, at + 14), 6);
      return writeLinuxSll(
        out,
        0,
        linuxSllPacketType(view, at),
        linuxSllArphrdType(view, at),
        linuxSllAddressLength(view, at),
        linuxSllProtocol(view, at),
      );
    },
    describe: describeLinuxSll,
    summarize: summarizeLinuxSll,
  },
  [
    {
      name: "from us over Ethernet",
      hex: "0004 0001 0006 0200 5e10 0001 0000 0800",
      summary: "Out, IPv4",
    },
    {
      name: "to us over a device without addresses, of an unknown type",
      hex: "0000 fffe 0000 0000 0000 0000 0000 1234",
      summary: "In, type 0x1234",
    },
  ],
);
