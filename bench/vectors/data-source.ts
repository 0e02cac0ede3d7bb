import { clusteredVectors } from './clusters.ts';
import type { VectorSet } from './vector-set.ts';
import { WORDS_PACKAGE, wordVectors } from './words.ts';

export const DATA_NAMES = ['synthetic', 'words'] as const;
export type DataName = (typeof DATA_NAMES)[number];

/** Where vectors come from. */
export interface DataSource {
  readonly name: DataName;
  /** For the reader of the report. */
  readonly description: string;
  make(count: number): VectorSet;
}

const SEED = 20_260_101;
const DIMENSIONS = 384;

export const SYNTHETIC: DataSource = {
  name: 'synthetic',
  description: `synthetic: Gaussian clusters, ${DIMENSIONS} dimensions, seed ${SEED}`,
  make: (count) => clusteredVectors({ count, dimensions: DIMENSIONS, seed: SEED }),
};

export function wordsFrom(file: string): DataSource {
  return {
    name: 'words',
    description: `words: the most frequent English words of the npm package ${WORDS_PACKAGE} (MIT, from GloVe), 100 dimensions`,
    make: (count) => wordVectors(file, count),
  };
}
