import { describe, expect, it } from 'vitest';
import { WordTree } from './word-tree.ts';

type Word = Parameters<ReturnType<WordTree['root']>['to']>[0];

const END = Symbol('end');

function textOf(tree: WordTree, words: readonly Word[]): string {
  let place = tree.root();
  for (const word of words) place = place.to(word, tree);
  return place.text(tree);
}

describe('a tree of words', () => {
  const sequences: readonly (readonly Word[])[] = [
    ['a', 'b'],
    ['ab'],
    ['b', 'a'],
    ['a', END],
    ['a', '(end)'],
    ['a', 1],
    ['a', '1'],
    ['a', 12],
    ['a', 1, 2],
    ['a', -1.5],
    ['a', Number.NaN],
    ['a', true],
    ['a', false],
    ['a', 'true'],
    ['a', null],
    ['a', 'null'],
    ['a', '-'],
    ['a', ''],
    ['a'],
    ['s1:a'],
    ['as:b'],
    ['as1:b'],
    [],
  ];

  it('gives each sequence a text of its own, the same one each time', () => {
    const tree = new WordTree(1 << 20);
    const texts = sequences.map((words) => textOf(tree, words));
    expect(new Set(texts).size).toBe(sequences.length);
    expect(sequences.map((words) => textOf(tree, words))).toEqual(texts);
    expect(sequences.map((words) => textOf(new WordTree(0), words))).toEqual(texts);
  });

  it('does not grow by what it knows, and is forgotten beyond its bound', () => {
    const tree = new WordTree(100_000);
    textOf(tree, ['a', 'b', 1]);
    const { bytes } = tree;
    textOf(tree, ['a', 'b', 1]);
    expect(tree.bytes).toBe(bytes);
    const long = 'x'.repeat(1_000);
    let most = 0;
    for (let n = 0; n < 1_000; n++) {
      textOf(tree, ['a', long, n]);
      most = Math.max(most, tree.bytes);
    }
    expect(most).toBeGreaterThan(100_000);
    expect(most).toBeLessThan(110_000);
  });
});
