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
 * The head of a document: one row of one text column, `[nonce, count, rows | null]`. The nonce is the
 * parameter after the last value. The order of the rows that it is put in front of is kept.
 */
export function documentHead(expressions: readonly string[], values: number): string {
  return `select json_build_array($${values + 1}::text, count(*), json_agg(${documentRow(expressions)}))::text`;
}

/** The document of rows that no clause limits or orders, read where they stand: it spares the server a subquery. */
export function flatDocument(
  columns: readonly { readonly codec: Codec; readonly expression: string }[],
  from: string,
  values: number,
): string {
  const expressions = columns.map(({ codec, expression }) => codec.documentExpression(expression));
  return `${documentHead(expressions, values)} ${from}`;
}

/** Wraps a query that may stand in FROM. `before` goes in front, for a WITH that has to stay at the top. */
export function wrapQuery(query: string, codecs: readonly Codec[], values: number, before = ''): string {
  const head = documentHead(documentExpressions(codecs, 'd'), values);
  return `${before}${head} from (${query}) as d${aliasList(codecs.length)}`;
}
