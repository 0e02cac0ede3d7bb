import type { Target } from '../contender.ts';
import { runSlice, type Slice } from '../slice.ts';
import { rotated } from '../statistics.ts';
import { callOf } from './calls.ts';
import type { ClientContender, ContenderName, Entrant, SuiteClient, SuiteContender } from './contender.ts';
import type { Group } from './group.ts';
import { proveOwnRowsOnly } from './own-rows.ts';
import { WorkerCrowd } from './worker-crowd.ts';
import type { Questions } from './world.ts';

/** The slices of one contender, one for each round. */
export interface Measurement {
  readonly contender: ContenderName;
  readonly slices: readonly Slice[];
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
 * Measures all contenders in one run: in every round each gets one slice, in an order that rotates, so that
 * a machine that becomes slower or a table that becomes larger affects all of them.
 */
export async function runRounds(
  group: Group,
  target: Target,
  contenders: readonly SuiteContender[],
  questions: Questions,
  { rounds, sliceMs, warmUpMs, onProgress }: RoundOptions,
): Promise<readonly Measurement[]> {
  const entrants: { entrant: Entrant; slices: Slice[] }[] = [];
  try {
    for (const contender of contenders) {
      onProgress(`opening ${contender.name}`);
      entrants.push({ entrant: await enter(contender, group, target, questions), slices: [] });
    }
    for (const { entrant } of entrants) {
      onProgress(`warming up ${entrant.name}`);
      await entrant.slice(warmUpMs, 0);
    }
    const runUpMs = Math.min(RUN_UP_MS, sliceMs);
    for (let round = 0; round < rounds; round++) {
      for (const { entrant, slices } of rotated(entrants, round)) {
        onProgress(`round ${round + 1} of ${rounds}: ${entrant.name}`);
        slices.push(await entrant.slice(sliceMs, runUpMs));
      }
    }
    return entrants.map(({ entrant, slices }) => ({ contender: entrant.name, slices }));
  } finally {
    await Promise.all(entrants.map(({ entrant }) => entrant.close()));
  }
}

/** In this process, in several, or as a limit sees fit. */
function enter(
  contender: SuiteContender,
  group: Group,
  target: Target,
  questions: Questions,
): Promise<Entrant> {
  if ('enter' in contender) return contender.enter(group, target, questions);
  if (group.processes > 1) return WorkerCrowd.open(contender.name, group, target);
  return openHere(contender, group, target, questions);
}

async function openHere(
  contender: ClientContender,
  group: Group,
  target: Target,
  questions: Questions,
): Promise<Entrant> {
  const client = await contender.open(target);
  try {
    await proveOwnRowsOnly(contender.name, group.case, client, questions);
  } catch (error) {
    await client.close();
    throw error;
  }
  return new EntrantHere(contender.name, group, client, questions);
}

class EntrantHere implements Entrant {
  readonly name: ContenderName;
  readonly #group: Group;
  readonly #client: SuiteClient;
  readonly #call: (n: number) => Promise<unknown>;
  #calls = 0;

  constructor(name: ContenderName, group: Group, client: SuiteClient, questions: Questions) {
    this.name = name;
    this.#group = group;
    this.#client = client;
    this.#call = callOf(group.case, client, questions);
  }

  async slice(durationMs: number, runUpMs: number): Promise<Slice> {
    const { tasks } = this.#group;
    try {
      const slice = await runSlice(this.#call, { tasks, durationMs, runUpMs, firstCall: this.#calls });
      this.#calls += slice.calls;
      return slice;
    } catch (error) {
      throw new Error(`${this.name} failed in ${this.#group.case} over ${this.#group.mode}.`, {
        cause: error,
      });
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }
}
