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
   * @param canPin - there is a mode for steps that need their own connection. Without one, they are left out
   */
  async runAll<W>(steps: readonly Step<W>[], world: W, canPin: boolean): Promise<void> {
    for (const step of steps) {
      if (this.#options.signal.aborted) return;
      if (step.pinned === true && !canPin) this.#leaveOut(step);
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

  #leaveOut<W>(step: Step<W>): void {
    this.#keep({
      ...this.#headOf(step),
      modes: [],
      milliseconds: 0,
      rows: undefined,
      outcome: 'left out',
      note: undefined,
      refusal: undefined,
      problem: 'This step needs a direct or a session connection.',
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
