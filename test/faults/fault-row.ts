/** What came of one fault: a row of the table. */
import { type Found, find, wrongOf } from '../support/journal/verdict.ts';
import type { FaultNotes } from './fault.ts';
import type { EndedOperation } from './load.ts';

/** What the contract allows. */
export const ALLOWED_LATE_MS = 250;

export interface WrongTold {
  readonly op: number;
  readonly kind: string;
  readonly what: 'lost' | 'applied twice' | "another user's row" | 'another answer' | 'another outcome';
  /** How it was told, what was found, and why that is wrong. */
  readonly words: string;
}

export interface FaultRow {
  readonly name: string;
  readonly operations: number;
  readonly struck: number;
  readonly wrong: readonly WrongTold[];
  readonly unsettled: readonly string[];
  readonly recoveryMs: number | undefined;
  readonly errors: Readonly<Record<string, number>>;
  readonly figures: readonly string[];
  readonly seconds: number;
  /** Why the row does not hold; empty when it does. */
  readonly broken: readonly string[];
}

/** Milliseconds. */
export interface Tolerance {
  readonly late: number;
  readonly recovery: number;
}

export interface RowParts {
  readonly name: string;
  readonly notes: FaultNotes;
  readonly ended: readonly EndedOperation[];
  /** Entries of the journal by operation. */
  readonly journal: ReadonlyMap<number, readonly string[]>;
  readonly wantedOperations: number;
  readonly uncaught: readonly string[];
  readonly seconds: number;
  /** What a loaded machine may add to what the contract allows. */
  readonly tolerance: Tolerance;
}

export function rowOf(parts: RowParts): FaultRow {
  const { name, notes, ended, journal, seconds } = parts;
  const wrong = ended.flatMap((end) => wrongTold(end, journal.get(end.op) ?? []) ?? []);
  const unsettled = ended
    .filter(({ told, lateMs }) => told === 'unsettled' || lateMs > ALLOWED_LATE_MS + parts.tolerance.late)
    .map(
      ({ op, kind, way, lateMs, words }) =>
        `${op} ${kind} (${way ?? 'any way'}): ${words} ${Math.round(lateMs)} ms late`,
    );
  const errors: Record<string, number> = {};
  for (const { told, words } of ended) {
    if (words === '' || told === 'own error') continue;
    const error = `${words.split(':', 1)[0]}${told === 'not-applied' ? '' : ` ${told}`}`;
    errors[error] = (errors[error] ?? 0) + 1;
  }
  const row = {
    name,
    operations: ended.length,
    struck: notes.struck,
    wrong,
    unsettled,
    recoveryMs: notes.recoveryMs,
    errors,
    figures: notes.figures,
    seconds,
  };
  return { ...row, broken: [...brokenOf(row, parts), ...notes.broken] };
}

function brokenOf(
  row: Omit<FaultRow, 'broken'>,
  { notes, wantedOperations, uncaught, tolerance }: RowParts,
): string[] {
  const { operations, struck, wrong, unsettled, recoveryMs = 0, errors } = row;
  const { recoveryLimitMs, allowedErrors } = notes;
  const others = Object.keys(errors).filter((error) => allowedErrors?.test(error) === false);
  return [
    ...(operations < wantedOperations ? [`${operations} operations of ${wantedOperations}`] : []),
    ...(struck === 0 ? ['the fault met no operation'] : []),
    ...(wrong.length > 0 ? [`${wrong.length} were told something wrong`] : []),
    ...(unsettled.length > 0 ? [`${unsettled.length} had not settled in time`] : []),
    ...(recoveryMs > recoveryLimitMs + tolerance.recovery
      ? [`answers again after ${Math.round(recoveryMs)} ms, allowed ${recoveryLimitMs}`]
      : []),
    ...(others.length > 0 ? [`errors that it may not cause: ${others.join(', ')}`] : []),
    ...uncaught.map((error) => `an error that reached nobody: ${error}`),
  ];
}

function wrongTold(end: EndedOperation, noted: readonly string[]): WrongTold | undefined {
  const { op, kind, claim, told, words } = end;
  const found = find(claim, noted);
  // A call that never settled is counted as such; what is there of it must still be an operation.
  const why = told === 'unsettled' ? wrongOf('unknown', claim, noted) : wrongOf(told, claim, noted);
  if (why === undefined) return undefined;
  const what = kindOfWrong(end, found);
  return {
    op,
    kind,
    what,
    words: `${why}; told ${told} ${abridged(words)}, there is ${noted.join(', ') || 'nothing'}`,
  };
}

const SHOWN_LETTERS = 300;

function abridged(words: string): string {
  return words.length > SHOWN_LETTERS ? `${words.slice(0, SHOWN_LETTERS)}…` : words;
}

function kindOfWrong({ op, told, words }: EndedOperation, found: Found): WrongTold['what'] {
  if (words.startsWith('ForeignRow')) return "another user's row";
  if (found === 'too much') return 'applied twice';
  if (words.startsWith('WrongAnswer')) {
    // Users have operations of their own.
    const isOwn = [...words.matchAll(/"op":(\d+)/g)].every(([, number]) => Number(number) === op);
    return isOwn ? 'another answer' : "another user's row";
  }
  return told === 'fulfilled' || told === 'applied' ? 'lost' : 'another outcome';
}
