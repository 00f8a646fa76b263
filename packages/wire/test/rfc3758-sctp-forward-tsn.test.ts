// FORWARD TSN of RFC 3758 s3.2. Vectors: usrsctp 0.9.5.0 in the recordings of test/recordings.
import { expect, test } from "@jest/globals";
import {
  checkForwardTsn,
  describeForwardTsn,
  forwardTsnCount,
  forwardTsnNewCumTsn,
  forwardTsnSsn,
  forwardTsnStreamId,
  summarizeForwardTsn,
  writeForwardTsnFixed,
  writeForwardTsnStream,
} from "../src/index.js";
import { codecSuite, place } from "./codec-suite.js";

codecSuite(
  "FORWARD TSN",
  {
    check: checkForwardTsn,
    rewrite: ({ view, at }, out) => {
      const count = forwardTsnCount(view, at);
      let length = writeForwardTsnFixed(out, 0, forwardTsnNewCumTsn(view, at), count);
      for (let i = 0; i < count; i++) {
        const streamId = forwardTsnStreamId(view, at, i);
        length += writeForwardTsnStream(out, 0, i, streamId, forwardTsnSsn(view, at, i));
      }
      return length;
    },
    describe: describeForwardTsn,
    summarize: summarizeForwardTsn,
  },
  [
    {
      name: "sctp-pr-unordered, packet 16",
      hex: "c0000008e0ee4af4",
      summary: "FORWARD TSN cum=3773713140",
    },
    {
      name: "sctp-pr-rtx, packet 55",
      hex: "c000000cfc41b50600000012",
      summary: "FORWARD TSN cum=4232164614 skip=0:18",
    },
    {
      name: "sctp-pr-ttl, packet 33: a stream may be named more than once",
      hex: "c000002448ee09bf0001000d0000000e0001000e0000000f0001000f0000001000010010",
      summary: "FORWARD TSN cum=1223559615 skip=1:13,0:14,1:14,0:15,1:15,0:16,1:16",
    },
  ],
);

test.each(["c000000afc41b506000000120000", "c0000006fc41b506", "c0000004"])(
  "FORWARD TSN %s: a half entry is refused",
  (hex) => {
    const { view, at, end } = place(hex);
    expect(checkForwardTsn(view, at, end)).toBe("badLength");
  },
);
