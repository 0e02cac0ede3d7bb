import { type SourceToken, sourceTokens } from './source-tokens.ts';

/** A declaration of a source text: `name`, or `Class.member`. */
export interface SourceSymbol {
  readonly name: string;
  readonly kind: 'value' | 'type';
  readonly start: number;
  readonly end: number;
}

const VALUES = new Set(['function', 'class', 'const', 'let']);
const TYPES = new Set(['interface', 'type', 'declare', 'import']);
const MODIFIERS = new Set(['static', 'readonly', 'async', 'private', 'override', 'get', 'set', 'declare']);

/**
 * The declarations of a source text in their order. It is formatted, so a top-level one begins at the start of a
 * line, and a member of a class two spaces behind it; each lasts until the next one.
 */
export function sourceSymbols(text: string): SourceSymbol[] {
  const tokens = sourceTokens(text);
  const symbols: SourceSymbol[] = [];
  const starts = tokens.flatMap((token, i) => (isTopLevel(text, token) ? [i] : []));
  starts.forEach((from, i) => {
    const to = starts[i + 1] ?? tokens.length;
    const declared = tokens.slice(from, to);
    const end = tokens[to]?.start ?? text.length;
    const keyword = declared.find(({ text: word }) => VALUES.has(word) || TYPES.has(word));
    if (keyword === undefined) return;
    const named = declared.slice(declared.indexOf(keyword) + 1).find(({ kind }) => kind === 'word');
    const name = named?.text ?? '';
    const start = (declared[0] as SourceToken).start;
    if (TYPES.has(keyword.text)) symbols.push({ name, kind: 'type', start, end });
    else {
      symbols.push({ name, kind: 'value', start, end });
      if (keyword.text === 'class') symbols.push(...membersOf(text, name, declared, end));
    }
  });
  return symbols;
}

/** The innermost declaration around a place of the text. */
export function symbolAt(symbols: readonly SourceSymbol[], at: number): SourceSymbol | undefined {
  return symbols.findLast(({ start, end }) => start <= at && at < end);
}

function membersOf(text: string, owner: string, tokens: readonly SourceToken[], end: number): SourceSymbol[] {
  const starts = tokens.flatMap((token, i) => (isMember(text, token) ? [i] : []));
  return starts.map((from, i) => {
    const next = starts[i + 1];
    // A method may have the name of a modifier: `get(key)`.
    const named = tokens
      .slice(from)
      .find(
        ({ kind, text: word }, at) =>
          kind === 'word' && (!MODIFIERS.has(word) || tokens[from + at + 1]?.text === '('),
      );
    return {
      name: `${owner}.${named?.text ?? ''}`,
      kind: 'value',
      start: (tokens[from] as SourceToken).start,
      end: next === undefined ? end : (tokens[next] as SourceToken).start,
    };
  });
}

function isTopLevel(text: string, { kind, start }: SourceToken): boolean {
  return kind === 'word' && (start === 0 || text[start - 1] === '\n');
}

function isMember(text: string, token: SourceToken): boolean {
  const { kind, start } = token;
  return (kind === 'word' || token.text === '*') && text.slice(start - 3, start) === '\n  ';
}
