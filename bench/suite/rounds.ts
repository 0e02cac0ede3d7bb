import { playRounds, type RoundOptions } from '../../src/bench/rounds.ts';
import { runSlice, type Slice } from '../../src/bench/slice.ts';
import type { Target } from '../contender.ts';
import { callOf } from './calls.ts';
import type {
  ClientContender,
  ContenderName,
  OpenEntrant,
  SuiteClient,
  SuiteContender,
} from './contender.ts';
import type { Group } from './group.ts';
import { proveOwnRowsOnly } from './own-rows.ts';
import { WorkerCrowd } from './worker-crowd.ts';
import type { Questions } from './world.ts';

/** The slices of one contender, one for each round. */
export interface Measurement {
  readonly contender: ContenderName;
  readonly slices: readonly Slice[];
}

/** Opens all contenders, measures them, and closes them. */
export async function runRounds(
  group: Group,
  target: Target,
  contenders: readonly SuiteContender[],
  questions: Questions,
  options: RoundOptions,
): Promise<readonly Measurement[]> {
  const entrants: OpenEntrant[] = [];
  try {
    for (const contender of contenders) {
      options.onProgress(`opening ${contender.name}`);
      entrants.push(await enter(contender, group, target, questions));
    }
    const slices = await playRounds(entrants, options);
    return entrants.map(({ name }, at) => ({ contender: name, slices: slices[at] ?? [] }));
  } finally {
    await Promise.all(entrants.map((entrant) => entrant.close()));
  }
}

/** In this process, in several, or as a limit sees fit. */
function enter(
  contender: SuiteContender,
  group: Group,
  target: Target,
  questions: Questions,
): Promise<OpenEntrant> {
  if ('enter' in contender) return contender.enter(group, target, questions);
  if (group.processes > 1) return WorkerCrowd.open(contender.name, group, target);
  return openHere(contender, group, target, questions);
}

async function openHere(
  contender: ClientContender,
  group: Group,
  target: Target,
  questions: Questions,
): Promise<OpenEntrant> {
  const client = await contender.open(target);
  try {
    await proveOwnRowsOnly(contender.name, group.case, client, questions);
  } catch (error) {
    await client.close();
    throw error;
  }
  return new EntrantHere(contender.name, group, client, questions);
}

class EntrantHere implements OpenEntrant {
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
