import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ThrottledError } from '../../contract/errors.ts';
import { AttemptThrottle } from './attempt-throttle.ts';

function setUp() {
  const clock = new FakeClock();
  const throttle = new AttemptThrottle(clock);
  const enter = (account = 'ana', address: string | undefined = '1.1.1.1') =>
    throttle.enter({ account, address });
  /** Milliseconds to wait, 0 where the attempt is let in; it then fails. */
  const wait = (account?: string, address?: string): number => {
    try {
      enter(account, address);
      return 0;
    } catch (error) {
      expect(error).toBeInstanceOf(ThrottledError);
      expect(error).toMatchObject({ code: 'TOO_MANY_ATTEMPTS', statusCode: 429 });
      return (error as ThrottledError).retryAfterMs ?? -1;
    }
  };
  return { clock, throttle, enter, wait };
}

describe('attempts to sign in', () => {
  it('wait twice as long with each failure behind the fifth, fifteen minutes at most', async () => {
    const { clock, wait } = setUp();
    expect(Array.from({ length: 5 }, () => wait())).toEqual([0, 0, 0, 0, 0]);
    const waits: number[] = [];
    for (let n = 0; n < 12; n++) {
      const ms = wait();
      waits.push(ms);
      await clock.advance(ms - 1);
      expect(wait()).toBe(1);
      await clock.advance(1);
      expect(wait()).toBe(0);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].map((s) => s * 1_000));
  });

  it('that are refused do not lengthen the wait', async () => {
    const { clock, wait } = setUp();
    for (let n = 0; n < 5; n++) wait();
    for (let n = 0; n < 100; n++) expect(wait()).toBe(1_000);
    await clock.advance(1_000);
    expect(wait()).toBe(0);
  });

  it('at the same time are no more than one after the other', () => {
    const { wait } = setUp();
    expect(Array.from({ length: 1_000 }, () => wait()).filter((ms) => ms === 0)).toHaveLength(5);
  });

  it('do not count when they succeed, and clear what was mistyped before', () => {
    const { enter } = setUp();
    for (let round = 0; round < 100; round++) {
      for (let n = 0; n < 3; n++) enter('ben', '2.2.2.2').withdrawn();
      for (let n = 0; n < 4; n++) if (round === 0) enter();
      enter().succeeded();
    }
    for (let n = 0; n < 5; n++) enter();
    expect(() => enter()).toThrow(ThrottledError);
  });

  it('that were not made do not count, told once or twice', () => {
    const { enter } = setUp();
    for (let n = 0; n < 4; n++) enter();
    for (let n = 0; n < 100; n++) {
      const attempt = enter();
      attempt.withdrawn();
      attempt.withdrawn();
    }
    enter();
    expect(() => enter()).toThrow(ThrottledError);
  });

  it('at one account from many addresses wait, but its owner half a minute at most', async () => {
    const { clock, wait } = setUp();
    const waits: number[] = [];
    for (let n = 0; n < 40; n++) {
      const ms = wait('ana', `10.0.0.${n}`);
      waits.push(ms);
      await clock.advance(ms);
      if (ms > 0) expect(wait('ana', `10.0.0.${n}`)).toBe(0);
    }
    expect([waits.filter((ms) => ms === 0).length, Math.max(...waits)]).toEqual([20, 30_000]);
  });

  it('of one address at many accounts wait, also when some succeed between them', () => {
    const { enter, wait } = setUp();
    let tried = 0;
    for (let n = 0; n < 200; n++) {
      if (wait(`victim-${n}`, '6.6.6.6') === 0) tried += 1;
      try {
        enter('own', '6.6.6.6').succeeded();
      } catch (error) {
        expect(error).toBeInstanceOf(ThrottledError);
      }
    }
    expect(tried).toBe(50);
    expect(wait('victim-1', '7.7.7.7')).toBe(0);
  });

  it('are forgotten after an hour without any', async () => {
    const { clock, wait } = setUp();
    for (let n = 0; n < 5; n++) wait();
    await clock.advance(3_600_000);
    expect(Array.from({ length: 5 }, () => wait())).toEqual([0, 0, 0, 0, 0]);
    expect(wait()).toBe(1_000);
  });

  it('are forgotten after an hour without failures, however often somebody signs in meanwhile', async () => {
    const { clock, enter, wait } = setUp();
    for (let n = 0; n < 50; n++) wait(`mistyped-${n}`, '8.8.8.8');
    await clock.advance(1_000);
    for (let n = 0; n < 5; n++) {
      enter(`colleague-${n}`, '8.8.8.8').succeeded();
      await clock.advance(720_000);
    }
    expect(Array.from({ length: 50 }, (_, n) => wait(`late-${n}`, '8.8.8.8'))).toEqual(Array(50).fill(0));
  });

  it('that succeed make nobody else wait', async () => {
    const { clock, enter, wait } = setUp();
    for (let n = 0; n < 50; n++) wait(`mistyped-${n}`, '8.8.8.8');
    await clock.advance(1_000);
    enter('colleague', '8.8.8.8').succeeded();
    enter('another', '8.8.8.8').withdrawn();
    expect(wait('third', '8.8.8.8')).toBe(0);
    expect(wait('fourth', '8.8.8.8')).toBe(2_000);
  });

  it('of one IPv6 network count together, and those of IPv4 apart, however they are written', () => {
    const { wait } = setUp();
    const tried = (address: (n: number) => string) =>
      Array.from({ length: 100 }, (_, n) => wait(`account-${n}`, address(n))).filter((ms) => ms === 0);
    expect(tried((n) => `2001:db8:1:2::${n}`)).toHaveLength(50);
    expect(tried((n) => `::ffff:192.0.2.${n}`)).toHaveLength(100);
  });

  it('without an address count by account', () => {
    const { throttle } = setUp();
    const enter = () => throttle.enter({ account: 'ana', address: undefined });
    for (let n = 0; n < 5; n++) enter();
    expect(enter).toThrow(ThrottledError);
  });
});
