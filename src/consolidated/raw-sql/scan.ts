/** A token of SQL that matters to its shape. Strings and comments are left out; a quoted name is a `name`. */
export interface Token {
  readonly kind: 'word' | 'name' | 'parameter' | 'open' | 'close' | 'semicolon' | 'comma' | 'other';
  /** In lower case for words; the number for parameters; else as it stands. */
  readonly text: string;
  readonly start: number;
  /** Parentheses around it. */
  readonly depth: number;
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n]*/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const PARAMETER = /\$(\d+)/y;
const NUMBER = /\d[\w.]*/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const PLAIN_STRING = /'[^']*(?:''[^']*)*'/y;
const ESCAPE_STRING = /'[^'\\]*(?:(?:''|\\[\s\S])[^'\\]*)*'/y;
const QUOTED_NAME = /"[^"]*(?:""[^"]*)*"/y;

/**
 * Takes SQL apart as Postgres' scanner does, as far as the shape of a statement needs it. Undefined when a
 * string, a quoted name or a comment does not end: the server will say so.
 */
export function scan(sql: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let position = 0;
  let depth = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    return pattern.exec(sql) ?? undefined;
  };
  const push = (kind: Token['kind'], text: string, length: number): void => {
    tokens.push({ kind, text, start: position, depth });
    position += length;
  };
  while (position < sql.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT);
    if (skipped !== undefined) {
      position += skipped[0].length;
      continue;
    }
    if (sql.startsWith('/*', position)) {
      const end = endOfComment(sql, position);
      if (end === undefined) return undefined;
      position = end;
      continue;
    }
    const character = sql[position]!;
    if (character === "'" || character === '"') {
      const found = match(character === "'" ? PLAIN_STRING : QUOTED_NAME);
      if (found === undefined) return undefined;
      push(character === "'" ? 'other' : 'name', found[0], found[0].length);
      continue;
    }
    if (character === '$') {
      const parameter = match(PARAMETER);
      if (parameter !== undefined) {
        push('parameter', parameter[1]!, parameter[0].length);
        continue;
      }
      const quote = match(DOLLAR_QUOTE);
      if (quote !== undefined) {
        const end = sql.indexOf(quote[0], position + quote[0].length);
        if (end === -1) return undefined;
        push('other', '$', end + quote[0].length - position);
        continue;
      }
    }
    const word = match(WORD);
    if (word !== undefined) {
      const text = word[0];
      // e'…' knows backslashes; what stands between these quotes is a string all the same.
      if (/^e$/i.test(text) && sql[position + 1] === "'") {
        position += 1;
        const string = match(ESCAPE_STRING);
        if (string === undefined) return undefined;
        push('other', string[0], string[0].length);
        continue;
      }
      push('word', text.toLowerCase(), text.length);
      continue;
    }
    const number = match(NUMBER);
    if (number !== undefined) {
      push('other', number[0], number[0].length);
      continue;
    }
    switch (character) {
      case '(':
        push('open', character, 1);
        depth++;
        break;
      case ')':
        depth--;
        push('close', character, 1);
        break;
      case ';':
        push('semicolon', character, 1);
        break;
      case ',':
        push('comma', character, 1);
        break;
      default:
        push('other', character, 1);
    }
  }
  return depth === 0 ? tokens : undefined;
}

/** Block comments nest. */
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
