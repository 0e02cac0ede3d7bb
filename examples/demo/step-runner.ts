import type { CallLog } from './call-log.ts';
import { type Ending, judgeStep } from './judge-step.ts';
import type { Step } from './step.ts';
import type { StepResult } from './step-result.ts';

export interface StepRunnerOptions {
  readonly calls: Pick<CallLog, 'takeModes'>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Called when a step has ended. */
  readonly onResult: (result: StepResult) => void;
  /** Once it is aborted, `runAll` and `runUntilFailure` start no further step. */
  readonly signal: AbortSignal;
}

/** What not every database has, or may be done to. */
export interface Possibilities {
  /** There is a mode in which a step can have its own connection. */
  readonly pin: boolean;
  /** The database ends with the demo, so that what cannot be removed may stay there. */
  readonly leaveTraces: boolean;
}

const NOT_PINNED = 'This step needs a direct or a session connection.';
const NOT_EMBEDDED = 'This step leaves traces for good: it only runs in the embedded database.';

/** Runs steps one after the other, and keeps their results. */
export class StepRunner {
  readonly #options: StepRunnerOptions;
  readonly #results: StepResult[] = [];

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  get results(): readonly StepResult[] {
    return this.#results;
  }

  /**
   * Runs them all: a step that fails does not stop the ones after it.
   *
   * @param can - what there is for steps that need it. Without it, they are left out
   */
  async runAll<W>(steps: readonly Step<W>[], world: W, can: Possibilities): Promise<void> {
    for (const step of steps) {
      if (this.#options.signal.aborted) return;
      if (step.pinned === true && !can.pin) this.#leaveOut(step, NOT_PINNED);
      else if (step.embedded === true && !can.leaveTraces) this.#leaveOut(step, NOT_EMBEDDED);
      else await this.run(step, world);
    }
  }

  /** For steps that each need the step before. True when all of them went as expected. */
  async runUntilFailure<W>(steps: readonly Step<W>[], world: W): Promise<boolean> {
    for (const step of steps) {
      if (this.#options.signal.aborted) return false;
      const { outcome } = await this.run(step, world);
      if (outcome === 'failed') return false;
    }
    return true;
  }

  /** Runs one step, even after an abort. */
  async run<W>(step: Step<W>, world: W): Promise<StepResult> {
    const { calls, now } = this.#options;
    calls.takeModes();
    const start = now();
    const ending = await endingOf(step, world);
    const milliseconds = now() - start;
    return this.#keep({
      ...this.#headOf(step),
      modes: calls.takeModes(),
      milliseconds,
      ...judgeStep(step.refused, ending),
    });
  }

  #leaveOut<W>(step: Step<W>, problem: string): void {
    this.#keep({
      ...this.#headOf(step),
      modes: [],
      milliseconds: 0,
      rows: undefined,
      outcome: 'left out',
      note: undefined,
      refusal: undefined,
      problem,
    });
  }

  #headOf<W>(step: Step<W>): Pick<StepResult, 'number' | 'title' | 'as'> {
    return { number: this.#results.length + 1, title: step.title, as: step.as };
  }

  #keep(result: StepResult): StepResult {
    this.#results.push(result);
    this.#options.onResult(result);
    return result;
  }
}

async function endingOf<W>(step: Step<W>, world: W): Promise<Ending> {
  try {
    return { kind: 'done', report: await step.run(world) };
  } catch (error) {
    return { kind: 'thrown', error };
  }
}
