import { type Clock, systemClock } from '../contract/clock.ts';
import { benchFailure } from './bench-failure.ts';
import { type BenchRow, figuresOf } from './bench-row.ts';
import { checkAnswers } from './check-answers.ts';
import type { Bench, NamedCase } from './define-bench.ts';
import { describeBusyness, describeEnd, describeMachine } from './machine.ts';
import { type OpenClients, withClients } from './open-contenders.ts';
import { type Entrant, playRounds } from './rounds.ts';
import { seededRandom } from './seeded-random.ts';
import { runSlice } from './slice.ts';

/** One case, measured with one number of calls at the same time. */
export interface CaseResult {
  readonly measured: NamedCase;
  readonly tasks: number;
  readonly rows: readonly BenchRow[];
}

/** What was measured, and on what. */
export interface BenchRun {
  readonly facts: readonly string[];
  readonly warnings: readonly string[];
  readonly startedAt: string;
  readonly bench: Bench;
  readonly results: readonly CaseResult[];
}

interface RunBenchOptions {
  /** Ends the run with its reason, once the calls under way have been answered. */
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  readonly onWarning: (text: string) => void;
  readonly onResult: (result: CaseResult) => void;
  readonly clock?: Clock;
}

/**
 * Opens the contenders, compares the answers of all ways of all cases, then measures them, and closes what it opened.
 *
 * @param bench - with the cases that are to be measured
 * @throws ServiceError `BENCH_FAILED`; UsageError `BENCH_ANSWERS_DIFFER`; the reason of the signal
 */
export async function runBench(bench: Bench, options: RunBenchOptions): Promise<BenchRun> {
  const { clock = systemClock, onWarning } = options;
  const startedAt = new Date(clock.wallNow()).toISOString();
  const machine = describeMachine();
  const warnings: string[] = [];
  const warn = (text: string) => {
    warnings.push(text);
    onWarning(text);
  };
  const busy = describeBusyness();
  if (busy !== undefined) warn(busy);
  for (const { name, writes } of bench.cases) {
    if (writes) warn(`The case '${name}' writes, thousands of times. Nothing takes back what it wrote.`);
  }
  const taking = new Set(bench.cases.flatMap(({ ways }) => [...ways.keys()]));
  const contenders = new Map([...bench.contenders].filter(([name]) => taking.has(name)));
  options.onProgress('opening');
  const results = await withClients(contenders, options.signal, (clients) =>
    measureAll(bench, clients, { ...options, clock, onWarning: warn }),
  );
  const facts = [
    machine,
    describeEnd(),
    `${bench.rounds} rounds of ${bench.seconds} s for each way, in rotating order, after ${bench.warmUpSeconds} s of warm-up; figures are medians of the rounds, ratios are medians of each round's ratio, and “no difference” where they spread over 1`,
    'CPU is that of this process, in which the ways run',
  ];
  return { facts, warnings, startedAt, bench, results };
}

async function measureAll(
  bench: Bench,
  clients: OpenClients,
  { signal, clock, onProgress, onWarning, onResult }: RunBenchOptions & { readonly clock: Clock },
): Promise<readonly CaseResult[]> {
  const all = bench.cases.map((each) => new CaseCalls(bench, each, clients, signal));
  for (const calls of all) {
    onProgress(`comparing the answers of ${calls.measured.name}`);
    for (const warning of await calls.check()) onWarning(warning);
  }
  const results: CaseResult[] = [];
  for (const [at, calls] of all.entries()) {
    const { name } = calls.measured;
    for (const tasks of bench.concurrency) {
      const slices = await playRounds(calls.entrants(tasks, clock), {
        rounds: bench.rounds,
        sliceMs: bench.seconds * 1e3,
        warmUpMs: bench.warmUpSeconds * 1e3,
        onProgress: (text) => onProgress(`${at + 1} of ${all.length}, ${name}, ${tasks} at a time: ${text}`),
      });
      const rows = [...calls.measured.ways.keys()].map((contender, index): BenchRow => {
        return { case: name, contender, tasks, ...figuresOf(slices[index] ?? []) };
      });
      const result = { measured: calls.measured, tasks, rows };
      results.push(result);
      onResult(result);
    }
  }
  return results;
}

/** The calls of one case. Counts those of each way, so that no number repeats. */
class CaseCalls {
  readonly measured: NamedCase;
  readonly #seed: number;
  readonly #clients: OpenClients;
  readonly #signal: AbortSignal;
  readonly #made = new Map<string, number>();

  constructor({ seed }: Bench, measured: NamedCase, clients: OpenClients, signal: AbortSignal) {
    this.measured = measured;
    this.#seed = Math.imul(seed, 0x9e3779b1);
    this.#clients = clients;
    this.#signal = signal;
  }

  async check(): Promise<readonly string[]> {
    const { calls, warnings } = await checkAnswers(this.measured, 0, async (contender, n) => {
      try {
        return await this.#callOf(contender)(n);
      } catch (error) {
        throw this.#failure(contender, error);
      }
    });
    for (const contender of this.measured.ways.keys()) this.#made.set(contender, calls);
    return warnings;
  }

  entrants(tasks: number, clock: Clock): readonly Entrant[] {
    return [...this.measured.ways.keys()].map((name) => {
      const call = this.#callOf(name);
      const slice = async (durationMs: number, runUpMs: number) => {
        const firstCall = this.#made.get(name) ?? 0;
        try {
          const measured = await runSlice(call, { tasks, durationMs, runUpMs, firstCall }, clock);
          this.#made.set(name, firstCall + measured.calls);
          return measured;
        } catch (error) {
          throw this.#failure(name, error);
        }
      };
      return { name, slice };
    });
  }

  #callOf(contender: string): (n: number) => Promise<unknown> {
    const way = this.measured.ways.get(contender)!;
    const client = this.#clients.get(contender);
    return async (n) => {
      if (this.#signal.aborted) throw this.#signal.reason;
      return way(client, { n, random: seededRandom(this.#seed + n) });
    };
  }

  #failure(contender: string, error: unknown): unknown {
    if (this.#signal.aborted) return this.#signal.reason;
    return benchFailure(`The way '${contender}' of the case '${this.measured.name}'`, error);
  }
}
