import { runSlice, type Slice } from '../../src/bench/slice.ts';
import { rotated } from '../../src/bench/statistics.ts';
import { noteKey } from '../notes.ts';
import type { CachingContender, CachingTarget, ContenderName, OpenCaching } from './contender.ts';
import { WrittenTitles } from './written-titles.ts';
import { zipfOperations } from './zipf.ts';

export const TASKS = 32;
const OPERATIONS = 1 << 16;

/** The slices of one contender, one for each round, and what its reads showed in all of them. */
export interface MixedMeasurement {
  readonly contender: ContenderName;
  readonly slices: readonly Slice[];
  readonly reads: number;
  /** Reads that did not show what was written, and acknowledged, before they began. */
  readonly stale: number;
  readonly hitShare: number;
}

export interface MixedOptions {
  readonly rounds: number;
  readonly sliceMs: number;
  readonly warmUpMs: number;
  readonly onProgress: (text: string) => void;
}

interface Entrant {
  readonly name: ContenderName;
  readonly open: OpenCaching;
  readonly titles: WrittenTitles;
  readonly slices: Slice[];
  calls: number;
}

/** Reads and writes of notes by many tasks at once. In every round each contender has a turn, in an order that rotates. */
export async function measureMixed(
  target: CachingTarget,
  contenders: readonly CachingContender[],
  { rounds, sliceMs, warmUpMs, onProgress }: MixedOptions,
): Promise<readonly MixedMeasurement[]> {
  const operations = zipfOperations(OPERATIONS);
  const entrants: Entrant[] = [];
  let written = 0;
  const nextNumber = () => ++written;
  const turn = async (entrant: Entrant, durationMs: number): Promise<Slice> => {
    const { titles, calls } = entrant;
    const call = (n: number) => {
      const { key, isWrite } = operations[n % OPERATIONS]!;
      return isWrite ? titles.write(key) : titles.read(key);
    };
    const slice = await runSlice(call, {
      tasks: TASKS,
      durationMs,
      runUpMs: Math.min(300, durationMs),
      firstCall: calls,
    });
    entrant.calls += slice.calls;
    return slice;
  };
  try {
    for (const { name, open } of contenders) {
      const opened = await open(target);
      entrants.push({
        name,
        open: opened,
        titles: new WrittenTitles(opened, nextNumber),
        slices: [],
        calls: 0,
      });
      await proveOwnNotesOnly(name, opened);
    }
    for (const entrant of entrants) {
      onProgress(`warming up ${entrant.name}`);
      await turn(entrant, warmUpMs);
    }
    for (let round = 0; round < rounds; round++) {
      for (const entrant of rotated(entrants, round)) {
        onProgress(`round ${round + 1} of ${rounds}: ${entrant.name}`);
        entrant.slices.push(await turn(entrant, sliceMs));
      }
    }
    return entrants.map(({ name, open, titles, slices }) => ({
      contender: name,
      slices,
      reads: titles.reads,
      stale: titles.stale,
      hitShare: open.hitShare(),
    }));
  } finally {
    await Promise.all(entrants.map(({ open }) => open.close()));
  }
}

/** Speed without row level security does not count: a cached note is not shown to others, nor is it written by them. */
export async function proveOwnNotesOnly(
  name: ContenderName,
  open: Pick<OpenCaching, 'read' | 'write'>,
): Promise<void> {
  const own = noteKey(0);
  const { person: stranger } = noteKey(1);
  const before = await open.read(own);
  if (before === undefined) throw new Error(`${name} does not show a note to its owner.`);
  if ((await open.read({ person: stranger, id: own.id })) !== undefined) {
    throw new Error(`${name} shows a note to somebody else.`);
  }
  await open.write({ person: stranger, id: own.id }, 'of a stranger');
  if ((await open.read(own)) !== before) throw new Error(`${name} lets somebody else change a note.`);
}
