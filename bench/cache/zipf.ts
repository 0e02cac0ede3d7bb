import { seededRandom } from '../../src/bench/seeded-random.ts';
import { KEY_COUNT, type NoteKey, noteKey } from '../notes.ts';

/** One step of the load: the same sequence for every contender. */
export interface Operation {
  readonly key: NoteKey;
  readonly isWrite: boolean;
}

const WRITE_SHARE = 0.1;
const SEED = 20_250_101;

/** `count` operations on notes, of which the n-th most popular is asked for 1/n as often as the first. */
export function zipfOperations(count: number): readonly Operation[] {
  const random = seededRandom(SEED);
  const upTo = cumulated(KEY_COUNT);
  return Array.from({ length: count }, () => ({
    key: noteKey(rankOf(random(), upTo)),
    isWrite: random() < WRITE_SHARE,
  }));
}

/** The share of all that the ranks from 0 to each have together. */
function cumulated(ranks: number): Float64Array {
  const shares = new Float64Array(ranks);
  let sum = 0;
  for (let rank = 0; rank < ranks; rank++) shares[rank] = sum += 1 / (rank + 1);
  return shares.map((share) => share / sum);
}

function rankOf(at: number, upTo: Float64Array): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (upTo[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
