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

/** A parser of commander for a list of numbers, separated by commas. */
export function numbersFrom(min: number, max: number, whole = true): (text: string) => number[] {
  const one = numberFrom(min, max, whole);
  return (text) => text.split(",").map((part) => one(part));
}

/** A parser of commander for a list of some of these names, separated by commas, or `all` of them. */
export function namesFrom<T extends string>(names: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    if (text === "all") return names;
    return text.split(",").map((part) => {
      const found = names.find((name) => name === part);
      if (found === undefined) {
        throw new InvalidArgumentError(`expected one or more of ${names.join(", ")}, or all.`);
      }
      return found;
    });
  };
}
