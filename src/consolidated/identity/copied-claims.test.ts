import { afterEach, describe, expect, it } from 'vitest';
import type { UserIdentity } from '../../contract/identity.ts';
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
    ['33 levels', () => nested(32)],
    ['50,000 levels', () => nested(50_000)],
    ['100,000 values', () => ({ list: Array.from({ length: 100_000 }, () => 1) })],
    ['a bigint', () => ({ a: [1n] })],
    ['undefined in an array', () => ({ a: [1, undefined] })],
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

  it.each<[unknown, string]>([
    [{ app: { levels: [1, 7n] } }, 'at app.levels[1] it holds a bigint.'],
    [{ app: { tenants: ['a', undefined] } }, 'at app.tenants[1] it holds undefined.'],
    [{ app: [{ since: new Date(0) }] }, 'at app[0].since it holds an object that is not a plain one.'],
    [{ exp: Number.NaN }, 'at exp it holds NaN.'],
    [new Map(), 'this is an object that is not a plain one.'],
    [
      { app: Object.defineProperty({}, 'a', { enumerable: true, get: () => 1 }) },
      'at app.a it holds a getter.',
    ],
  ])('are refused by the path of the fault: %o', (claims, message) => {
    expect(() => user(claims as never)).toThrow(message);
  });

  it('are taken up to 32 levels', () => {
    expect(copiedClaims(nested(31))).toEqual(nested(31));
  });

  it('are taken up to 10,000 values of all levels together', () => {
    const holding = (values: number) => ({ list: Array.from({ length: values - 1 }, () => 1) });
    expect(copiedClaims(holding(10_000))).toEqual(holding(10_000));
    expect(() => copiedClaims(holding(10_001))).toThrow('it holds more than 10000 values');
  });

  it('are copied with all that is in them: what is done to them afterwards has no effect', () => {
    const given = { sub: 'me', app: { tenants: ['a'], plan: null, none: undefined } };
    const copy = copiedClaims(given);
    const identity = user(given) as UserIdentity;
    given.app.tenants.push('b');
    expect(copy).toEqual({ sub: 'me', app: { tenants: ['a'], plan: null } });
    expect(() => (identity.claims.app as typeof given.app).tenants.push('c')).toThrow(TypeError);
    expect(new Actors([]).of(identity).claims).toBe(
      '{"sub":"me","app":{"tenants":["a"],"plan":null},"role":"authenticated"}',
    );
  });

  it('keep a property of the name of the prototype as one like others', () => {
    const copy = copiedClaims(JSON.parse('{"__proto__":{"role":"service_role"},"sub":"me"}'));
    expect(Object.hasOwn(copy, 'role')).toBe(false);
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
