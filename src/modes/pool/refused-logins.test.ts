import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../contract/errors.ts';
import { RefusedLogins } from './refused-logins.ts';

/** When a pool with a wrong password tries, if calls come all the time. */
function tries(pools: number, untilMs: number): number[] {
  const logins = new RefusedLogins();
  const next = Array.from({ length: pools }, () => 0);
  const times: number[] = [];
  for (;;) {
    const at = Math.min(...next);
    if (at > untilMs) return times;
    times.push(at);
    next[next.indexOf(at)] = at + logins.add('pooler', at, false);
  }
}

describe('refused logins', () => {
  it.each([1, 2, 3, 4, 6])('of %i pools stay below ten in any 150 s', (pools) => {
    const times = tries(pools, 1_200_000);
    const most = Math.max(
      ...times.map((from) => times.filter((t) => t >= from && t <= from + 150_000).length),
    );
    expect(most).toBeLessThan(10);
  });

  it('are tried again for ever, at least every 160 s', () => {
    const times = tries(1, 1_200_000);
    expect(times.slice(0, 3)).toEqual([0, 20_000, 100_000]);
    expect(Math.max(...times.map((time, at) => time - (times[at - 1] ?? 0)))).toBeLessThanOrEqual(160_000);
  });

  it('count by host: another one is not rested for them', () => {
    const logins = new RefusedLogins();
    for (let n = 0; n < 5; n++) logins.add('one', 0, false);
    expect(logins.add('other', 0, false)).toBe(20_000);
  });

  it('are told from what else can fail', () => {
    const logins = new RefusedLogins();
    const failed = (code: string) => new ConnectionError('It failed.', { code });
    expect(logins.restAfter('one', 0, failed('CONNECT_FAILED'))).toBeUndefined();
    expect(logins.restAfter('one', 0, new Error('LOGIN_REFUSED'))).toBeUndefined();
    expect(logins.restAfter('one', 0, failed('LOGIN_REFUSED'))).toBe(20_000);
    expect(logins.restAfter('other', 0, failed('LOGIN_BANNED'))).toBe(120_000);
  });

  it('rest for as long as the pooler blocks the address', () => {
    expect(new RefusedLogins().add('one', 0, true)).toBe(120_000);
  });
});
