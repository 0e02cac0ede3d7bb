import { describe, expect, it } from 'vitest';
import { RoleTimeouts } from './role-timeouts.ts';

describe('the timeout of a role', () => {
  it.each([
    ['8s', 8_000],
    ['500', 500],
    ['500ms', 500],
    ['1.5min', 90_000],
    ['1 h', 3_600_000],
    ['1d', 86_400_000],
    ['2000us', 2],
    ['0', 0],
    ["'3s'", 3_000],
    ['soon', undefined],
    ['', undefined],
  ])('reads the setting %j as %s ms', (setting, ms) => {
    expect(new RoleTimeouts([['anon', true, setting]]).of('anon')).toBe(ms);
  });

  it('is that of the role in this database, then anywhere, then of the database', () => {
    const timeouts = new RoleTimeouts([
      ['anon', false, '3s'],
      ['anon', true, '1s'],
      ['authenticated', false, '8s'],
      [null, true, '2min'],
    ]);
    expect(timeouts.of('anon')).toBe(1_000);
    expect(timeouts.of('authenticated')).toBe(8_000);
    expect(timeouts.of('service_role')).toBe(120_000);
    expect(new RoleTimeouts([]).of('anon')).toBeUndefined();
  });
});
