import type { Slice } from './slice.ts';
import { rotated } from './statistics.ts';

/** One contender while a group is measured. */
export interface Entrant {
  readonly name: string;
  slice(durationMs: number, runUpMs: number): Promise<Slice>;
}

export interface RoundOptions {
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  /** Called before each slice. */
  readonly onProgress: (text: string) => void;
}

/** Unmeasured, at the beginning of each slice; see `SliceOptions`. */
const RUN_UP_MS = 300;

/**
 * Measures all entrants in one run: in every round each gets one slice, in an order that rotates, so that
 * a machine that becomes slower or a table that becomes larger affects all of them.
 *
 * @returns the slices of each entrant, one for each round
 */
export async function playRounds(
  entrants: readonly Entrant[],
  { rounds, sliceMs, warmUpMs, onProgress }: RoundOptions,
): Promise<readonly (readonly Slice[])[]> {
  for (const entrant of warmUpMs === 0 ? [] : entrants) {
    onProgress(`warming up ${entrant.name}`);
    await entrant.slice(warmUpMs, 0);
  }
  const measured = entrants.map((entrant) => ({ entrant, slices: [] as Slice[] }));
  const runUpMs = Math.min(RUN_UP_MS, sliceMs);
  for (let round = 0; round < rounds; round++) {
    for (const { entrant, slices } of rotated(measured, round)) {
      onProgress(`round ${round + 1} of ${rounds}: ${entrant.name}`);
      slices.push(await entrant.slice(sliceMs, runUpMs));
    }
  }
  return measured.map(({ slices }) => slices);
}
