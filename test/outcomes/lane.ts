/** One caller with a service, a connection and a proxy of its own, who does one operation after the other. */

import { type Clock, systemClock } from '../../src/contract/clock.ts';
import { type ConsolidatedDatabaseService, type ModeName, user } from '../../src/index.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { isBoundary, type Part } from './boundaries.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { isRestart, needsTime } from './faults.ts';
import type { Ground } from './ground.ts';
import { shapeTable } from './journal-schema.ts';
import type { LoopWatch } from './loop-watch.ts';
import { type OperationKind, OwnError, type Scene } from './operation.ts';
import { reshape } from './reshape.ts';
import { type End, settle } from './settle.ts';
import type { OperationWatch, Strike } from './strike.ts';
import type { Claim } from './verdict.ts';

/** One operation and what shall meet it. */
export interface Plan {
  readonly mode: ModeName;
  readonly kind: OperationKind;
  /** A boundary at which the connection is cut, or a fault. */
  readonly cell: string;
  /** Where other faults than cuts begin. */
  readonly part: Part;
  /** How many such boundaries, or batches of that part, pass first. */
  readonly skip: number;
  /** Seed of all else that is drawn. */
  readonly draw: number;
}

export interface Ended extends End {
  readonly plan: Plan;
  readonly op: number;
  readonly claim: Claim;
  /** Milliseconds after the deadline or the abort, without those for which this process stood still. */
  readonly lateMs: number;
  /** The same with all of them. */
  readonly passedMs: number;
  readonly hit: boolean;
  readonly watch: OperationWatch | undefined;
}

const HOUR_MS = 3_600_000;
/** Times of the one that waits for the connection, and of the one that has it. */
const HELD_MS = 25;

export class Lane {
  readonly index: number;
  readonly mode: ModeName;
  readonly #ground: Ground;
  readonly #loop: LoopWatch;
  readonly #proxy: CuttingProxy | undefined;
  readonly #upstream: string | undefined;
  readonly #subject: string;
  #url: string | undefined;
  #service: ConsolidatedDatabaseService | undefined;
  #skewMs = 0;
  readonly #clock: Clock = { ...systemClock, wallNow: () => Date.now() + this.#skewMs };
  /** Under way: what a restart meets. */
  #current: { readonly plan: Plan; met: boolean } | undefined;

  constructor(index: number, mode: ModeName, ground: Ground, loop: LoopWatch, upstream: string | undefined) {
    this.index = index;
    this.mode = mode;
    this.#ground = ground;
    this.#loop = loop;
    this.#upstream = upstream;
    this.#subject = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
    if (upstream !== undefined) this.#proxy = new CuttingProxy(readConnectionUrl(upstream).address);
  }

  async open(): Promise<void> {
    if (this.#proxy !== undefined && this.#upstream !== undefined) {
      this.#url = throughAddress(this.#upstream, await this.#proxy.start());
    }
    this.#makeService();
  }

  async close(): Promise<void> {
    await this.#service?.close({ drainMs: 0 });
    await this.#proxy?.stop();
  }

  /** The plan that a restart of a server meets now. */
  get underWay(): Plan | undefined {
    return this.#current?.plan;
  }

  /** A server was killed beneath what is under way. */
  meet(): void {
    if (this.#current !== undefined) this.#current.met = true;
  }

  /** Forgets the connection, so that the next operation prepares everything anew. */
  renew(): void {
    this.#proxy?.cutAll();
  }

  async play(plan: Plan, op: number): Promise<Ended> {
    const random = new SeededRandom(plan.draw);
    const { kind, cell } = plan;
    const pauseMs = this.#pauseOf(cell);
    await this.#prepare(plan, op, kind.name === 'delete' ? pauseMs : 0, random);
    const abort = new AbortController();
    const run = { settled: false, hit: false, limitMs: Number.POSITIVE_INFINITY };
    const current = { plan, met: false };
    this.#current = current;
    const meets = (strikes: () => unknown): (() => void) => {
      const afterMs = random.next() * pauseMs;
      const turns = random.below(80);
      // PGlite computes in this process: no timer fires while it does.
      return this.#proxy === undefined
        ? () => afterTurns(turns, strikes)
        : () => void setTimeout(() => void strikes(), afterMs);
    };
    const noteHit = (): void => {
      if (!run.settled) run.hit = true;
    };
    const call = meets(() => this.#strike(cell, abort, run, noteHit));
    const watch = this.#proxy?.watch(strikeOf(plan, random, call));
    if (this.#proxy === undefined && needsTime(cell)) call();
    const timeoutMs = timeoutOf(cell, random);
    const scene: Scene = {
      mode: this.mode,
      db: this.#service!.as(user({ sub: this.#subject, exp: Math.floor((Date.now() + HOUR_MS) / 1_000) })),
      limits: { timeoutMs, signal: abort.signal },
      op,
      pauseMs,
      shape: shapeTable(this.index),
      claim: kind.claim,
      rest: (place) => {
        if (cell !== `token expires ${place}`) return;
        this.#skewMs = 2 * HOUR_MS;
        noteHit();
      },
    };
    const holder = cell === 'token expires while waiting' ? this.#hold(noteHit, random) : undefined;
    run.limitMs = performance.now() + timeoutMs;
    const end = await settle(kind.run(scene), run);
    run.settled = true;
    const settledAt = performance.now();
    const passedMs = settledAt - run.limitMs;
    const lateMs = passedMs > 0 ? passedMs - this.#loop.stoodStill(run.limitMs, settledAt) : passedMs;
    this.#current = undefined;
    this.#proxy?.release();
    this.#skewMs = 0;
    await holder;
    if (cell === 'service closed') this.#makeService();
    const hit = hitOf(cell, { ...run, struck: watch?.struck ?? false, met: current.met }, passedMs);
    return { plan, op, ...end, claim: scene.claim, lateMs, passedMs, hit, watch };
  }

  #makeService(): void {
    this.#service = this.#ground.makeService(this.mode, this.#name, this.#url, this.#clock);
  }

  get #name(): string {
    return `outcomes-${this.mode}-${this.index}`;
  }

  #pauseOf(cell: string): number {
    if (isRestart(cell)) return 150;
    if (!needsTime(cell)) return 0;
    return this.#proxy === undefined ? 2 : 30;
  }

