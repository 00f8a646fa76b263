import { checkNumber, StackError } from "@multihome/base";

/**
 * What the application says about interfaces. Names are those of the system (`wlan0`); one that ends
 * in `*` stands for every name that begins so. These rules are hard: not one byte leaves by an
 * interface that is not allowed.
 */
export interface InterfaceRules {
  /** Only these. Default: all. */
  readonly allow?: readonly string[];
  /** Not these, even if allowed. Default: none. */
  readonly deny?: readonly string[];
  /** Those that the user pays for by the byte. Default: none. */
  readonly metered?: readonly string[];
  /** Relative cost by name, 0 and up; policies prefer the cheaper. Default 0. */
  readonly cost?: Readonly<Record<string, number>>;
}

/**
 * Refuses rules that cannot be meant.
 * @throws StackError `invalidOption`
 */
export function checkInterfaceRules(rules: InterfaceRules): void {
  for (const option of ["allow", "deny", "metered"] as const) {
    const names = rules[option];
    if (names === undefined) continue;
    if (!Array.isArray(names) || names.some((n) => typeof n !== "string" || n === "")) {
      throw new StackError(
        "invalidOption",
        `interfaces.${option}: got ${JSON.stringify(names)}, expected a list of interface names such as wlan0 or eth*`,
        { option: `interfaces.${option}`, got: names },
      );
    }
  }
  for (const [name, cost] of Object.entries(rules.cost ?? {})) {
    checkNumber(`interfaces.cost.${name}`, cost, 0, Number.MAX_SAFE_INTEGER, false);
  }
}

/** True if the interface may be used at all. */
export function isAllowed(name: string, rules: InterfaceRules): boolean {
  if (rules.deny?.some((p) => matches(p, name)) === true) return false;
  return rules.allow === undefined || rules.allow.some((p) => matches(p, name));
}

/** True if the rules call the interface metered. */
export const isMetered = (name: string, rules: InterfaceRules): boolean =>
  rules.metered?.some((p) => matches(p, name)) ?? false;

/** The cost of an interface by the first rule that fits. */
export function costOf(name: string, rules: InterfaceRules): number {
  for (const [pattern, cost] of Object.entries(rules.cost ?? {})) {
    if (matches(pattern, name)) return cost;
  }
  return 0;
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
