/** A token of SQL. Space and comments are left out; a quoted name is a `name`. */
export interface Token {
  readonly kind: 'word' | 'name' | 'parameter' | 'open' | 'close' | 'semicolon' | 'comma' | 'other';
  /** In lower case for words; the number for parameters; otherwise as written. */
  readonly text: string;
  readonly start: number;
  /** Offset of its end. */
  readonly end: number;
  /** Parentheses around it. */
  readonly depth: number;
}

interface ScannedSql {
  readonly tokens: readonly Token[];
  /**
   * Whether all strings, quoted names, comments and parentheses end. What does not end, including a comment, is an
   * `other` token up to the end of the text, so that the server gets it and refuses it.
   */
  readonly closed: boolean;
}

/*
 * The rules of PostgreSQL's scanner, src/backend/parser/scan.l, with standard_conforming_strings on:
 * its space is these six characters, both line breaks end a line comment, and every non-ASCII character, including a no-break
 * space, is part of a name.
 */
const SPACE = /[ \t\n\r\f\v]+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const PARAMETER = /\$\d+/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
/** Two strings with a line break between them are one: the second keeps the escapes of the first. */
const CONTINUATION = /[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

const MARKS: Readonly<Record<string, Token['kind']>> = {
  '(': 'open',
  ')': 'close',
  ';': 'semicolon',
  ',': 'comma',
};

/** Splits SQL into tokens as Postgres' scanner does, as far as the form of a statement needs it. */
export function scan(sql: string): ScannedSql {
  const tokens: Token[] = [];
  let closed = true;
  let depth = 0;
  for (let start = 0; start < sql.length; ) {
    const space = endOf(SPACE, sql, start) ?? endOf(LINE_COMMENT, sql, start);
    if (space !== undefined) {
      start = space;
      continue;
    }
    const comment = sql.startsWith('/*', start);
    const piece = comment ? { kind: 'other' as const, end: endOfComment(sql, start) } : pieceAt(sql, start);
    const end = piece.end ?? sql.length;
    closed &&= piece.end !== undefined;
    if (!comment || piece.end === undefined) {
      if (piece.kind === 'close') {
        closed &&= depth > 0;
        depth = Math.max(0, depth - 1);
      }
      tokens.push({ kind: piece.kind, text: textOf(piece.kind, sql.slice(start, end)), start, end, depth });
      if (piece.kind === 'open') depth += 1;
    }
    start = end;
  }
  return { tokens, closed: closed && depth === 0 };
}

interface Piece {
  readonly kind: Token['kind'];
  /** Undefined when it does not end. */
  readonly end: number | undefined;
}

function pieceAt(sql: string, start: number): Piece {
  const character = sql[start]!;
  if (character === "'") return { kind: 'other', end: endOfQuoted(sql, start) };
  if (character === '"') return { kind: 'name', end: endOfQuoted(sql, start) };
  if ((character === 'e' || character === 'E') && sql[start + 1] === "'") {
    return { kind: 'other', end: endOfEscaped(sql, start + 1) };
  }
  const word = endOf(WORD, sql, start);
  if (word !== undefined) return { kind: 'word', end: word };
  const number = endOf(NUMBER, sql, start);
  if (number !== undefined) return { kind: 'other', end: number };
  const parameter = endOf(PARAMETER, sql, start);
  if (parameter !== undefined) return { kind: 'parameter', end: parameter };
  const quote = endOf(DOLLAR_QUOTE, sql, start);
  if (quote !== undefined) {
    const close = sql.indexOf(sql.slice(start, quote), quote);
    return { kind: 'other', end: close === -1 ? undefined : close + (quote - start) };
  }
  return { kind: MARKS[character] ?? 'other', end: start + 1 };
}

function textOf(kind: Token['kind'], written: string): string {
  if (kind === 'word') return written.toLowerCase();
  return kind === 'parameter' ? written.slice(1) : written;
}

function endOf(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(sql) ? pattern.lastIndex : undefined;
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number | undefined {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return undefined;
}

/** A doubled quote stands for itself. */
function endOfQuoted(sql: string, start: number): number | undefined {
  const quote = sql[start]!;
  for (let at = sql.indexOf(quote, start + 1); at !== -1; at = sql.indexOf(quote, at + 2)) {
    if (sql[at + 1] !== quote) return at + 1;
  }
  return undefined;
}

/** @param quote offset of the quote that opens the string, after its `e` */
function endOfEscaped(sql: string, quote: number): number | undefined {
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
  return undefined;
}
