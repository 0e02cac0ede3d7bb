/** A piece of TypeScript text. Comments and white space are none. */
export interface SourceToken {
  readonly kind: 'word' | 'number' | 'string' | 'regex' | 'punctuator';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const WORD = /[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy;
const NUMBER = /0[xob][\da-f_]+n?|\d[\d_]*(?:\.[\d_]+)?(?:e[+-]?\d+)?n?|\.\d+/iy;
const STRING = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y;
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const PUNCTUATOR =
  /===|!==|\*\*=|>>>=|<<=|>>=|\?\?=|&&=|\|\|=|\.\.\.|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.|\+\+|--|\*\*|[+\-*/%&|^]=|[\s\S]/y;

/** A slash behind one of these begins a regular expression. */
const BEFORE_REGEX = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'throw',
  'await',
  'yield',
  'else',
  'void',
]);

/** The tokens of a source text. A template literal is one string, with all that stands in it. */
export function sourceTokens(text: string): SourceToken[] {
  return scan(text, 0, false).tokens;
}

/** @param inPlaceholder - ends behind the brace that closes the placeholder of a template */
function scan(text: string, start: number, inPlaceholder: boolean): { tokens: SourceToken[]; end: number } {
  const tokens: SourceToken[] = [];
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const [kind, found] = tokenAt(text, at, tokens.at(-1));
    tokens.push({ kind, text: found, start: at, end: at + found.length });
    at += found.length;
    if (found === '{') depth += 1;
    if (found === '}') depth -= 1;
    if (inPlaceholder && depth < 0) break;
  }
  return { tokens, end: at };
}

function tokenAt(text: string, at: number, before: SourceToken | undefined): [SourceToken['kind'], string] {
  if (text[at] === '`') return ['string', text.slice(at, endOfTemplate(text, at))];
  const word = match(WORD, text, at);
  if (word !== undefined) return ['word', word];
  const number = match(NUMBER, text, at);
  if (number !== undefined) return ['number', number];
  const string = match(STRING, text, at);
  if (string !== undefined) return ['string', string];
  const regex = text[at] === '/' && mayBeginRegex(before) ? match(REGEX, text, at) : undefined;
  if (regex !== undefined) return ['regex', regex];
  return ['punctuator', match(PUNCTUATOR, text, at) as string];
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function mayBeginRegex(before: SourceToken | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word') return BEFORE_REGEX.has(before.text);
  return before.kind === 'punctuator' && !/^[)\]}]$/.test(before.text);
}

function endOfTemplate(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '`') {
    if (text[at] === '\\') at += 2;
    else if (text.startsWith('${', at)) at = scan(text, at + 2, true).end;
    else at += 1;
  }
  return at + 1;
}
