import type { Focus } from '../generate-case.ts';

/** A database that lets through, or keeps back, what the policies do not mean. */
export interface Mutant {
  readonly name: string;
  /** Where it shows. */
  readonly focus: Focus;
  /** Run by the owner of the tables, in a database of its own. */
  readonly sql: string;
}

/** Runs as the owner; what mutants are made from. */
export type Query = (text: string) => Promise<readonly object[]>;
