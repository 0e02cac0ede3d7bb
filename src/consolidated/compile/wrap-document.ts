import type { Codec } from '../values/codec.ts';
import { documentRow } from '../values/document.ts';

/** Positional names for result columns: real ones may clash, or be the same twice. */
export function aliases(count: number, prefix = 'c'): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Column codecs as the expressions of a document row over the aliases. */
export function documentExpressions(codecs: readonly Codec[], from: string): readonly string[] {
  return codecs.map((codec, index) => codec.documentExpression(`${from}.c${index}`));
}

/** `(c0, c1)` behind the alias of a subquery; nothing for none, which SQL has no way to write. */
export function aliasList(count: number): string {
  return count === 0 ? '' : `(${aliases(count).join(', ')})`;
}

/**
 * A document: one row of one text column, `[nonce, rows, nonce]`. The nonce is the parameter after the last value.
 * The order of the rows is kept. An array of a subquery, because it costs the server less than an aggregate does.
 *
 * @param from `from …` and what may follow it
 */
export function documentOf(expressions: readonly string[], from: string, values: number): string {
  const nonce = `$${values + 1}::text`;
  return `select json_build_array(${nonce}, array(select ${documentRow(expressions)} ${from}), ${nonce})::text`;
}

/** A document that says how many rows `from` has and holds none: `[nonce, count, null, nonce]`. */
export function countDocument(from: string, values: number): string {
  const nonce = `$${values + 1}::text`;
  return `select json_build_array(${nonce}, count(*), null::json, ${nonce})::text ${from}`;
}

/** Wraps a query that may stand in FROM. `before` goes in front, for a WITH that has to stay at the top. */
export function wrapQuery(query: string, codecs: readonly Codec[], values: number, before = ''): string {
  const from = `from (${query}) as d${aliasList(codecs.length)}`;
  return `${before}${documentOf(documentExpressions(codecs, 'd'), from, values)}`;
}