  async #prepare({ kind, cell }: Plan, op: number, pauseMs: number, random: SeededRandom): Promise<void> {
    if (kind.seeded === true) {
      await this.#ground.query('select journal_seed($1, $2, $3)', [op, pauseMs, this.#subject]);
    }
    // What it has prepared before, a connection does not parse again.
    if (isBoundary(cell) && /Parse|Desc|NoData/.test(cell)) this.renew();
    if (kind.reshapes !== true) return;
    const table = shapeTable(this.index);
    const mine = this.#service!.as(user({ sub: this.#subject }));
    // What it runs first is not looked at: it makes the statement known to the connection. A server may be away.
    await mine.insert(table, { op: -op, step: 1, extra: 7 }, { timeoutMs: 1_000 }).catch(() => undefined);
    await reshape(this.#ground.query, table, random);
  }

  /** Keeps the connection busy, and lets the token of who waits for it expire meanwhile. */
  #hold(noteHit: () => void, random: SeededRandom): Promise<unknown> {
    const held = this.#service!.as(user({ sub: this.#subject }))
      .rpc('journal_wait', { ms: HELD_MS })
      .catch(() => undefined);
    const expire = (): void => {
      this.#skewMs = 2 * HOUR_MS;
      noteHit();
    };
    if (this.#proxy === undefined) afterTurns(random.below(40), expire);
    else setTimeout(expire, HELD_MS / 2);
    return held;
  }

  async #strike(
    cell: string,
    abort: AbortController,
    run: { settled: boolean; hit: boolean; limitMs: number },
    noteHit: () => void,
  ): Promise<void> {
    if (run.settled) return;
    if (cell === 'aborted by its signal') {
      noteHit();
      run.limitMs = performance.now();
      abort.abort(new OwnError('aborted'));
    } else if (cell === 'service closed') {
      noteHit();
      await this.#service!.close({ drainMs: 0 });
    } else if (cell === 'token expires while it runs') {
      noteHit();
      this.#skewMs = 2 * HOUR_MS;
    } else if (cell === 'backend terminated' || cell === 'backend cancelled') {
      const how = cell === 'backend terminated' ? 'pg_terminate_backend' : 'pg_cancel_backend';
      const met = await this.#ground.query<{ met: boolean }>(
        `select ${how}(pid) as met from pg_stat_activity
          where datname = current_database() and application_name = $1 and state <> 'idle'`,
        [this.#name],
      );
      // The answer may come after the end of what was met.
      if (met.length > 0) run.hit = true;
    }
  }
}

/** Turns of promises, in which all of PGlite's work is done. */
function afterTurns(turns: number, strikes: () => unknown): void {
  if (turns === 0) strikes();
  else queueMicrotask(() => afterTurns(turns - 1, strikes));
}

function strikeOf(plan: Plan, random: SeededRandom, call: () => void): Strike | undefined {
  const { cell, part, skip } = plan;
  if (isBoundary(cell))
    return { kind: 'cut', boundary: cell, skip, how: random.chance(0.5) ? 'reset' : 'end' };
  if (cell === 'black hole to the server') return { kind: 'black hole', direction: 'to-server', part, skip };
  if (cell === 'black hole to the client') return { kind: 'black hole', direction: 'to-client', part, skip };
  return needsTime(cell) && !isRestart(cell) ? { kind: 'call', part, skip, call } : undefined;
}

function timeoutOf(cell: string, random: SeededRandom): number {
  if (cell.startsWith('black hole')) return 100 + random.below(150);
  if (cell === 'a short deadline') return 3 + random.below(25);
  return 3_000;
}

/** Whether what was planned really met the operation. */
function hitOf(
  cell: string,
  run: { readonly hit: boolean; readonly struck: boolean; readonly met: boolean },
  passedMs: number,
): boolean {
  if (cell === 'nothing') return true;
  if (isBoundary(cell) || cell.startsWith('black hole')) return run.struck;
  if (isRestart(cell)) return run.met;
  return cell === 'a short deadline' ? passedMs > 0 : run.hit;
}
