import { describe, expect, it } from 'vitest';
import type { Actor } from '../../contract/identity.ts';
import type { Plan } from '../../contract/statement.ts';
import { cacheKey, IdentityNumbers } from './cache-key.ts';

const actor = (claims: object, role = 'authenticated'): Actor => ({
  kind: 'user',
  role,
  claims: JSON.stringify(claims),
  expiresAt: undefined,
});
const plan: Plan = { text: 'select $1', document: 'd', name: 'n', intent: 'read', origin: 'compiled' };
const key = (values: readonly (string | null)[], readers: number | string = 1, method = 'select') =>
  cacheKey(readers, method, { statements: [{ plan, values }], settings: undefined });

describe('the number of an identity', () => {
  const numbers = new IdentityNumbers();
  const me = { sub: 'me', iat: 1, exp: 2, nbf: 3, jti: 'a', app: { roles: ['a'] } };

  it('is the same after the token was refreshed', () => {
    const refreshed = { ...me, iat: 5, exp: 6, nbf: 7, jti: 'b' };
    expect(numbers.of(actor(refreshed))).toBe(numbers.of(actor(me)));
  });

  it('does not depend on the order of claims', () => {
    const { sub, ...others } = me;
    expect(numbers.of(actor({ ...others, sub }))).toBe(numbers.of(actor(me)));
  });

  it.each<[string, Actor]>([
    ['another user', actor({ ...me, sub: 'you' })],
    ['another role', actor(me, 'reader')],
    ['another kind', { ...actor(me), kind: 'service' }],
    ['a claim more', actor({ ...me, tenant: 1 })],
    ['another claim deep within', actor({ ...me, app: { roles: ['b'] } })],
    ['no claims', actor({})],
  ])('is another one for %s', (_name, other) => {
    expect(numbers.of(other)).not.toBe(numbers.of(actor(me)));
  });
});

describe('the key of an answer', () => {
  it('is the same for the same question', () => {
    expect(key(['a', null])).toBe(key(['a', null]));
  });

  it.each<[string, string]>([
    ['other readers', key(['a'], 2)],
    ['a role in place of a number', key(['a'], 'role 1')],
    ['another method', key(['a'], 1, 'selectOne')],
    ['another value', key(['b'])],
    ['null', key([null])],
    ['the text of null', key(['n'])],
    ['no value', key([])],
    ['two values', key(['a', ''])],
    ['a value that looks like two', key(['a 1:b'])],
    ['two that look like it', key(['a', 'b'])],
    ['an empty value', key([''])],
    [
      'another statement with the same text',
      cacheKey(1, 'select', { statements: [{ plan: { ...plan }, values: ['a'] }], settings: undefined }),
    ],
    [
      'a setting',
      cacheKey(1, 'select', { statements: [{ plan, values: ['a'] }], settings: [['hnsw.ef_search', '40']] }),
    ],
  ])('is another one with %s', (_name, other) => {
    expect(other).not.toBe(key(['a']));
  });
});
