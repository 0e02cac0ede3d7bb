import { afterEach, describe, expect, it } from 'vitest';
import { Actors, user } from './actors.ts';
import { copiedClaims } from './copied-claims.ts';

const refused = expect.objectContaining({ code: 'INVALID_CLAIMS', statusCode: 400, outcome: 'not-applied' });

function nested(levels: number): Record<string, unknown> {
  let claims: Record<string, unknown> = {};
  for (let level = 0; level < levels; level++) claims = { claims };
  return claims;
}

function circle(): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  // Twice at each level: following it to a depth alone would never end.
  claims.one = claims;
  claims.other = [claims, claims];
  return claims;
}

describe('claims', () => {
  it.each<[string, () => unknown]>([
    ['a circle', circle],
    ['50,000 levels', () => nested(50_000)],
    ['100,000 values', () => ({ list: Array.from({ length: 100_000 }, () => 1) })],
    ['a bigint', () => ({ a: [1n] })],
    ['a function', () => ({ toJSON: () => ({ sub: 'another' }) })],
    ['a symbol', () => ({ a: Symbol('a') })],
    ['an expiry that never comes', () => JSON.parse('{"exp":1e999}') as unknown],
    ['an expiry that is NaN', () => ({ exp: Number.NaN })],
    ['an expiry of another kind', () => ({ exp: '1700000000' })],
    ['a Date', () => ({ since: new Date(0) })],
    ['a Map', () => ({ since: new Map() })],
    ['a getter', () => Object.defineProperty({}, 'sub', { enumerable: true, get: () => 'me' })],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            ownKeys() {
              throw new RangeError('nobody-shall-read-this');
            },
          },
        ),
    ],
    ['a list', () => []],
    ['nothing', () => null],
  ])('are refused with %s', (_name, make) => {
    expect(() => user(make() as never)).toThrow(refused);
    try {
      user(make() as never);
    } catch (error) {
      expect(JSON.stringify([error, String(error), String((error as Error).cause)])).not.toContain('nobody');
    }
  });

  it('are copied with all that is in them, and can be changed by nobody', () => {
    const given = { sub: 'me', app: { tenants: ['a'], plan: null, none: undefined } };
    const copy = copiedClaims(given);
    given.app.tenants.push('b');
    expect(copy).toEqual({ sub: 'me', app: { tenants: ['a'], plan: null } });
    expect(Object.isFrozen(copy)).toBe(true);
    expect(Object.isFrozen((copy as typeof given).app.tenants)).toBe(true);
  });

  it('keep a property of the name of the prototype as one like others', () => {
    const copy = copiedClaims(JSON.parse('{"__proto__":{"role":"service_role"},"sub":"me"}'));
    expect(copy.role).toBeUndefined();
    expect(Object.keys(copy)).toEqual(['__proto__', 'sub']);
  });

  describe('beside a changed prototype of all objects', () => {
    const changed: string[] = [];
    afterEach(() => {
      for (const name of changed.splice(0)) delete (Object.prototype as Record<string, unknown>)[name];
    });

    it.each<[string, unknown]>([
      ['toJSON', () => ({ sub: 'another' })],
      ['role', 'service_role'],
      ['exp', 1],
      ['sub', 7],
    ])('stay what they were: %s', (name, value) => {
      const actorOf = () => new Actors([]).of(user({ app: { list: ['a'] } }));
      const before = actorOf();
      changed.push(name);
      Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      expect({ ...actorOf() }).toEqual({ ...before });
      expect(actorOf().claims).toBe('{"app":{"list":["a"]},"role":"authenticated"}');
    });
  });
});
