import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { vectorAt } from './vector-set.ts';
import { findWords, WORDS_PACKAGE, wordVectors } from './words.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'words-'));
  file = join(folder, `${WORDS_PACKAGE}.json`);
  const vectors = { left: [-3, 0, 3, 0], up: [0, 4, 4, 1], nowhere: [0, 0, 0, 2] };
  const words = ['up', 'nowhere', 'unknown', 'left'];
  writeFileSync(file, JSON.stringify({ dimensions: 2, l2NormIndex: 2, words, vectors }));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the first words come with vectors of unit length, and those without a direction are left out', () => {
  const set = wordVectors(file, 2);
  expect([0, 1].map((index) => [set.contentOf(index), [...vectorAt(set, index)]])).toEqual([
    ['up', [0, 1]],
    ['left', [-1, 0]],
  ]);
});

test('fewer words than are needed are an error', () => {
  expect(() => wordVectors(file, 3)).toThrow('There are 2 words, but 3 are needed.');
});

test('the folder of the package is as good as its file, and a wrong path is an error', () => {
  expect(findWords(folder)).toBe(file);
  expect(findWords(file)).toBe(file);
  expect(() => findWords(join(folder, 'elsewhere'))).toThrow('--words must be the folder');
});
