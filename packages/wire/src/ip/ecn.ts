const NAMES = ["Not-ECT", "ECT(1)", "ECT(0)", "CE"] as const;

/** The name of an ECN field value, 0 .. 3. RFC 3168 s5 */
export const ecnName = (ecn: number): string => NAMES[ecn & 3] ?? "Not-ECT";
