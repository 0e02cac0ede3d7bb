import { isPlainObject } from '../consolidated/values/plain-object.ts';
import { UsageError } from '../contract/errors.ts';
import { own } from '../contract/own-property.ts';

/** An order of pages, which ends with the key. */
interface PageOrder {
  /** For the service. */
  readonly orderBy: unknown;
  /** Its columns: their values in the last row are the position of the next page. */
  readonly columns: readonly string[];
}

/**
 * The order with the key at its end, as far as it is not in it. It gets the direction of the last term, because an order in one
 * direction is one comparison of rows, for which an index is enough.
 *
 * Throws UsageError for what names no column, such as a path: the row has no value of it.
 */
export function pageOrder(orderBy: unknown, key: readonly string[]): PageOrder {
  // A name, where it is one: the cache knows such a question again before it is compiled.
  if (orderBy === undefined) return { orderBy: key.length === 1 ? key[0] : key, columns: key };
  const terms: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy];
  const columns = terms.map(columnOf);
  const direction = directionOf(terms.at(-1));
  const added = key.filter((column) => !columns.includes(column));
  return {
    orderBy: [...terms, ...added.map((column) => ({ column, direction }))],
    columns: [...columns, ...added],
  };
}

function columnOf(term: unknown): string {
  const column = isPlainObject(term) ? own(term, 'column') : term;
  if (typeof column === 'string') return column;
  throw new UsageError(
    "The option 'orderBy' of list must name columns: a name, { column, direction, nulls }, or an array of them. Pages cannot be ordered by a path.",
  );
}

function directionOf(term: unknown): 'asc' | 'desc' {
  return isPlainObject(term) && own(term, 'direction') === 'desc' ? 'desc' : 'asc';
}
