export interface Rule {
  readonly id: string;
  readonly section: string;
  readonly keyword: string;
  readonly sentence: string;
}
export interface RuleList {
  readonly title: string;
  readonly sections: readonly { readonly section: string; readonly title: string }[];
  readonly rules: readonly Rule[];
}
export type AnswerKind = "open" | "reasoned" | "tested";
export function rulesOf(rfc: string, text: string): RuleList;
export function answersOf(page: string): Map<string, string[]>;
export function kindOf(answer: string): AnswerKind;
export function pageOf(rfc: string, list: RuleList, page: string): string;
