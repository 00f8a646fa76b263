/**
 * One field, header, option or chunk of a printed packet. Plain data, so that `JSON.stringify` gives
 * the machine-readable form; {@link formatTree} gives the one for people.
 */
export interface TreeNode {
  /** The RFC's name in camelCase, such as `cumTsnAck`. */
  readonly name: string;
  /** The value as a number where it is one, otherwise text; `undefined` for pure groups. */
  readonly value?: number | string | boolean;
  /** What the value means, for people: `DATA`, `192.0.2.1`, `begin,end`. */
  readonly meaning?: string;
  /** Offset of the first byte in the packet. */
  readonly at: number;
  /** Bytes that it takes. */
  readonly length: number;
  readonly children?: readonly TreeNode[];
  /** Why it could not be read further, from the closed union of its check. */
  readonly malformed?: string;
}

/** The tree as indented lines, one per node, without a final newline. */
export function formatTree(node: TreeNode, indent = 0): string {
  const value = node.value === undefined ? "" : `: ${String(node.value)}`;
  const meaning = node.meaning === undefined ? "" : ` (${node.meaning})`;
  const malformed = node.malformed === undefined ? "" : ` [malformed: ${node.malformed}]`;
  const line = `${"  ".repeat(indent)}${node.name}${value}${meaning}${malformed}`;
  const below = (node.children ?? []).map((child) => formatTree(child, indent + 1));
  return [line, ...below].join("\n");
}
