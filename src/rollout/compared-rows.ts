import type { AnswerDifference } from './answer-difference.ts';
import { comparableText } from './comparable-value.ts';

export type ComparedRow = Readonly<Record<string, unknown>>;

/** What is known of the rows of a read. */
export interface RowsAsked {
  /** Columns of the order that was asked for, the first deciding; empty without one. */
  readonly order: readonly string[];
  /** A limit or an offset cut them. */
  readonly isPage: boolean;
  /** Of a vector search: `similarity` is computed, and the order is by it. */
  readonly isSearch: boolean;
  /** Names of the columns may be told: those of a function may be data. */
  readonly hasColumns: boolean;
}

/** Similarities that are computed in different ways. */
const TOLERANCE = 1e-6;

/**
 * Compares two sets of rows, each row by its values. Where no order was asked for, any is right; where one was, rows that are
 * equal in it may come in any. Of a page, the rows at its edges that are equal in the order may be others, and without an
 * order all may: then only their number is compared.
 */
export function differenceOfRows(
  legacy: readonly ComparedRow[],
  consolidated: readonly ComparedRow[],
  asked: RowsAsked,
): AnswerDifference | undefined {
  const rows = new ComparableRows(legacy, consolidated, asked.isSearch);
  if (asked.isSearch) return searchDifference(rows, asked);
  if (!asked.isPage) return setDifference(rows, rows.all, asked) ?? orderDifference(rows, asked);
  if (asked.order.length === 0) {
    return legacy.length === consolidated.length ? undefined : setDifference(rows, rows.all, asked);
  }
  const isWithin = rows.hasColumns(asked.order) ? rows.notAtEdges(asked.order) : rows.all;
  if (legacy.length !== consolidated.length) return setDifference(rows, rows.all, asked);
  return setDifference(rows, isWithin, asked) ?? orderDifference(rows, asked);
}

type Side = 'legacy' | 'consolidated';
type Chosen = (row: ComparedRow, side: Side) => boolean;

class ComparableRows {
  readonly legacy: readonly ComparedRow[];
  readonly consolidated: readonly ComparedRow[];
  readonly #columns: readonly string[];
  /** Columns that one side has as numbers and the other one as text. */
  readonly #numbers: ReadonlySet<string>;

  constructor(legacy: readonly ComparedRow[], consolidated: readonly ComparedRow[], isSearch: boolean) {
    this.legacy = legacy;
    this.consolidated = consolidated;
    const names = new Set([...legacy, ...consolidated].flatMap((row) => Object.keys(row)));
    if (isSearch) names.delete('similarity');
    this.#columns = [...names].sort();
    this.#numbers = new Set(this.#columns.filter((name) => this.#isNumber(name)));
  }

  readonly all: Chosen = () => true;

  text(row: ComparedRow): string {
    return this.#columns.map((name) => this.value(row, name)).join('\n');
  }

  value(row: ComparedRow, column: string): string {
    return comparableText(row[column], this.#numbers.has(column));
  }

  texts(side: Side, chosen: Chosen): string[] {
    return this[side].filter((row) => chosen(row, side)).map((row) => this.text(row));
  }

  key(row: ComparedRow, order: readonly string[]): string {
    return order.map((name) => this.value(row, name)).join('\n');
  }

  hasColumns(names: readonly string[]): boolean {
    return [...this.legacy, ...this.consolidated].every((row) =>
      names.every((name) => Object.hasOwn(row, name)),
    );
  }

  /** Rows whose place in the order is not that of the first or the last one. */
  notAtEdges(order: readonly string[]): Chosen {
    const edges = new Set(
      [this.legacy, this.consolidated].flatMap((rows) =>
        [rows.at(0), rows.at(-1)].flatMap((row) => (row === undefined ? [] : [this.key(row, order)])),
      ),
    );
    return (row) => !edges.has(this.key(row, order));
  }

  /** Whose values are not the same on both sides. */
  differing(chosen: Chosen): readonly string[] {
    return this.#columns.filter((name) => {
      const of = (side: Side): string[] =>
        this[side].filter((row) => chosen(row, side)).map((row) => this.value(row, name));
      const { missing, extra } = unmatched(of('legacy'), of('consolidated'));
      return missing + extra > 0;
    });
  }

  #isNumber(name: string): boolean {
    const has = (rows: readonly ComparedRow[], type: 'number' | 'string'): boolean =>
      rows.some((row) => [row[name]].flat().some((value) => typeof value === type));
    return (
      (has(this.legacy, 'number') && has(this.consolidated, 'string')) ||
      (has(this.legacy, 'string') && has(this.consolidated, 'number'))
    );
  }
}

function setDifference(rows: ComparableRows, chosen: Chosen, asked: RowsAsked): AnswerDifference | undefined {
  const { missing, extra } = unmatched(rows.texts('legacy', chosen), rows.texts('consolidated', chosen));
  if (missing + extra === 0) return undefined;
  return {
    kind: 'rows',
    missing,
    extra,
    columns: asked.hasColumns && missing === extra ? rows.differing(chosen) : [],
  };
}

function orderDifference(rows: ComparableRows, { order }: RowsAsked): AnswerDifference | undefined {
  if (order.length === 0) return undefined;
  const place = rows.hasColumns(order)
    ? (row: ComparedRow): string => rows.key(row, order)
    : (row: ComparedRow): string => rows.text(row);
  const isSame = rows.legacy.every((row, at) => {
    const other = rows.consolidated[at];
    return other !== undefined && place(row) === place(other);
  });
  return isSame ? undefined : { kind: 'order' };
}

/** The nearest rows, but for those that are as far as the last one, and their similarities. */
function searchDifference(rows: ComparableRows, asked: RowsAsked): AnswerDifference | undefined {
  const { legacy, consolidated } = rows;
  if (legacy.length !== consolidated.length) return setDifference(rows, rows.all, asked);
  const isNearer: Chosen = (row, side) => !isAlike(row, rows[side].at(-1));
  const isAlikeInPlace = legacy.every((row, at) => isAlike(row, consolidated[at]));
  if (!isAlikeInPlace) {
    const { missing, extra } = unmatched(
      rows.texts('legacy', rows.all),
      rows.texts('consolidated', rows.all),
    );
    return { kind: 'rows', missing, extra, columns: ['similarity'] };
  }
  return setDifference(rows, isNearer, asked);
}

function isAlike(one: ComparedRow, other: ComparedRow | undefined): boolean {
  const [a, b] = [Number(one.similarity), Number(other?.similarity)];
  return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b));
}

function unmatched(
  legacy: readonly string[],
  consolidated: readonly string[],
): { readonly missing: number; readonly extra: number } {
  const counts = new Map<string, number>();
  for (const text of legacy) counts.set(text, (counts.get(text) ?? 0) + 1);
  let extra = 0;
  for (const text of consolidated) {
    const count = counts.get(text) ?? 0;
    if (count === 0) extra += 1;
    else counts.set(text, count - 1);
  }
  let missing = 0;
  for (const count of counts.values()) missing += count;
  return { missing, extra };
}
