import type { Token } from './scan.ts';

const QUERIES: ReadonlySet<string> = new Set(['select', 'values', 'table']);
/** Statements that return only typed rows. The server refuses any other first word with its own message. */
const UTILITIES: ReadonlySet<string> = new Set(
  `abort alter analyze begin call checkpoint close cluster comment commit copy create deallocate declare discard do drop end
   execute explain fetch grant import listen load lock move notify prepare reassign refresh reindex release reset revoke
   rollback savepoint security set show start truncate unlisten vacuum`.split(/\s+/),
);
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);

/**
 * The document form of a raw statement: one row of one text column, `[nonce, count, rows | null, nonce]`. Empty
 * if it has none: SHOW, EXPLAIN, CALL, DDL and similar statements return only typed rows.
 *
 * - A query goes into FROM. `json_agg(t.*)` and not `json_agg(t)`, which would mean a column called `t`.
 * - A write goes into a WITH, because FROM allows no writes. Without RETURNING it gets one, to count the rows.
 * - After a WITH that writes, the statement becomes another part of it: such a WITH must be at the top.
 *
 * A line break comes before what is added, in case the statement ends with a comment.
 *
 * @param sql one statement without a semicolon
 */
export function wrapRaw(sql: string, tokens: readonly Token[], values: number): string {
  const nonce = `$${values + 1}::text`;
  const head = (rows: string) => `select json_build_array(${nonce}, count(*), ${rows}, ${nonce})::text`;
  const first = tokens.find(({ kind }) => kind !== 'open');
  if (first === undefined || first.kind !== 'word') return '';
  const isWith = first.text === 'with' && first.depth === 0;
  const main = isWith ? mainOfWith(tokens) : first;
  if (main === undefined) return '';
  const isQuery = QUERIES.has(main.text) || (!isWith && !WRITES.has(main.text) && !UTILITIES.has(main.text));
  if (isQuery && !(isWith && writesInWith(tokens))) {
    return `${head('json_agg(t.*)')} from (${sql}\n) as t`;
  }
  const before = isWith ? `${sql.slice(0, main.start)}, ` : 'with ';
  const statement = isWith ? sql.slice(main.start) : sql;
  if (!isQuery && !(WRITES.has(main.text) && main.depth === 0)) return '';
  const returns =
    isQuery ||
    tokens.some(
      ({ kind, text, depth, start }) =>
        kind === 'word' && text === 'returning' && depth === 0 && start > main.start,
    );
  if (returns) {
    return `${before}cdb_rows as (${statement}\n) ${head('json_agg(t.*)')} from cdb_rows as t`;
  }
  // PostgreSQL 15 and 16 have no RETURNING for MERGE.
  if (main.text === 'merge') return '';
  return `${before}cdb_rows as (${statement}\nreturning 1) ${head('null::json')} from cdb_rows`;
}

/**
 * The main statement of a WITH: the first word directly after a closing parenthesis of its list. The names
 * in the list can be the same words, but follow WITH, RECURSIVE or a comma.
 */
function mainOfWith(tokens: readonly Token[]): Token | undefined {
  for (let index = 1; index < tokens.length; index++) {
    const token = tokens[index]!;
    const previous = tokens[index - 1]!;
    if (token.depth !== 0 || previous.kind !== 'close' || previous.depth !== 0) continue;
    if (token.kind === 'word' && (QUERIES.has(token.text) || WRITES.has(token.text))) return token;
  }
  return undefined;
}

/** True when a part of the WITH list writes. */
function writesInWith(tokens: readonly Token[]): boolean {
  return tokens.some((token, index) => {
    const previous = tokens[index - 1];
    return (
      token.kind === 'word' &&
      WRITES.has(token.text) &&
      token.depth === 1 &&
      previous?.kind === 'open' &&
      ['as', 'materialized'].includes(tokens[index - 2]?.text ?? '')
    );
  });
}
