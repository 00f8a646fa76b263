import { InvalidArgumentError } from "commander";

/** A parser of commander for a number from `min` to `max`. */
export function numberFrom(
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
  whole = true,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
    throw new InvalidArgumentError(`expected a ${whole ? "whole " : ""}number ${range}.`);
  };
}

/** A parser of commander for a list of whole numbers, separated by commas. */
export function numbersFrom(min: number, max: number): (text: string) => number[] {
  const one = numberFrom(min, max);
  return (text) => text.split(",").map((part) => one(part));
}
