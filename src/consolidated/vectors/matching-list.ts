import { whereClause } from '../compile/assemble.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { aliases } from '../compile/wrap-document.ts';
import type { SearchedText } from './searched-text.ts';

/** What the list of the rows that match a text is made of. */
interface MatchingList {
  /** `"public"."trips"`; its alias is `t`. */
  readonly target: string;
  readonly key: readonly ShapedColumn[];
  readonly text: SearchedText;
  /** Further conditions of the rows, '' for none. */
  readonly where: string;
  /** Parameter of the number of rows. */
  readonly candidates: string;
}

/** The rows that match a text with their places from 1, the most relevant first, as `(k0, …, place)`: for FROM. */
export function matchingListSql({ target, key, text, where, candidates }: MatchingList): string {
  const columns = aliases(key.length, 'k').join(', ');
  const listed = key.map(({ expression }, index) => `${expression} as k${index}`).join(', ');
  const matching = `select ${listed}, ${relevanceSql(text)} as relevance from ${target} as t${whereClause(matchSql(text), where)} order by relevance desc, ${columns} limit ${candidates}`;
  return `select ${columns}, row_number() over (order by m.relevance desc, ${columns}) from (${matching}) as m`;
}

export function matchSql({ words, query }: SearchedText): string {
  return `${words} @@ ${query}`;
}

/** How often and how near to each other the words of the query are in the text: a `float4`, higher for more relevant rows. */
export function relevanceSql({ words, query }: SearchedText): string {
  return `ts_rank_cd(${words}, ${query})`;
}
