import type { Row } from './rows.ts';
import type { World } from './world.ts';

/** Why a statement fails. */
export type Refusal =
  /** No right on the table, a column or the function. */
  | 'no right'
  /** No right on the schema. */
  | 'no schema'
  /** A policy refuses a row that was to be written. */
  | 'row refused'
  | 'check'
  | 'taken'
  /** A revocation would be taken back. */
  | 'conflict'
  | 'reference'
  /** Another number of rows than was expected. */
  | 'not found'
  /** By a function itself. */
  | 'raised';

/** What a statement gives: rows, a number, or null of a function; or why it fails. */
export type Answer = readonly Row[] | number | null | { readonly refused: Refusal };

export interface Outcome {
  readonly answer: Answer;
  /** As it is afterwards. */
  readonly world: World;
}

export function isRefused(answer: unknown): answer is { readonly refused: Refusal } {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}
