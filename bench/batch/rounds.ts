import { runSlice, type Slice } from '../../src/bench/slice.ts';
import { rotated } from '../../src/bench/statistics.ts';
import type { Contender, ContenderName, OpenContender, Target } from '../contender.ts';
import { newNote, noteKey } from '../notes.ts';
import type { Group } from './group.ts';
import { proveOwnRowsOnly } from './own-rows.ts';

/** The slices of one contender, one for each round. */
export interface Measurement {
  readonly contender: ContenderName;
  readonly slices: readonly Slice[];
}

export interface RoundOptions {
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  /** Unmeasured, at the beginning of each slice. */
  readonly runUpMs: number;
  /** Called before each slice. */
  readonly onProgress: (text: string) => void;
}

interface Entrant {
  readonly contender: Contender;
  readonly open: OpenContender;
  readonly slices: Slice[];
  calls: number;
}

/**
 * Measures all contenders in one run: in every round each gets one slice, in an order that rotates, so that
 * a machine that becomes slower or a table that becomes larger affects all of them.
 */
export async function runRounds(
  group: Group,
  target: Target,
  contenders: readonly Contender[],
  { rounds, sliceMs, warmUpMs, runUpMs, onProgress }: RoundOptions,
): Promise<readonly Measurement[]> {
  const entrants: Entrant[] = [];
  try {
    for (const contender of contenders) {
      const open = await contender.open(target);
      entrants.push({ contender, open, slices: [], calls: 0 });
      await proveOwnRowsOnly(contender.name, open);
    }
    for (const entrant of entrants) {
      onProgress(`warming up ${entrant.contender.name}`);
      await sliceOf(entrant, group, warmUpMs, 0);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entrant of rotated(entrants, round)) {
        onProgress(`round ${round + 1} of ${rounds}: ${entrant.contender.name}`);
        entrant.slices.push(await sliceOf(entrant, group, sliceMs, runUpMs));
      }
    }
    return entrants.map(({ contender, slices }) => ({ contender: contender.name, slices }));
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.open.close()));
  }
}

async function sliceOf(entrant: Entrant, group: Group, durationMs: number, runUpMs: number): Promise<Slice> {
  const { open } = entrant;
  const call =
    group.case === 'rls-read' ? (n: number) => open.read(noteKey(n)) : (n: number) => open.insert(newNote(n));
  try {
    const slice = await runSlice(call, { tasks: group.tasks, durationMs, runUpMs, firstCall: entrant.calls });
    entrant.calls += slice.calls;
    return slice;
  } catch (error) {
    throw new Error(`${entrant.contender.name} failed in ${group.case} over ${group.mode}.`, {
      cause: error,
    });
  }
}
