/** Callers who do one operation after the other while a fault is brought about. */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { user } from '../../src/index.ts';
import type { LoopWatch } from '../support/journal/loop-watch.ts';
import type { Scene } from '../support/journal/operation.ts';
import { type End, settle } from '../support/journal/settle.ts';
import type { Claim } from '../support/journal/verdict.ts';
import { SeededRandom } from '../support/network/seeded-random.ts';
import { type Front, type FrontServers, WAYS, type WayName } from './front.ts';
import { type LoadKind, MIXED_LOAD } from './load-kinds.ts';
import { subjectOf } from './seeded-numbers.ts';

export interface LoadOptions {
  /** @defaultValue 32 */
  readonly callers?: number;
  /** The least and the most that a caller gives an operation. @defaultValue [1_500, 3_000] */
  readonly timeoutMs?: readonly [number, number];
  readonly kinds?: readonly LoadKind[];
  /** Asked for by name; `undefined` lets the service choose. @defaultValue all three, and twice undefined */
  readonly ways?: readonly (WayName | undefined)[];
  /** Milliseconds for which each write keeps the server busy. @defaultValue 0 */
  readonly busyMs?: number;
  /** Callers rest between operations, longer after an error. @defaultValue true */
  readonly rests?: boolean;
}

export interface EndedOperation extends End {
  readonly op: number;
  readonly kind: string;
  readonly way: WayName | undefined;
  readonly claim: Claim;
  readonly beganAt: number;
  readonly endedAt: number;
  /** Milliseconds after the deadline, without those for which this process stood still. */
  readonly lateMs: number;
}

const HOUR_MS = 3_600_000;
/** Successes in a row on each way after which nothing more is expected to fail. */
const ENOUGH_SUCCESSES = 4;

export class Load {
  readonly ended: EndedOperation[] = [];
  readonly #front: Front<FrontServers>;
  readonly #loop: LoopWatch;
  readonly #seed: number;
  readonly #options: Required<LoadOptions>;
  readonly #weights: number;
  #isOn = false;
  #callers: Promise<unknown> = Promise.resolve();
  #underWay = 0;
  #timeoutMs: readonly [number, number];
  #starts = 0;

  constructor(front: Front<FrontServers>, loop: LoopWatch, seed: number, options: LoadOptions = {}) {
    this.#front = front;
    this.#loop = loop;
    this.#seed = seed;
    this.#options = {
      callers: 32,
      timeoutMs: [1_500, 3_000],
      kinds: MIXED_LOAD,
      ways: [undefined, undefined, ...WAYS],
      busyMs: 0,
      rests: true,
      ...options,
    };
    this.#timeoutMs = this.#options.timeoutMs;
    this.#weights = this.#options.kinds.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Other times for operations that begin from now on; undefined for those of the options. */
  giveTime(timeoutMs: readonly [number, number] | undefined): void {
    this.#timeoutMs = timeoutMs ?? this.#options.timeoutMs;
  }

  get underWay(): number {
    return this.#underWay;
  }

  start(): void {
    this.#isOn = true;
    const first = this.#seed + 1_000 * this.#starts++;
    this.#callers = Promise.all(
      Array.from({ length: this.#options.callers }, (_, caller) =>
        this.#work(new SeededRandom(first + caller)),
      ),
    );
  }

  /** Resolves when all that is under way has ended. */
  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#callers;
  }

  /**
   * Milliseconds from `since` until the first success after which nothing failed that began after `since`, on the worst of
   * the ways.
   *
   * @param patienceMs - what is waited for it at most
   */
  async recovered(since: number, patienceMs: number): Promise<number> {
    for (;;) {
      const spent = performance.now() - since;
      const times = [...new Set(this.#options.ways)].map((way) => this.#recoveryOf(way, since));
      if (times.every((time) => time !== undefined)) return Math.max(...times.map((time) => time! - since));
      if (spent > patienceMs) return spent;
      await pause(10);
    }
  }

  #recoveryOf(wanted: WayName | undefined, since: number): number | undefined {
    let successes = 0;
    let first: number | undefined;
    for (let i = this.ended.length - 1; i >= 0; i--) {
      const { way, beganAt, endedAt, told } = this.ended[i]!;
      // No operation takes longer than its time and what `settle` waits beyond it.
      if (endedAt < since) break;
      if (way !== wanted || beganAt < since) continue;
      if (told !== 'fulfilled' && told !== 'own error') break;
      successes++;
      first = endedAt;
    }
    return successes >= ENOUGH_SUCCESSES ? first : undefined;
  }

  async #work(random: SeededRandom): Promise<void> {
    while (this.#isOn) {
      const end = await this.#play(random);
      // Who is refused at once does not ask at once again.
      if (!this.#options.rests) await nextTurn();
      else await pause(end.told === 'fulfilled' ? random.below(6) : 5 + random.below(20));
    }
  }

  async #play(random: SeededRandom): Promise<EndedOperation> {
    const { op, isSeeded } = this.#front.servers.numbers.take();
    const { ways, busyMs } = this.#options;
    const [least, most] = this.#timeoutMs;
    const kind = this.#draw(random, isSeeded);
    const drawn = random.pick(ways);
    const way = drawn === 'transaction' && kind.transactional === true ? undefined : drawn;
    const timeoutMs = least + random.below(most - least + 1);
    const limits = { timeoutMs, signal: NEVER_ABORTED, mode: way };
    const scene: Scene = {
      mode: way,
      db: this.#front.service.as(
        user({ sub: subjectOf(op), exp: Math.floor((Date.now() + 3 * HOUR_MS) / 1_000) }),
      ),
      service: this.#front.service,
      limits,
      op,
      pauseMs: kind.name === 'read' ? 0 : busyMs,
      shape: '',
      claim: kind.claim,
      rest: () => {},
    };
    const beganAt = performance.now();
    const limitMs = beganAt + timeoutMs;
    this.#underWay++;
    const end = await settle(kind.run(scene), { limitMs });
    this.#underWay--;
    const endedAt = performance.now();
    const passedMs = endedAt - limitMs;
    const lateMs = passedMs > 0 ? passedMs - this.#loop.stoodStill(limitMs, endedAt) : passedMs;
    const ended = { ...end, op, kind: kind.name, way, claim: scene.claim, beganAt, endedAt, lateMs };
    this.ended.push(ended);
    return ended;
  }

  #draw(random: SeededRandom, isSeeded: boolean): LoadKind['kind'] {
    const { kinds } = this.#options;
    for (;;) {
      let left = random.below(this.#weights);
      for (const { kind, weight } of kinds) {
        left -= weight;
        if (left >= 0) continue;
        if (isSeeded || kind.seeded !== true) return kind;
        break;
      }
    }
  }
}

const NEVER_ABORTED = new AbortController().signal;
