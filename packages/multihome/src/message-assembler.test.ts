import { describe, expect, test } from "@jest/globals";
import type { ReceivedMessage } from "@multihome/association";
import { MessageAssembler, TOO_LONG } from "./message-assembler.js";

const part = (data: number[], begin: boolean, end: boolean, stream = 0): ReceivedMessage => ({
  data: Uint8Array.from(data),
  stream,
  ssn: 0,
  ppid: 7,
  unordered: false,
  begin,
  end,
});
const whole = (data: number[], stream = 0) => ({
  data: Uint8Array.from(data),
  stream,
  ppid: 7,
  unordered: false,
});

describe("MessageAssembler", () => {
  test("a whole message passes as it is", () => {
    const received = part([1, 2], true, true);
    const message = new MessageAssembler(10).add(received);
    expect(message).toEqual(whole([1, 2]));
    expect(message).toHaveProperty("data", received.data);
  });

  test("parts become one, and whole ones pass between them", () => {
    const assembler = new MessageAssembler(10);
    expect(assembler.add(part([1, 2], true, false))).toBeUndefined();
    expect(assembler.add(part([9], true, true, 1))).toEqual(whole([9], 1));
    expect(assembler.add(part([3], false, false))).toBeUndefined();
    expect(assembler.add(part([4], false, true))).toEqual(whole([1, 2, 3, 4]));
    expect(assembler.add(part([5], true, false))).toBeUndefined();
    expect(assembler.add(part([6], false, true))).toEqual(whole([5, 6]));
  });

  test("what a restarted peer never ended is forgotten", () => {
    const assembler = new MessageAssembler(10);
    assembler.add(part([1, 2], true, false));
    assembler.add(part([3], true, false));
    expect(assembler.add(part([4], false, true))).toEqual(whole([3, 4]));
  });

  test("no message grows beyond the limit", () => {
    const assembler = new MessageAssembler(3);
    expect(assembler.add(part([1, 2, 3], true, true))).toEqual(whole([1, 2, 3]));
    expect(assembler.add(part([1, 2, 3, 4], true, true))).toBe(TOO_LONG);
    expect(assembler.add(part([1, 2], true, false))).toBeUndefined();
    expect(assembler.add(part([3, 4], false, false))).toBe(TOO_LONG);
    expect(assembler.add(part([1, 2, 3], true, true))).toEqual(whole([1, 2, 3]));
  });
});
