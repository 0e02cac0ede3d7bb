import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RolloutCaller } from './rollout-caller.ts';

function tokenOf(claims: object): string {
  return ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'unsigned'].join('.');
}

const ofUser = (sub: string): RolloutCaller => RolloutCaller.ofToken(tokenOf({ sub }));
const percentages = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

describe('who is within a percentage', () => {
  it('is the same for every token of a user', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), percentages, fc.string(), (sub, percentage, salt) => {
        const [one, other] = [tokenOf({ sub, iat: 1 }), tokenOf({ sub, iat: 2, session: 'x' })];
        expect(RolloutCaller.ofToken(one).isWithin(percentage, salt)).toBe(
          RolloutCaller.ofToken(other).isWithin(percentage, salt),
        );
      }),
    );
  });

  it('stays within every larger percentage', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), percentages, percentages, fc.string(), (sub, a, b, salt) => {
        const user = ofUser(sub);
        if (user.isWithin(Math.min(a, b), salt)) expect(user.isWithin(Math.max(a, b), salt)).toBe(true);
      }),
    );
  });

  it('is nobody at 0 and everybody at 100', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (sub, salt) => {
        expect(ofUser(sub).isWithin(0, salt)).toBe(false);
        expect(ofUser(sub).isWithin(100, salt)).toBe(true);
      }),
    );
  });

  it('does not change with the version of the package', () => {
    const within = Array.from({ length: 20 }, (_, n) => ofUser(`user-${n}`).isWithin(25, ''));
    expect(within.flatMap((is, n) => (is ? [n] : []))).toMatchInlineSnapshot(`
      [
        2,
        7,
        10,
        11,
      ]
    `);
  });

  it('is about as many users as it says', () => {
    const within = Array.from({ length: 10_000 }, (_, n) => ofUser(`user-${n}`).isWithin(25, 'salt'));
    const share = within.filter(Boolean).length / within.length;
    expect(share).toBeGreaterThan(0.23);
    expect(share).toBeLessThan(0.27);
  });

  it('is somebody else with another salt', () => {
    const users = Array.from({ length: 100 }, (_, n) => ofUser(`user-${n}`));
    const of = (salt: string) => users.map((user) => user.isWithin(50, salt));
    expect(of('one')).not.toEqual(of('other'));
  });
});

describe('the owner of a token', () => {
  it('is its subject', () => {
    expect(ofUser('ana').user).toBe('ana');
  });

  it.each([
    ['no token', 'nonsense'],
    ['an empty one', ''],
    ['json that is no object', `e30.${Buffer.from('null').toString('base64url')}.x`],
    ['a subject that is no text', tokenOf({ sub: 7 })],
    ['a subject of every object', tokenOf(JSON.parse('{"__proto__": {"sub": "ana"}}') as object)],
    ['a token that is too long', tokenOf({ sub: 'ana', more: 'x'.repeat(20_000) })],
  ])('is nobody for %s, who still stays on one side', (_, token) => {
    const caller = RolloutCaller.ofToken(token);
    expect(caller.user).toBeUndefined();
    expect(caller.isWithin(50, '')).toBe(RolloutCaller.ofToken(token).isWithin(50, ''));
  });
});

describe('callers who are no users', () => {
  it('have a place by chance, and keep it', () => {
    const caller = RolloutCaller.byChance(() => 0.3);
    expect([caller.isWithin(30, ''), caller.isWithin(30.01, ''), caller.isWithin(30.01, 'salt')]).toEqual([
      false,
      true,
      true,
    ]);
  });
});
