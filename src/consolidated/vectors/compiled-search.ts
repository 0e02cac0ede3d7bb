import type { Compiled } from '../compile/compiled.ts';
import type { Result } from '../compile/read-answer.ts';

/** A search, and what its caller gets of the answer. */
export interface CompiledSearch extends Compiled {
  /** What is asked, in words that do not depend on how it is searched. */
  asked(): string;
  told(result: Result): unknown;
  /** How it was searched is part of that. */
  readonly isTold: boolean;
  /** Of a key of the relation, whether or not the call names it. */
  readonly readsKey: boolean;
}

/** Values come with their length, so that none can be taken for two. */
export function askedWords(clauses: string, values: readonly (string | null)[]): string {
  return `${clauses} ${values.map((value) => `${value?.length}:${value}`).join(' ')}`;
}
