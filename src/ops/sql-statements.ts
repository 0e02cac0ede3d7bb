import { scan, type Token } from '../consolidated/raw-sql/scan.ts';
import { statementEnds } from '../consolidated/raw-sql/statement-ends.ts';

/** One statement of a script, without its closing semicolon. */
export interface SqlStatement {
  /** As written, comments included, without space around it. */
  readonly text: string;
  /** Line of the first character of `text`, from 1. */
  readonly line: number;
  /** Words before the first other token, in lower case, at most four: `['create', 'or', 'replace', 'view']`. */
  readonly words: readonly string[];
  /** `text` without its leading comments; empty if there are only comments, and so nothing to run. */
  readonly command: string;
}

/**
 * Splits a script where `psql` would: at semicolons outside quotes, comments, parentheses and
 * `begin atomic … end` bodies. Comments alone count as a statement, as in the Supabase CLI; space
 * alone does not.
 *
 * Strings are read as with `standard_conforming_strings = on`. `copy … from stdin` data and psql's own
 * commands are not supported.
 *
 * @example
 * ```ts
 * splitStatements("select ';'; select 2").map((s) => s.text); // ["select ';'", 'select 2']
 * ```
 */
export function splitStatements(sql: string): readonly SqlStatement[] {
  const { tokens } = scan(sql);
  const statements: SqlStatement[] = [];
  let start = 0;
  let first = 0;
  for (const semicolon of [...statementEnds(tokens), undefined]) {
    const last = semicolon === undefined ? tokens.length : tokens.indexOf(semicolon, first);
    const statement = statementOf(sql, start, semicolon?.start ?? sql.length, tokens.slice(first, last));
    if (statement !== undefined) statements.push(statement);
    start = semicolon?.end ?? sql.length;
    first = last + 1;
  }
  return statements;
}

function statementOf(
  sql: string,
  from: number,
  to: number,
  tokens: readonly Token[],
): SqlStatement | undefined {
  let start = from;
  let end = to;
  while (start < end && isSpace(sql[start])) start += 1;
  while (end > start && isSpace(sql[end - 1])) end -= 1;
  if (start === end) return undefined;
  const other = tokens.findIndex(({ kind }) => kind !== 'word');
  const words = tokens.slice(0, other === -1 ? tokens.length : other).map(({ text }) => text);
  return {
    text: sql.slice(start, end),
    line: lineAt(sql, start),
    words: words.slice(0, 4),
    command: tokens[0] === undefined ? '' : sql.slice(tokens[0].start, end),
  };
}

/** Postgres has fewer space characters than JavaScript: a no-break space belongs to the name next to it. */
function isSpace(character: string | undefined): boolean {
  return character !== undefined && ' \t\n\r\f\v'.includes(character);
}

/** Line of an offset in UTF-16 units, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}
