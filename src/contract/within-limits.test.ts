import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { withinLimits } from './within-limits.ts';

function fixture() {
  const clock = new FakeClock();
  const controller = new AbortController();
  const { signal } = controller;
  const limits = { deadline: clock.now() + 500, maxRows: 1, maxBytes: 1, signal };
  const wait = <T>(work: Promise<T>) => withinLimits(work, limits, clock, 'while it waited');
  return { clock, controller, signal, wait };
}

const never = new Promise<never>(() => {});

describe('waiting for what several calls share', () => {
  it('ends with the work, and leaves neither timer nor listener', async () => {
    const { clock, signal, wait } = fixture();
    expect(await wait(Promise.resolve(7))).toBe(7);
    const failure = new Error('no');
    await expect(wait(Promise.reject(failure))).rejects.toBe(failure);
    expect([clock.pending, getEventListeners(signal, 'abort')]).toEqual([0, []]);
  });

  it('ends at the deadline', async () => {
    const { clock, wait } = fixture();
    const told = expect(wait(never)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'The deadline passed while it waited.',
    });
    await clock.advance(500);
    await told;
  });

  it('ends with an abort', async () => {
    const { clock, controller, wait } = fixture();
    const told = expect(wait(never)).rejects.toMatchObject({ code: 'ABORTED' });
    controller.abort();
    await told;
    expect(clock.pending).toBe(0);
  });

  it('does not begin after an abort, and the failure of the work is nobody’s', async () => {
    const { clock, controller, wait } = fixture();
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    controller.abort();
    await expect(wait(Promise.reject(new Error('of the work')))).rejects.toMatchObject({ code: 'ABORTED' });
    await clock.advance(0);
    await clock.advance(0);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
