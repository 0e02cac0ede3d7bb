import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Slice } from '../../src/bench/slice.ts';
import { median } from '../../src/bench/statistics.ts';
import type { Target } from '../contender.ts';
import type { ContenderName } from './contender.ts';
import type { Group } from './group.ts';

/** What a worker is told. */
export type WorkerOrder =
  | {
      readonly kind: 'open';
      readonly contender: ContenderName;
      readonly group: Group;
      readonly target: Target;
    }
  | { readonly kind: 'slice'; readonly durationMs: number; readonly runUpMs: number }
  | { readonly kind: 'close' };

/** What it answers. */
export type WorkerAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'failed'; readonly message: string };

/** One contender in several processes, which share users and connections out among them. */
export class WorkerCrowd {
  readonly name: ContenderName;
  readonly #workers: readonly ChildProcess[];

  private constructor(name: ContenderName, workers: readonly ChildProcess[]) {
    this.name = name;
    this.#workers = workers;
  }

  static async open(contender: ContenderName, group: Group, target: Target): Promise<WorkerCrowd> {
    const workers = Array.from({ length: group.processes }, () =>
      fork(new URL('worker.ts', import.meta.url), { execArgv: ['--disable-warning=ExperimentalWarning'] }),
    );
    const crowd = new WorkerCrowd(contender, workers);
    try {
      const connections = Math.max(1, Math.floor(target.connections / group.processes));
      const tasks = Math.max(1, Math.ceil(group.tasks / group.processes));
      await crowd.#tellAll({
        kind: 'open',
        contender,
        group: { ...group, tasks },
        target: { ...target, connections },
      });
      return crowd;
    } catch (error) {
      await crowd.close();
      throw error;
    }
  }

  /** All at once: what they did together. Latencies are the medians of the processes. */
  async slice(durationMs: number, runUpMs: number): Promise<Slice> {
    const answers = await this.#tellAll({ kind: 'slice', durationMs, runUpMs });
    const slices = answers.flatMap((answer) => (answer.kind === 'slice' ? [answer.slice] : []));
    const sum = (pick: (slice: Slice) => number) => slices.reduce((total, slice) => total + pick(slice), 0);
    const middle = (pick: (slice: Slice) => number) => median(slices.map(pick));
    return {
      calls: sum(({ calls }) => calls),
      perSecond: sum(({ perSecond }) => perSecond),
      p50Us: middle(({ p50Us }) => p50Us),
      p99Us: middle(({ p99Us }) => p99Us),
      quantilesUs: slices[0]!.quantilesUs.map((_, at) => middle(({ quantilesUs }) => quantilesUs[at]!)),
      cpuUs: middle(({ cpuUs }) => cpuUs),
    };
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        const exit = once(worker, 'exit');
        if (worker.connected) worker.send({ kind: 'close' } satisfies WorkerOrder);
        await exit;
      }),
    );
  }

  #tellAll(order: WorkerOrder): Promise<readonly WorkerAnswer[]> {
    return Promise.all(this.#workers.map((worker) => tell(worker, order)));
  }
}

async function tell(worker: ChildProcess, order: WorkerOrder): Promise<WorkerAnswer> {
  const ended = new AbortController();
  try {
    const answer = Promise.race([
      once(worker, 'message', ended).then(([message]) => message as WorkerAnswer),
      once(worker, 'exit', ended).then(([code]): WorkerAnswer => {
        return { kind: 'failed', message: `A process of the benchmark ended with ${code}.` };
      }),
    ]);
    worker.send(order);
    const told = await answer;
    if (told.kind === 'failed') throw new Error(told.message);
    return told;
  } finally {
    ended.abort();
  }
}
