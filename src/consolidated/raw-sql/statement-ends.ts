import type { Token } from './scan.ts';

/**
 * The tokens at which the statements of a script end: semicolons outside parentheses and outside the
 * `begin atomic … end` body of a routine. The last statement may have none.
 */
export function statementEnds(tokens: readonly Token[]): readonly Token[] {
  const ends: Token[] = [];
  let first = 0;
  /** Open `begin` and `case` of a body. */
  let open = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.depth > 0) continue;
    if (token.kind === 'semicolon' && open === 0) {
      ends.push(token);
      first = index + 1;
    } else if (token.kind === 'word' && definesRoutine(tokens, first)) {
      open = Math.max(0, open + bodiesOpenedBy(tokens, index, open));
    }
  }
  return ends;
}

/** Only within `create function` and `create procedure` can a body open. */
function definesRoutine(tokens: readonly Token[], first: number): boolean {
  const wordAt = (offset: number): string => wordOf(tokens[first + offset]);
  if (wordAt(0) !== 'create') return false;
  const kind = wordAt(1) === 'or' && wordAt(2) === 'replace' ? wordAt(3) : wordAt(1);
  return kind === 'function' || kind === 'procedure';
}

/** `case` and `end` are reserved: after a dot and after `as` they are names, everywhere else they are keywords. */
function bodiesOpenedBy(tokens: readonly Token[], index: number, open: number): number {
  const word = wordOf(tokens[index]);
  if (open === 0) return word === 'begin' && wordOf(tokens[index + 1]) === 'atomic' ? 1 : 0;
  if (word !== 'case' && word !== 'end') return 0;
  const before = tokens[index - 1];
  if (before?.text === '.' || wordOf(before) === 'as') return 0;
  return word === 'case' ? 1 : -1;
}

function wordOf(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text : '';
}
