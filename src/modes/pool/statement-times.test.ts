import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { StatementTimes } from './statement-times.ts';

function fixture() {
  const clock = new FakeClock();
  return { clock, times: new StatementTimes(clock) };
}

describe('what a statement takes at least', () => {
  it('is not known before it was answered, whatever others take', () => {
    const { times } = fixture();
    times.answered('slow', 500);
    expect([times.leastOf('slow'), times.leastOf('quick')]).toEqual([500, 0]);
  });

  it('is the least of the last moments', () => {
    const { times } = fixture();
    for (const ms of [30, 10, 20]) times.answered('read', ms);
    expect(times.leastOf('read')).toBe(10);
  });

  it('is forgotten after a second, so that whoever was refused for it may find out', async () => {
    const { clock, times } = fixture();
    times.answered('read', 10);
    await clock.advance(999);
    expect(times.leastOf('read')).toBe(10);
    await clock.advance(1);
    expect(times.leastOf('read')).toBe(0);
  });

  it('is anew what it takes then, and may have grown', async () => {
    const { clock, times } = fixture();
    times.answered('read', 10);
    await clock.advance(600);
    times.answered('read', 50);
    expect(times.leastOf('read')).toBe(10);
    await clock.advance(400);
    times.answered('read', 50);
    expect(times.leastOf('read')).toBe(50);
  });

  it('is kept of a bounded number of statements', () => {
    const { times } = fixture();
    for (let n = 0; n < 10_000; n++) times.answered(`statement ${n}`, 10);
    expect([times.leastOf('statement 0'), times.leastOf('statement 9999')]).toEqual([0, 10]);
  });
});
