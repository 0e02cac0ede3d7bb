import { describe, expect, it } from 'vitest';
import { candidatesOf } from './drawn-mutants.ts';
import { DoesNotApply, mutated } from './mutant.ts';
import { smallChanges } from './small-changes.ts';
import { sourceSymbols, symbolAt } from './source-symbols.ts';
import { sourceTokens } from './source-tokens.ts';

const SOURCE = `import { a } from './a.ts';

/** Not code: if (a < b) return 1; */
const QUOTES = /["'\\/\`]/g;

export interface Shape {
  readonly size: 1 | 2;
}

export class Box<T extends object> {
  readonly #size = 1;

  static of(size: number): Box<never> {
    if (size > 0 && size !== 7) return new Box();
    throw new Error(\`no \${size > 1 ? '}' : \`nested \${1}\`} box\`);
  }

  get size(): number {
    return this.#size;
  }
}

function last(items: readonly string[]): string | undefined {
  // if (items.length === 0) return 'a comment';
  return items.length / 2 > 1 ? items[items.length - 1] : undefined;
}
`;

const texts = (text: string) => sourceTokens(text).map((token) => token.text);

describe('the tokens of a source text', () => {
  it('leave out comments and white space, and nothing else', () => {
    let at = 0;
    for (const { start, end, text } of sourceTokens(SOURCE)) {
      expect(SOURCE.slice(at, start)).toMatch(/^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*)*$/);
      expect(SOURCE.slice(start, end)).toBe(text);
      at = end;
    }
    expect(texts(SOURCE)).not.toContain('comment');
  });

  it('tell a regular expression from a division', () => {
    expect(texts('a / b / c')).toEqual(['a', '/', 'b', '/', 'c']);
    expect(texts('return /[/"]/.test(a)')).toEqual(['return', '/[/"]/', '.', 'test', '(', 'a', ')']);
  });

  it('take a template for one string, whatever stands in it', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    const template = '`a ${b(`c ${"}"}`) + /`/.source} d`';
    expect(texts(`x = ${template};`)).toEqual(['x', '=', template, ';']);
  });
});

describe('the symbols of a source text', () => {
  it('are its declarations and the members of its classes', () => {
    expect(sourceSymbols(SOURCE).map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'type a',
      'value QUOTES',
      'type Shape',
      'value Box',
      'value Box.#size',
      'value Box.of',
      'value Box.size',
      'value last',
    ]);
  });

  it('last until the next one begins', () => {
    const symbols = sourceSymbols(SOURCE);
    expect(symbolAt(symbols, SOURCE.indexOf('throw'))?.name).toBe('Box.of');
    expect(symbolAt(symbols, SOURCE.indexOf('items.length / 2'))?.name).toBe('last');
  });
});

describe('a named mutant', () => {
  const mutant = { name: 'one', file: 'a.ts', symbol: 'Box.of', find: 'size > 0 &&', replace: '' };

  it('changes its symbol alone, whatever white space the text has', () => {
    expect(mutated(SOURCE, mutant)).toBe(SOURCE.replace('size > 0 &&', ''));
    expect(mutated(SOURCE.replace('size > 0 &&', 'size\n      > 0 &&'), mutant)).toBe(
      SOURCE.replace('size > 0 &&', ''),
    );
  });

  it('does not apply where its text or its symbol is not there, or its text is there twice', () => {
    for (const change of [{ find: 'size > 2' }, { symbol: 'Box.from' }, { find: 'size' }]) {
      expect(() => mutated(SOURCE, { ...mutant, ...change })).toThrow(DoesNotApply);
    }
  });
});

describe('the small changes of a source text', () => {
  const changes = smallChanges(SOURCE).map(
    ({ start, end, replacement }) => `${SOURCE.slice(start, end)} → ${replacement}`,
  );

  it('are comparisons, conditions, constants and early returns, of code only', () => {
    expect(changes).toEqual([
      '1 → 2',
      '2 → 3',
      '1 → 2',
      'size > 0 && size !== 7 → !(size > 0 && size !== 7)',
      'size > 0 && size !== 7 → false',
      '> → >=',
      '> → <=',
      '0 → 1',
      '&& → ||',
      '!== → ===',
      '7 → 8',
      '2 → 3',
      '> → >=',
      '> → <=',
      '1 → 2',
      '- → +',
      '1 → 2',
    ]);
  });

  it('are drawn from values, each told by its symbol and its line', () => {
    const drawn = candidatesOf(SOURCE, 'a.ts', 'values');
    expect(drawn.map(({ symbol }) => symbol)).not.toContain('Shape');
    expect(drawn[0]).toMatchObject({
      symbol: 'Box.#size',
      change: 'readonly #size = 1; → readonly #size = 2;',
      text: SOURCE.replace('#size = 1', '#size = 2'),
    });
    const told = drawn.map(({ symbol, change }) => `${symbol}: ${change}`);
    expect(new Set(told).size).toBe(told.length);
  });
});
