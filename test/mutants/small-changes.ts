import { type SourceToken, sourceTokens } from './source-tokens.ts';

/** A replacement in a source text, and the lines around it by which it can be told. */
export interface SmallChange {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The statement, or what of it stands on the lines of the change. */
  readonly from: number;
  readonly to: number;
}

const SWAPS: Readonly<Record<string, readonly string[]>> = {
  '===': ['!=='],
  '!==': ['==='],
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '&&': ['||'],
  '||': ['&&'],
  '+': ['-'],
  '-': ['+'],
  true: ['false'],
  false: ['true'],
};
/** Between spaces they are operators; elsewhere they may be brackets of types, or signs. */
const SPACED = new Set(['<', '<=', '>', '>=', '+', '-', '&&', '||']);

/** The small changes that a source text offers: comparisons, conditions, constants, and / or, early returns. */
export function smallChanges(text: string): SmallChange[] {
  const tokens = sourceTokens(text);
  const changes: SmallChange[] = [];
  tokens.forEach((token, i) => {
    const add = (start: number, end: number, replacement: string): void => {
      changes.push({ start, end, replacement, from: startOfLine(text, start), to: endOfLine(text, end) });
    };
    for (const other of swapsOf(text, tokens, i)) add(token.start, token.end, other);
    if (token.kind === 'number' && /^\d+$/.test(token.text)) {
      add(token.start, token.end, String(Number(token.text) + 1));
    }
    if (token.kind === 'word' && token.text === 'if' && tokens[i + 1]?.text === '(') {
      const condition = tokens[i + 1] as SourceToken;
      const close = closing(tokens, i + 1);
      if (close === undefined) return;
      const inner = text.slice(condition.end, close.start).trim();
      add(condition.end, close.start, `!(${inner})`);
      add(condition.end, close.start, 'false');
    }
  });
  return changes;
}

function swapsOf(text: string, tokens: readonly SourceToken[], at: number): readonly string[] {
  const token = tokens[at] as SourceToken;
  if (token.kind === 'string' || token.kind === 'regex') return [];
  const swaps = Object.hasOwn(SWAPS, token.text) ? (SWAPS[token.text] as readonly string[]) : [];
  if (swaps.length === 0) return [];
  const isSpaced = /\s/.test(text[token.start - 1] ?? '') && /\s/.test(text[token.end] ?? '');
  if (SPACED.has(token.text)) return isSpaced ? swaps : [];
  // A property of that name, or a type.
  const before = tokens[at - 1]?.text ?? '';
  const after = tokens[at + 1]?.text ?? '';
  if (token.kind === 'word' && (before === '.' || before === ':' || after === ':')) {
    return before === ':' && tokens[at - 2]?.kind === 'word' && after !== ';' && after !== '=' ? swaps : [];
  }
  return swaps;
}

function closing(tokens: readonly SourceToken[], open: number): SourceToken | undefined {
  let depth = 0;
  for (const token of tokens.slice(open)) {
    if (token.text === '(') depth += 1;
    if (token.text === ')') depth -= 1;
    if (depth === 0) return token;
  }
  return undefined;
}

function startOfLine(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
