import { setTimeout as pause } from 'node:timers/promises';
import type { RolloutFlag, RolloutTrip } from '../../../src/index.ts';
import type { Phase } from './judged-phases.ts';
import type { LoadScene } from './load-scene.ts';
import type { ApiReport } from './two-apis.ts';

/** How long a phase lasts, and from when on it is held to its word. */
export interface Pace {
  /** Milliseconds behind a change. Undefined: once both processes say that they know, however busy the machine is. */
  readonly settledWithinMs: number | undefined;
  /** Each phase lasts at least so long. */
  readonly holdMs: number;
  /** Each process must have answered so many calls in the settled part of a phase. */
  readonly answers: number;
}

/** What becomes of the consolidated side. `down`: cut off, and with it a flag that is in its database. */
export const FAULTS = ['slow', 'failing', 'down', 'wrong'] as const;
export type SideFault = (typeof FAULTS)[number];

export const REASONS: { readonly [fault in SideFault]: RolloutTrip['reason'] } = {
  slow: 'slow',
  failing: 'errors',
  down: 'errors',
  wrong: 'differences',
};

/** Of each direction, so a call takes twice as long. */
const SLOW_MS = 700;

/** Plays changes on a scene under load, and keeps when each was. */
export class Phases {
  readonly done: Phase[] = [];
  readonly #scene: LoadScene;
  readonly #pace: Pace;

  constructor(scene: LoadScene, pace: Pace) {
    this.#scene = scene;
    this.#pace = pace;
  }

  /** Sets the flag. */
  async flag(flag: RolloutFlag): Promise<void> {
    const { percentage = 0, killed = false } = flag;
    await this.#play(
      killed ? `killed at ${percentage} %` : `${percentage} %`,
      killed || percentage === 0 ? 'legacy' : percentage === 100 ? 'consolidated' : 'by user',
      () => this.#scene.set(flag),
      (report) => report.percentage === percentage && report.killed === killed,
    );
  }

  /** At 50 %: plants the fault, waits until both processes have sent their traffic back, heals it, and lets traffic return. */
  async fault(fault: SideFault): Promise<void> {
    const scene = this.#scene;
    await this.flag({ percentage: 50, shadow: fault === 'wrong' ? 100 : 0 });
    const plantedAt = Date.now();
    await this.#set(fault, true);
    await scene.untilBoth(`a trip because it is ${fault}`, ({ isTripped }) => isTripped);
    const toldAt = Date.now();
    const trippedAt = Math.min(...(await scene.reports()).map(({ events }) => lastTripOf(events)));
    if (trippedAt < plantedAt) throw new Error(`The guard tripped before it was ${fault}.`);
    const { settledWithinMs } = this.#pace;
    // Where the flag cannot be reached, each process goes back by itself, when it has seen enough.
    const isAlone = fault === 'down' || settledWithinMs === undefined;
    const settledAt = isAlone ? toldAt : trippedAt + settledWithinMs;
    const mayFail = fault === 'wrong' ? {} : { mayFailUntil: settledAt };
    const planted = { name: fault, belongs: 'by user', ...at(plantedAt), ...mayFail } as const;
    const tripped = { name: `${fault}, sent back`, belongs: 'legacy', ...at(trippedAt), ...mayFail } as const;
    this.done.push(planted, { ...tripped, settledAt });
    await this.#hold(settledAt);
    await this.#play(
      `${fault} no more`,
      'legacy',
      () => this.#set(fault, false),
      ({ isTripped }) => isTripped,
    );
    // Whoever lets traffic return earlier has it refused by the breakers, or does not reach the flag.
    await scene.untilBoth('the consolidated side to be well', ({ isWell }) => isWell);
    await this.#play(
      `let back after ${fault}`,
      'by user',
      async () => scene.source.reset?.(),
      ({ isTripped }) => !isTripped,
    );
  }

  async #play(
    name: string,
    belongs: Phase['belongs'],
    change: () => Promise<void>,
    isKnown: (report: ApiReport) => boolean,
  ): Promise<void> {
    const begunAt = Date.now();
    await change();
    const setAt = Date.now();
    let settledAt = setAt + (this.#pace.settledWithinMs ?? 0);
    if (this.#pace.settledWithinMs === undefined) {
      await this.#scene.untilBoth(`${name} to be known`, isKnown);
      settledAt = Date.now();
    }
    this.done.push({ name, belongs, begunAt, setAt, settledAt });
    await this.#hold(settledAt);
  }

  async #hold(settledAt: number): Promise<void> {
    await pause(this.#pace.holdMs);
    await this.#scene.untilAnswers(this.#pace.answers, settledAt);
  }

  async #set(fault: SideFault, isOn: boolean): Promise<void> {
    const { network, flagNetwork } = this.#scene;
    if (fault === 'wrong') return this.#scene.makeWrong(isOn);
    const broken = fault === 'down' ? [network, flagNetwork] : [network];
    for (const each of broken) {
      if (!isOn) each.heal();
      else if (fault === 'slow') each.slow(SLOW_MS);
      else each.cut();
    }
  }
}

function at(moment: number): Pick<Phase, 'begunAt' | 'setAt' | 'settledAt'> {
  return { begunAt: moment, setAt: moment, settledAt: moment };
}

function lastTripOf(events: ApiReport['events']): number {
  return events.findLast(({ event }) => event.type === 'tripped')?.at ?? Number.POSITIVE_INFINITY;
}
