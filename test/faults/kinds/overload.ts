/** Ten times what two connections can do: what cannot be answered in time is refused at once, the rest is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { user } from '../../../src/index.ts';
import type { LoopWatch } from '../../support/journal/loop-watch.ts';
import { settle } from '../../support/journal/settle.ts';
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
const TIMEOUT_MS = 500;
const LEAST_GOODPUT = 0.9;
const SHED = /^(QUEUE_FULL|OVERLOADED)\b/;
/** Ninety-nine of a hundred refusals. */
const AT_ONCE_MS = 50;

export const OVERLOAD: Fault = {
  name: 'overload of two connections',
  isLong: true,
  play: async (stage) => {
    const { notes } = stage;
    const front = await stage.openFront({ options: { pools: { transaction: { max: CONNECTIONS } } } });
    const ended: EndedOperation[] = [];
    stage.judge(ended);
    const peak = await peakOf(front, stage.loop);
    const calls: Promise<EndedOperation>[] = [];
    const beganAt = performance.now();
    let due = 0;
    do {
      const spent = performance.now() - beganAt;
      for (; due < (spent * OFFERED_PER_SECOND) / 1_000; due++) calls.push(call(front, stage.loop));
      await pause(EVERY_MS);
    } while (performance.now() - beganAt < OFFERED_FOR_MS);
    const offeredForMs = performance.now() - beganAt;
    for (const one of await Promise.all(calls)) ended.push(one);
    const good = ended.filter(
      ({ told, endedAt }) => told === 'fulfilled' && endedAt < beganAt + offeredForMs,
    );
    const goodput = (good.length / offeredForMs) * 1_000;
    const shed = ended.filter(({ words }) => SHED.test(words));
    const times = shed
      .map((one) => Math.max(0, one.endedAt - one.beganAt - stage.loop.stoodStill(one.beganAt, one.endedAt)))
      .sort((one, other) => one - other);
    const late = times[Math.floor(times.length * 0.99)] ?? Number.POSITIVE_INFINITY;
    notes.struck = shed.length;
    notes.figures.push(
      `peak ${peak.toFixed(0)}/s, offered ${OFFERED_PER_SECOND}/s, answered ${goodput.toFixed(0)}/s, ${shed.length} shed, 99 % within ${late.toFixed(1)} ms`,
    );
    notes.expect(
      goodput >= LEAST_GOODPUT * peak,
      `${goodput.toFixed(0)} answers a second, peak ${peak.toFixed(0)}`,
    );
    notes.expect(late <= AT_ONCE_MS, `one of a hundred was refused only after ${late.toFixed(0)} ms`);
    notes.allowedErrors = /^(QUEUE_FULL|OVERLOADED|TIMEOUT)\b/;
  },
};

/** Answers a second while nobody waits for long. */
async function peakOf(front: Front, loop: LoopWatch): Promise<number> {
  const until = performance.now() + PEAK_FOR_MS;
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      await call(front, loop);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: 2 * CONNECTIONS }, caller));
  return (answered / PEAK_FOR_MS) * 1_000;
}

async function call(front: Front, loop: LoopWatch): Promise<EndedOperation> {
  const { op } = front.servers.numbers.take();
  const db = front.service.as(user({ sub: subjectOf(op) }));
  const beganAt = performance.now();
  const limitMs = beganAt + TIMEOUT_MS;
  const waited = db.rpc('journal_wait', { ms: STATEMENT_MS }, { mode: 'transaction', timeoutMs: TIMEOUT_MS });
  const end = await settle(
    waited.then(() => {}),
    { limitMs },
  );
  const endedAt = performance.now();
  const passedMs = endedAt - limitMs;
  const lateMs = passedMs > 0 ? passedMs - loop.stoodStill(limitMs, endedAt) : passedMs;
  return { ...end, op, kind: 'wait', way: 'transaction', claim: { whole: [] }, beganAt, endedAt, lateMs };
}
