/**
 * Another program on the same pooler, which leaves settings, temporary tables and roles behind on every server connection
 * that it gets. Bounded and seeded.
 *
 * It speaks through `RawClient`, not through the driver: behind a hostile pooler it is sent foreign and broken replies
 * itself, which must not end the process of the test.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { readConnectionUrl } from './connection-url.ts';
import { LEAK_NAMES, LEAKS, type LeakName, type LeakTargets } from './leaks.ts';
import { frontend } from './protocol-messages.ts';
import { errorOf, RawClient, statement } from './raw-client.ts';
import { SeededRandom } from './seeded-random.ts';

export interface LeakyNeighbourOptions extends Partial<LeakTargets> {
  /** A connection string such as `postgres://user:password@127.0.0.1:6543/database`. SCRAM or cleartext, no TLS. */
  readonly url: string;
  /** @defaultValue 1 */
  readonly seed?: number;
  /**
   * How often it leaves something behind before it stops by itself.
   *
   * @defaultValue 1000
   */
  readonly count?: number;
  /**
   * Milliseconds between two.
   *
   * @defaultValue 2
   */
  readonly pauseMs?: number;
  /** @defaultValue all of `LEAK_NAMES` */
  readonly leaks?: readonly LeakName[];
  /**
   * Also writes two batches with a Sync each at once, which transaction poolers were seen to answer to others.
   *
   * @defaultValue false
   */
  readonly pipelines?: boolean;
  /**
   * Milliseconds after which it gives up a connection whose reply does not come.
   *
   * @defaultValue 1000
   */
  readonly patienceMs?: number;
}

export interface NeighbourCounts {
  readonly left: Readonly<Record<LeakName, number>>;
  /** Refused by the server, such as a look-alike that is not there. */
  readonly refused: number;
  readonly pipelined: number;
  /** Connections lost, or given up because their reply did not come. */
  readonly lost: number;
}

export class LeakyNeighbour {
  readonly #options: LeakyNeighbourOptions;
  readonly #random: SeededRandom;
  readonly #left = Object.fromEntries(LEAK_NAMES.map((name) => [name, 0])) as Record<LeakName, number>;
  #refused = 0;
  #pipelined = 0;
  #lost = 0;
  #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #client: RawClient | undefined;

  constructor(options: LeakyNeighbourOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1);
  }

  get counts(): NeighbourCounts {
    return { left: { ...this.#left }, refused: this.#refused, pipelined: this.#pipelined, lost: this.#lost };
  }

  /** Begins. Throws when the login is refused. */
  async start(): Promise<void> {
    this.#client = await this.#logIn();
    this.#running = this.#leaveBehind();
  }

  /** Resolves when it has done all that `count` allows; rejects when it could not log in again. */
  async finished(): Promise<NeighbourCounts> {
    await this.#running;
    return this.counts;
  }

  /** Ends early; safe to call twice. */
  async stop(): Promise<NeighbourCounts> {
    this.#stopping.abort();
    this.#client?.close();
    return await this.finished();
  }

  async #leaveBehind(): Promise<void> {
    const { count = 1_000, pauseMs = 2, leaks = LEAK_NAMES, pipelines = false } = this.#options;
    const targets: LeakTargets = {
      subjects: [],
      tables: [],
      roles: ['authenticated', 'anon'],
      ...this.#options,
    };
    for (let done = 0; done < count && !this.#stopping.signal.aborted; done++) {
      const name = this.#random.pick(leaks);
      const sql = name && LEAKS[name](this.#random, targets);
      if (name !== undefined && sql !== undefined) await this.#leave(name, sql);
      if (pipelines && this.#random.chance(0.2)) await this.#pipeline();
      await pause(pauseMs);
    }
    this.#client?.close();
  }

  async #leave(name: LeakName, sql: string): Promise<void> {
    const replies = await this.#ask(1, frontend.query(sql));
    if (replies === undefined) return;
    if (errorOf(replies) === undefined) this.#left[name]++;
    else this.#refused++;
  }

  async #pipeline(): Promise<void> {
    const batch = (words: string) => [statement('select $1::text', [words]), frontend.sync()];
    this.#pipelined++;
    await this.#ask(2, ...batch('first of the neighbour'), ...batch('second of the neighbour'));
  }

  /** Everything up to the given number of ReadyForQuery; undefined when the connection was lost or given up. */
  async #ask(
    readies: number,
    ...bytes: readonly Buffer[]
  ): Promise<Awaited<ReturnType<RawClient['ask']>> | undefined> {
    this.#client ??= await this.#logIn();
    const client = this.#client;
    const giveUp = setTimeout(() => client.close(), this.#options.patienceMs ?? 1_000);
    client.send(...bytes);
    const replies = [];
    for (let i = 0; i < readies; i++) replies.push(...(await client.untilReady()));
    clearTimeout(giveUp);
    if (replies.at(-1)?.code === 'Z') return replies;
    if (!this.#stopping.signal.aborted) this.#lost++;
    client.close();
    this.#client = undefined;
    return undefined;
  }

  async #logIn(): Promise<RawClient> {
    const { address, login } = readConnectionUrl(this.#options.url);
    return await RawClient.logIn(address, login);
  }
}
