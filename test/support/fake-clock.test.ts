import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.ts';

function fixture() {
  const clock = new FakeClock();
  const start = clock.now();
  const log: string[] = [];
  const note = (what: string) => () => void log.push(`${what} at ${clock.now() - start}`);
  return { clock, start, log, note };
}

describe('the fake clock', () => {
  it('stands still until it is moved, and then both of its times move', async () => {
    const { clock, start } = fixture();
    const wallStart = clock.wallNow();
    await clock.advance(0);
    expect(clock.now()).toBe(start);
    await clock.advance(250);
    expect([clock.now() - start, clock.wallNow() - wallStart]).toEqual([250, 250]);
  });

  it('runs what is due in the order of time, each at its own, and those of one time as they were asked for', async () => {
    const { clock, start, log, note } = fixture();
    clock.schedule(note('late'), 30);
    clock.schedule(note('first'), 20);
    clock.expireAt(start + 20, note('second'));
    clock.schedule(note('early'), 10);
    await clock.advance(30);
    expect(log).toEqual(['early at 10', 'first at 20', 'second at 20', 'late at 30']);
  });

  it('runs nothing before its time and nothing twice', async () => {
    const { clock, log, note } = fixture();
    clock.schedule(note('timer'), 100);
    await clock.advance(99);
    expect(log).toEqual([]);
    await clock.advance(1);
    await clock.advance(1_000);
    expect(log).toEqual(['timer at 100']);
  });

  it('meets a deadline that has passed when it is moved next, never at once', async () => {
    const { clock, start, log, note } = fixture();
    clock.expireAt(start - 5, note('deadline'));
    expect(log).toEqual([]);
    await clock.advance(0);
    expect(log).toEqual(['deadline at 0']);
  });

  it('lets promises go on between two timers, and runs what they ask for', async () => {
    const { clock, log, note } = fixture();
    clock.schedule(async () => {
      note('timer')();
      await Promise.resolve();
      await Promise.resolve();
      clock.schedule(note('follower'), 5);
    }, 10);
    clock.schedule(note('last'), 20);
    await clock.advance(20);
    expect(log).toEqual(['timer at 10', 'follower at 15', 'last at 20']);
  });

  it('counts the timers that are neither run nor cancelled', async () => {
    const { clock, start, log, note } = fixture();
    const cancelled = clock.schedule(note('cancelled'), 10);
    clock.expireAt(start + 10, note('run'));
    clock.schedule(note('still to come'), 20);
    expect(clock.pending).toBe(3);
    cancelled.cancel();
    cancelled.cancel();
    expect(clock.pending).toBe(2);
    await clock.advance(10);
    expect([clock.pending, log]).toEqual([1, ['run at 10']]);
  });
});
