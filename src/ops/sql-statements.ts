/** One statement of a script, without its closing semicolon. */
export interface SqlStatement {
  /** As written, comments included, trimmed. */
  readonly text: string;
  /** Line of the first character of `text`, from 1. */
  readonly line: number;
  /** Words before the first other token, in lower case, at most four: `['create', 'or', 'replace', 'view']`. */
  readonly words: readonly string[];
  /** Nothing but comments: there is nothing to run. */
  readonly comment: boolean;
}

/**
 * Splits a script where `psql` would: at semicolons outside quotes, comments, parentheses and
 * `begin atomic … end` bodies. Comments alone count as a statement, as they do for the Supabase CLI; space
 * alone does not.
 *
 * Strings are read as with `standard_conforming_strings = on`. `copy … from stdin` data and psql's own
 * commands are no SQL and not understood.
 *
 * @example
 * ```ts
 * splitStatements("select ';'; select 2").map((s) => s.text); // ["select ';'", 'select 2']
 * ```
 */
export function splitStatements(sql: string): readonly SqlStatement[] {
  const statements: SqlStatement[] = [];
  let start = 0;
  let state = fresh();
  let at = 0;
  const finish = (end: number): void => {
    const text = sql.slice(start, end).trim();
    if (text !== '') {
      const line = lineAt(sql, sql.indexOf(text, start));
      statements.push({ text, line, words: state.leading, comment: state.blank });
    }
    state = fresh();
  };
  while (at < sql.length) {
    const token = nextToken(sql, at);
    if (token.kind === 'semicolon' && state.parentheses === 0 && state.bodies === 0) {
      finish(at);
      start = token.end;
    } else {
      take(state, token, sql.slice(at, token.end));
    }
    at = token.end;
  }
  finish(sql.length);
  return statements;
}

/** Line of an offset in UTF-16 units, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < offset; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}

interface State {
  /** Nothing but space and comments so far. */
  blank: boolean;
  parentheses: number;
  /** Open `begin` and `case` of a `begin atomic` body. */
  bodies: number;
  leading: string[];
  /** Still among the leading words. */
  leadingOpen: boolean;
}

function fresh(): State {
  return { blank: true, parentheses: 0, bodies: 0, leading: [], leadingOpen: true };
}

function take(state: State, token: Token, text: string): void {
  if (token.kind === 'space') return;
  state.blank = false;
  if (token.kind === 'word') {
    const word = text.toLowerCase();
    if (state.parentheses === 0 && definesRoutine(state.leading)) countBody(state, word);
    if (state.leadingOpen && state.leading.length < 4) state.leading.push(word);
    return;
  }
  state.leadingOpen = false;
  if (token.kind === 'open') state.parentheses += 1;
  else if (token.kind === 'close') state.parentheses = Math.max(0, state.parentheses - 1);
}

/** Only inside these does `begin` open a body; elsewhere it starts a transaction, as for psql. */
function definesRoutine(leading: readonly string[]): boolean {
  if (leading[0] !== 'create') return false;
  const kind = leading[1] === 'or' && leading[2] === 'replace' ? leading[3] : leading[1];
  return kind === 'function' || kind === 'procedure';
}

function countBody(state: State, word: string): void {
  if (word === 'begin') state.bodies += 1;
  else if (word === 'case' && state.bodies > 0) state.bodies += 1;
  else if (word === 'end' && state.bodies > 0) state.bodies -= 1;
}

interface Token {
  readonly kind: 'space' | 'word' | 'quoted' | 'semicolon' | 'open' | 'close' | 'other';
  /** Offset after the token. */
  readonly end: number;
}

const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
/** Two literals with a line break between them are one: the second keeps the escapes of the first. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

function nextToken(sql: string, at: number): Token {
  const space = endOf(SPACE, sql, at);
  if (space !== undefined) return { kind: 'space', end: space };
  const comment = endOf(LINE_COMMENT, sql, at);
  if (comment !== undefined) return { kind: 'space', end: comment };
  if (sql.startsWith('/*', at)) return { kind: 'space', end: endOfComment(sql, at) };
  const character = sql[at];
  if (character === "'") return { kind: 'quoted', end: endOfQuoted(sql, at, "'") };
  if (character === '"') return { kind: 'quoted', end: endOfQuoted(sql, at, '"') };
  if ((character === 'e' || character === 'E') && sql[at + 1] === "'") {
    return { kind: 'quoted', end: endOfEscaped(sql, at + 1) };
  }
  const word = endOf(WORD, sql, at);
  if (word !== undefined) return { kind: 'word', end: word };
  const tag = endOf(DOLLAR_TAG, sql, at);
  if (tag !== undefined) {
    const close = sql.indexOf(sql.slice(at, tag), tag);
    return { kind: 'quoted', end: close === -1 ? sql.length : close + (tag - at) };
  }
  const end = at + 1;
  if (character === ';') return { kind: 'semicolon', end };
  if (character === '(') return { kind: 'open', end };
  if (character === ')') return { kind: 'close', end };
  return { kind: 'other', end };
}

function endOf(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

/** Comments nest. */
function endOfComment(sql: string, at: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at + 2;
  for (let depth = 1; ; ) {
    const found = edge.exec(sql);
    if (found === null) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
}

/** A doubled quote stands for itself: read as two literals side by side, which ends at the same place. */
function endOfQuoted(sql: string, at: number, quote: string): number {
  const close = sql.indexOf(quote, at + 1);
  return close === -1 ? sql.length : close + 1;
}

function endOfEscaped(sql: string, quote: number): number {
  for (let at = quote + 1; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1;
    else if (sql[at] === "'") {
      if (sql[at + 1] === "'") at += 1;
      else {
        const next = endOf(CONTINUATION, sql, at + 1);
        if (next === undefined) return at + 1;
        at = next - 1;
      }
    }
  }
  return sql.length;
}
