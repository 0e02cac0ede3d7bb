import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { copiedClaims } from './copied-claims.ts';
import { KeptByClaims } from './kept-by-claims.ts';

const FOUND = 'what was made of them';

/** Whether what was made of some claims is found by others. */
function isFound(made: unknown, given: unknown): boolean {
  const kept = new KeptByClaims<string>();
  kept.set(copiedClaims(made), 100, FOUND);
  return kept.get(given) === FOUND;
}

describe('what was made of claims', () => {
  const typical = () => ({
    sub: 'ann',
    aud: ['a', 'b'],
    exp: 2,
    app: { tenants: [{ id: 1 }], none: null },
    is_anonymous: false,
  });

  it('is found by the same in another object', () => {
    expect(isFound(typical(), JSON.parse(JSON.stringify(typical())))).toBe(true);
    expect(isFound({ sub: 'ann', plan: undefined }, { sub: 'ann', plan: undefined })).toBe(true);
  });

  it.each<[string, (claims: ReturnType<typeof typical>) => unknown]>([
    ['another user', (claims) => ({ ...claims, sub: 'ben' })],
    ['no user', ({ sub: _, ...claims }) => claims],
    ['a user who is no text', (claims) => ({ ...claims, sub: ['ann'] })],
    ['another value', (claims) => ({ ...claims, exp: 3 })],
    ['the same as text', (claims) => ({ ...claims, exp: '2' })],
    ['one claim more', (claims) => ({ ...claims, role: 'reader' })],
    ['one claim less', ({ is_anonymous: _, ...claims }) => claims],
    ['one that has another name', ({ exp, ...claims }) => ({ ...claims, nbf: exp })],
    ['another order', ({ aud, ...claims }) => ({ ...claims, aud })],
    ['a longer list', (claims) => ({ ...claims, aud: ['a', 'b', 'c'] })],
    ['a shorter list', (claims) => ({ ...claims, aud: ['a'] })],
    ['a list as an object', (claims) => ({ ...claims, aud: { 0: 'a', 1: 'b' } })],
    ['another value deep within', (claims) => ({ ...claims, app: { ...claims.app, tenants: [{ id: 2 }] } })],
    ['one claim more deep within', (claims) => ({ ...claims, app: { ...claims.app, x: 1 } })],
    ['an object of a class', (claims) => ({ ...claims, app: Object.assign(new (class {})(), claims.app) })],
    [
      'a name of the prototype',
      (claims) => JSON.parse(`${JSON.stringify(claims).slice(0, -1)},"__proto__":{}}`),
    ],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            getOwnPropertyDescriptor: () => {
              throw new Error('no');
            },
          },
        ),
    ],
    ['a list', () => ['ann']],
    ['nothing', () => undefined],
  ])('is not found by %s', (_name, change) => {
    expect(isFound(typical(), change(typical()))).toBe(false);
  });

  it('is not found by a name that stands for an inherited one', () => {
    const made = JSON.parse('{"sub":"ann","x":1}');
    expect(isFound(made, JSON.parse('{"sub":"ann","__proto__":{}}'))).toBe(false);
    expect(isFound(made, { sub: 'ann', y: undefined })).toBe(false);
    expect(isFound(made, { sub: 'ann', y: 1 })).toBe(false);
  });

  it('is found exactly by what is the same JSON', () => {
    const { claims } = fc.letrec((tie) => ({
      leaf: fc.constantFrom<unknown>(0, 1, '1', '', null, true, 'sub', 'a'),
      list: fc.array(tie('value'), { maxLength: 3 }),
      claims: fc
        .array(fc.tuple(fc.constantFrom('a', 'b', 'sub', '__proto__', '0'), tie('value')), { maxLength: 3 })
        .map((entries) => Object.fromEntries(entries)),
      value: fc.oneof({ maxDepth: 3 }, tie('leaf'), tie('list'), tie('claims')),
    }));
    const few = (claims as fc.Arbitrary<object>).map((value) => ({ sub: 'ann', ...value }));
    fc.assert(
      fc.property(few, few, fc.boolean(), (one, other, same) => {
        const given: unknown = same ? JSON.parse(JSON.stringify(one)) : other;
        const isSame = JSON.stringify(one) === JSON.stringify(given) && typeof one.sub === 'string';
        expect(isFound(one, given)).toBe(isSame);
      }),
      { numRuns: 3_000 },
    );
  });

  it('is the latest of each user, and none where they are large', () => {
    const kept = new KeptByClaims<string>();
    kept.set({ sub: 'ann', exp: 1 }, 100, 'first');
    kept.set({ sub: 'ann', exp: 2 }, 100, 'second');
    expect(kept.get({ sub: 'ann', exp: 1 })).toBeUndefined();
    expect(kept.get({ sub: 'ann', exp: 2 })).toBe('second');
    kept.set({ sub: 'ben' }, 8_192, 'large');
    expect(kept.get({ sub: 'ben' })).toBeUndefined();
  });

  describe('beside a changed prototype of all objects', () => {
    afterEach(() => {
      delete (Object.prototype as Record<string, unknown>).role;
      delete (Object.prototype as Record<string, unknown>).sub;
    });

    it('is not found by what is inherited', () => {
      Object.defineProperty(Object.prototype, 'sub', { value: 'ann', configurable: true, writable: true });
      expect(isFound({ sub: 'ann' }, {})).toBe(false);
      Object.defineProperty(Object.prototype, 'role', {
        value: 'reader',
        configurable: true,
        enumerable: true,
        writable: true,
      });
      expect(isFound({ sub: 'ann', role: 'reader' }, { sub: 'ann' })).toBe(false);
    });
  });
});
