import { setOwn } from '../contract/own-property.ts';

type ListedRow = Readonly<Record<string, unknown>>;

/** What `select` answers: rows, or rows and their count. */
export type Found = ListedRow[] | { readonly rows: ListedRow[]; readonly count: number };

interface FoundPage {
  readonly rows: readonly ListedRow[];
  readonly next: ListedRow | undefined;
  readonly count?: number;
}

/**
 * A page of what was found with one row more than the page has.
 *
 * @param order - columns that are the position of the next page
 * @param added - columns that were read for the position alone, the last ones of each row
 */
export function pageOf(
  found: Found,
  size: number,
  order: readonly string[],
  added: readonly string[],
): FoundPage {
  const isPlain = Array.isArray(found);
  const all = isPlain ? found : found.rows;
  const isLast = all.length <= size;
  const rows = isLast ? all : all.slice(0, size);
  const next = isLast ? undefined : positionOf(rows[size - 1]!, order);
  const asked = added.length === 0 ? rows : rows.map((row) => without(row, added));
  return isPlain ? { rows: asked, next } : { rows: asked, next, count: found.count };
}

function positionOf(row: ListedRow, order: readonly string[]): ListedRow {
  const position: Record<string, unknown> = {};
  for (const column of order) setOwn(position, column, row[column]);
  return position;
}

/** A copy, because others may hold the row of a cached read. */
function without(row: ListedRow, added: readonly string[]): ListedRow {
  const copy: Record<string, unknown> = { ...row };
  // From the end: V8 keeps an object fast that loses the property that it got last.
  for (let index = added.length - 1; index >= 0; index--) delete copy[added[index]!];
  return copy;
}
