import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { DrainRate } from './drain-rate.ts';

/** Connections are given back one after the other, every so many milliseconds. */
async function drained(clock: FakeClock, rate: DrainRate, everyMs: number, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    await clock.advance(everyMs);
    rate.freed(true, 1);
  }
}

describe('the rate at which a pool is drained', () => {
  it('is not known before callers waited', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    for (let n = 0; n < 20; n++) {
      await clock.advance(10);
      rate.freed(false, 1);
    }
    expect(rate.intervalMs).toBe(0);
  });

  it('is the time between two that are given back, without the time in which nobody waited', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 5, 20);
    expect(rate.intervalMs).toBe(5);
    rate.freed(false, 1);
    await clock.advance(1_000);
    await drained(clock, rate, 5, 100);
    expect(rate.intervalMs).toBeCloseTo(5, 1);
  });

  it('is not known by a few slow ones', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 3_000, 5);
    expect(rate.intervalMs).toBe(0);
    await drained(clock, rate, 3_000, 1);
    expect(rate.intervalMs).toBe(3_000);
  });

  it('counts those that are given back at the same time', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    for (let n = 0; n < 8; n++) {
      await clock.advance(1_000);
      rate.freed(true, 2);
      rate.freed(true, 2);
    }
    expect(Math.round(rate.intervalMs / 100)).toBe(5);
  });

  it('is soon forgotten when connections are given back and nobody waits: there is no queue to be kept short', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 1_500, 6);
    expect(rate.intervalMs).toBe(1_500);
    for (let n = 0; n < 12; n++) rate.freed(false, 1);
    expect(rate.intervalMs).toBeLessThan(1);
  });

  it('does not take a stall for the time of one connection, when all of them are given back behind it', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 5, 30);
    await clock.advance(600);
    for (let n = 0; n < 6; n++) rate.freed(true, 6);
    expect(rate.intervalMs).toBeLessThan(60);
  });

  it('takes the first rate of a new queue as it is, whatever the last queue had', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 5, 30);
    rate.freed(false, 1);
    rate.freed(false, 1);
    expect(rate.intervalMs).toBe(1.25);
    await drained(clock, rate, 10, 8);
    expect(rate.intervalMs).toBe(10);
  });

  it('follows a change', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 100, 10);
    await drained(clock, rate, 5, 100);
    expect(rate.intervalMs).toBeLessThan(7);
  });

  it('is forgotten, unless connections are given back rarely', async () => {
    const clock = new FakeClock();
    const rate = new DrainRate(clock);
    await drained(clock, rate, 5, 20);
    await clock.advance(5_001);
    expect(rate.intervalMs).toBe(0);
    rate.freed(false, 1);
    await drained(clock, rate, 4_000, 6);
    await clock.advance(10_000);
    expect(rate.intervalMs).toBe(4_000);
  });
});
