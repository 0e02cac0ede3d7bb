/** One caller with a service, a connection and a proxy of its own, who does one operation after the other. */

import { type Clock, systemClock } from '../../src/contract/clock.ts';
import { type ConsolidatedDatabaseService, type ModeName, service, user } from '../../src/index.ts';
import { shapeTable } from '../support/journal/journal-schema.ts';
import type { LoopWatch } from '../support/journal/loop-watch.ts';
import { OwnError, type Scene } from '../support/journal/operation.ts';
import { type End, settle } from '../support/journal/settle.ts';
import type { Claim } from '../support/journal/verdict.ts';
import { isBoundary } from '../support/network/boundaries.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { CuttingProxy } from '../support/network/cutting-proxy.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import type { OperationWatch } from '../support/network/strike.ts';
import type { PoolerBackends } from '../support/servers/pooler-backends.ts';
import { isRestart, needsTime } from './faults.ts';
import type { Ground, LaneUrls } from './ground.ts';
import { OperationRun } from './operation-run.ts';
import { type Plan, strikeOf, timeoutOf } from './plan.ts';
import { reshape } from './reshape.ts';

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
  readonly #upstream: LaneUrls | undefined;
  /** Behind a pooler, whose server connections have no name of ours. */
  readonly #backends: PoolerBackends | undefined;
  readonly #subject: string;
  #urls: LaneUrls | undefined;
  #service: ConsolidatedDatabaseService | undefined;
  #skewMs = 0;
  readonly #clock: Clock = { ...systemClock, wallNow: () => Date.now() + this.#skewMs };
  /** Under way: what a restart meets. */
  #current: OperationRun | undefined;

  constructor(
    index: number,
    mode: ModeName,
    ground: Ground,
    loop: LoopWatch,
    upstream: LaneUrls | undefined,
    backends: PoolerBackends | undefined,
  ) {
    this.index = index;
    this.mode = mode;
    this.#ground = ground;
    this.#loop = loop;
    this.#upstream = upstream;
    this.#backends = backends;
    this.#subject = `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`;
    if (upstream !== undefined) this.#proxy = new CuttingProxy(readConnectionUrl(upstream.user).address);
  }

  async open(): Promise<void> {
    if (this.#proxy !== undefined && this.#upstream !== undefined) {
      const address = await this.#proxy.start();
      const { user: users, service: services } = this.#upstream;
      this.#urls = { user: throughAddress(users, address), service: throughAddress(services, address) };
    }
    this.#makeService();
  }

  async close(): Promise<void> {
    await this.#service?.close({ drainMs: 0 });
    await this.#proxy?.stop();
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** A server was killed beneath what is under way. */
  meet(): void {
    this.#current?.meet();
  }

  /** Forgets the connection, so that the next operation prepares everything anew. */
  renew(): void {
    this.#proxy?.cutAll();
  }

  async play(plan: Plan, op: number): Promise<Ended> {
    const random = new SeededRandom(plan.draw);
    const { kind, cell } = plan;
    const pauseMs = this.#pauseOf(cell) * plan.slower;
    await this.#prepare(plan, op, kind.name === 'delete' ? pauseMs : 0, random);
    const run = new OperationRun(plan);
    this.#current = run;
    const watch = this.#arm(run, pauseMs, random);
    const timeoutMs = timeoutOf(cell, random);
    const scene: Scene = {
      mode: this.mode,
      db: this.#service!.as(user({ sub: this.#subject, exp: Math.floor((Date.now() + HOUR_MS) / 1_000) })),
      service: this.#service!.as(service()),
      limits: { timeoutMs, signal: run.signal },
      op,
      pauseMs,
      shape: shapeTable(this.index),
      claim: kind.claim,
      rest: (place) => {
        if (cell === `token expires ${place}`) this.#expire(run);
      },
    };
    const holder = cell === 'token expires while waiting' ? this.#hold(run, random) : undefined;
    run.limitMs = performance.now() + timeoutMs;
    const end = await settle(kind.run(scene), run);
    const passedMs = run.settle();
    const stoodStillMs = passedMs > 0 ? this.#loop.stoodStill(run.limitMs, performance.now()) : 0;
    this.#current = undefined;
    this.#proxy?.release();
    this.#skewMs = 0;
    await holder;
    if (cell === 'service closed') this.#makeService();
    const { claim } = scene;
    return {
      plan,
      op,
      ...end,
      claim,
      lateMs: passedMs - stoodStillMs,
      passedMs,
      hit: run.isHit(watch),
      watch,
    };
  }

  /** Tells the proxy what to do; without one it is done after a while. */
  #arm(run: OperationRun, pauseMs: number, random: SeededRandom): OperationWatch | undefined {
    const afterMs = random.next() * pauseMs;
    const turns = random.below(80);
    const strike = (): void => void this.#strike(run);
    if (this.#proxy !== undefined) {
      return this.#proxy.watch(strikeOf(run.plan, random, () => void setTimeout(strike, afterMs)));
    }
    if (needsTime(run.plan.cell)) afterTurns(turns, strike);
    return undefined;
  }

  #expire(run: OperationRun): void {
    if (run.settled) return;
    run.meet();
    this.#skewMs = 2 * HOUR_MS;
  }

  #makeService(): void {
    this.#service = this.#ground.makeService(this.mode, this.#name, this.#urls, this.#clock);
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
  #hold(run: OperationRun, random: SeededRandom): Promise<unknown> {
    const held = this.#service!.as(user({ sub: this.#subject }))
      .rpc('journal_wait', { ms: HELD_MS })
      .catch(() => undefined);
    const expire = (): void => this.#expire(run);
    if (this.#proxy === undefined) afterTurns(random.below(40), expire);
    else setTimeout(expire, HELD_MS / 2);
    return held;
  }

  async #strike(run: OperationRun): Promise<void> {
    if (run.settled) return;
    switch (run.plan.cell) {
      case 'aborted by its signal':
        run.abort(new OwnError('aborted'));
        return;
      case 'service closed':
        run.meet();
        await this.#service!.close({ drainMs: 0 });
        return;
      case 'token expires while it runs':
        this.#expire(run);
        return;
      case 'backend terminated':
        await this.#signalBackend(run, 'pg_terminate_backend');
        return;
      case 'backend cancelled':
        await this.#signalBackend(run, 'pg_cancel_backend');
    }
  }

  async #signalBackend(run: OperationRun, how: 'pg_terminate_backend' | 'pg_cancel_backend'): Promise<void> {
    const lent = await this.#backends?.of(this.#proxy?.busyPorts ?? []);
    const met = await this.#ground.query<{ met: boolean }>(
      `select ${how}(pid) as met from pg_stat_activity
        where datname = current_database() and state <> 'idle' and ${lent === undefined ? 'application_name = $1' : 'pid = any ($1)'}`,
      [lent ?? this.#name],
    );
    // The answer may come after the end of what was met.
    if (met.length > 0) run.wasMet();
  }
}

/** Turns of promises, in which all of PGlite's work is done. */
function afterTurns(turns: number, strikes: () => unknown): void {
  if (turns === 0) strikes();
  else queueMicrotask(() => afterTurns(turns - 1, strikes));
}
