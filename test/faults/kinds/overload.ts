/** Ten times what two connections can do: what cannot be answered in time is refused at once, the rest is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { type DatabaseHandle, user } from '../../../src/index.ts';
import type { LoopWatch } from '../../support/journal/loop-watch.ts';
import { type End, endOf } from '../../support/journal/settle.ts';
import type { Fault } from '../fault.ts';
import type { Front } from '../front.ts';
import type { EndedOperation } from '../load.ts';
import { subjectOf } from '../seeded-numbers.ts';

const STATEMENT_MS = 10;
const CONNECTIONS = 2;
const OFFERED_PER_SECOND = 2_000;
const PEAK_FOR_MS = 2_000;
const OFFERED_FOR_MS = 5_000;
const EVERY_MS = 5;
/** After a stall of this process: what was not offered in time is not offered any more. */
const MOST_AT_ONCE = (OFFERED_PER_SECOND / 1_000) * 4 * EVERY_MS;
const TIMEOUT_MS = 500;
const NEVER_AFTER_MS = 5_000;
const LEAST_GOODPUT = 0.9;
const USERS = 50;
const SHED = /^(QUEUE_FULL|OVERLOADED)$/;
/** Ninety-nine of a hundred refusals. */
const AT_ONCE_MS = 50;

export const OVERLOAD: Fault = {
  name: 'overload of two connections',
  isLong: true,
  play: async (stage) => {
    const { notes, loop } = stage;
    const front = await stage.openFront({ options: { pools: { transaction: { max: CONNECTIONS } } } });
    const callers = new Callers(front, loop);
    stage.judge(callers.ended);
    const peak = await callers.peak();
    const { ended } = callers;
    const behind = ended.length;
    const beganAt = performance.now();
    const offered = await callers.offer();
    const spentMs = performance.now() - beganAt;
    const good = ended.slice(behind).filter(({ told }) => told === 'fulfilled').length;
    await callers.settled();
    const goodput = (good / spentMs) * 1_000;
    const shed = ended.filter(({ words }) => SHED.test(words));
    const times = shed
      .map((one) => Math.max(0, one.endedAt - one.beganAt - loop.stoodStill(one.beganAt, one.endedAt)))
      .sort((one, other) => one - other);
    const late = times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY;
    notes.struck = shed.length;
    notes.figures.push(
      `peak ${peak.toFixed(0)}/s, offered ${((offered / spentMs) * 1_000).toFixed(0)}/s, answered ${goodput.toFixed(0)}/s, ${shed.length} refused at once, 99 % of them within ${late.toFixed(1)} ms`,
    );
    notes.expect(
      goodput >= LEAST_GOODPUT * peak,
      `${goodput.toFixed(0)} answers a second, peak ${peak.toFixed(0)}`,
    );
    notes.expect(late <= AT_ONCE_MS, `one of a hundred was refused only after ${late.toFixed(0)} ms`);
    notes.allowedErrors = /^(QUEUE_FULL|OVERLOADED|TIMEOUT)\b/;
  },
};

/** They do not wait for one another, and cost this process as little as they can: it has to offer two thousand a second. */
class Callers {
  readonly ended: EndedOperation[] = [];
  readonly #front: Front;
  readonly #loop: LoopWatch;
  readonly #underWay = new Map<number, number>();
  readonly #handles: readonly DatabaseHandle[];

  constructor(front: Front, loop: LoopWatch) {
    this.#front = front;
    this.#loop = loop;
    this.#handles = Array.from({ length: USERS }, (_, n) => front.service.as(user({ sub: subjectOf(n) })));
  }

  /** Answers a second while nobody waits for long. */
  async peak(): Promise<number> {
    const until = performance.now() + PEAK_FOR_MS;
    const before = this.ended.length;
    const caller = async (): Promise<void> => {
      while (performance.now() < until) await this.#call();
    };
    await Promise.all(Array.from({ length: 2 * CONNECTIONS }, caller));
    return ((this.ended.length - before) / PEAK_FOR_MS) * 1_000;
  }

  /** @returns how many calls were made */
  async offer(): Promise<number> {
    const beganAt = performance.now();
    let offered = 0;
    for (let last = beganAt; last < beganAt + OFFERED_FOR_MS; ) {
      await pause(EVERY_MS);
      const now = performance.now();
      const due = Math.round(((now - last) * OFFERED_PER_SECOND) / 1_000);
      last = now;
      for (let i = 0; i < Math.min(due, MOST_AT_ONCE); i++) {
        void this.#call();
        offered++;
      }
    }
    return offered;
  }

  /** Whoever has not settled long after its time is told to be unsettled. */
  async settled(): Promise<void> {
    const givenUpAt = performance.now() + TIMEOUT_MS + NEVER_AFTER_MS;
    while (this.#underWay.size > 0 && performance.now() < givenUpAt) await pause(EVERY_MS);
    for (const [op, beganAt] of this.#underWay) this.#note(op, beganAt, { told: 'unsettled', words: '' });
  }

  async #call(): Promise<void> {
    const { op } = this.#front.servers.numbers.take();
    const db = this.#handles[op % USERS]!;
    const beganAt = performance.now();
    this.#underWay.set(op, beganAt);
    let end: End = { told: 'fulfilled', words: '' };
    try {
      await db.rpc('journal_wait', { ms: STATEMENT_MS }, { mode: 'transaction', timeoutMs: TIMEOUT_MS });
    } catch (error) {
      end = endOf(error);
    }
    this.#underWay.delete(op);
    this.#note(op, beganAt, end);
  }

  #note(op: number, beganAt: number, end: End): void {
    const endedAt = performance.now();
    const passedMs = endedAt - beganAt - TIMEOUT_MS;
    const lateMs = passedMs > 0 ? passedMs - this.#loop.stoodStill(beganAt + TIMEOUT_MS, endedAt) : passedMs;
    const fixed = { kind: 'wait', way: 'transaction', claim: { whole: [] } } as const;
    this.ended.push({ ...end, ...fixed, op, beganAt, endedAt, lateMs });
  }
}
