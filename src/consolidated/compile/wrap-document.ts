import type { Codec } from '../values/codec.ts';
import { documentRow } from '../values/document.ts';

/** Positional names for result columns: real names may conflict, or occur twice. */
export function aliases(count: number, prefix = 'c'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** `(c0, c1)` for the alias of a subquery; '' for no columns, which SQL cannot express. */
export function aliasList(count: number): string {
  return count === 0 ? '' : `(${aliases(count).join(', ')})`;
}

/**
 * A document: one row of one text column, `[nonce, rows, nonce]`. The nonce is the parameter after the last value.
 * The order of the rows is kept. It uses an array of a subquery, which is cheaper for the server than an aggregate.
 *
 * @param row JSON array of one row's values; see `documentRow`
 * @param from `from …` and the clauses after it
 */
export function documentOf(row: string, from: string, values: number): string {
  const nonce = `$${values + 1}::text`;
  return `select json_build_array(${nonce}, array(select ${row} ${from}), ${nonce})::text`;
}

/** A document with the number of rows of `from` and without rows: `[nonce, count, null, nonce]`. */
export function countDocument(from: string, values: number): string {
  const nonce = `$${values + 1}::text`;
  return `select json_build_array(${nonce}, count(*), null::json, ${nonce})::text ${from}`;
}

/** Wraps a query that can be in FROM. `before` comes first, for a WITH that must be at the top. */
export function wrapQuery(query: string, codecs: readonly Codec[], values: number, before = ''): string {
  const from = `from (${query}) as d${aliasList(codecs.length)}`;
  const row = documentRow(codecs.map((codec, index) => codec.documentExpression(`d.c${index}`)));
  return `${before}${documentOf(row, from, values)}`;
}
