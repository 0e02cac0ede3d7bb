import { describe, expect, it } from 'vitest';
import type { ModuleHandle } from '../module-handle.ts';
import { localAuth } from './create-local-auth.ts';
import type { SignInSchema } from './sign-in-schema.ts';

const SECRET = 'a secret of the tests of options, thirty-two bytes or more';
// No call is made of it.
const db = {} as ModuleHandle<SignInSchema, SignInSchema>;

describe('the options of localAuth', () => {
  it.each<[string, object, RegExp]>([
    ['no secret and no key', { jwt: {} }, /either 'secret' or 'key'/],
    ['both', { jwt: { secret: SECRET, key: { alg: 'ES256', d: 'x' } } }, /either 'secret' or 'key'/],
    ['a short secret', { jwt: { secret: 'short-secret' } }, /'jwt\.secret'.*at least 32 bytes/],
    ['a public key', { jwt: { key: { alg: 'ES256', x: 'hidden-x' } } }, /'jwt\.key'.*private key/],
    ['a key without algorithm', { jwt: { key: { d: 'hidden-d' } } }, /'jwt\.key'.*'alg'/],
    ['a symmetric key', { jwt: { key: { alg: 'HS256', k: 'hidden-k' } } }, /'jwt\.key'.*'alg'/],
    ['an unknown option', { jwt: { secret: SECRET }, lifetime: 1 }, /no option "lifetime"/],
    ['an unknown option of jwt', { jwt: { secret: SECRET, expiresIn: '1h' } }, /no option "expiresIn"/],
    ['a lifetime of no time', { jwt: { secret: SECRET, lifetimeMs: 0 } }, /'jwt\.lifetimeMs'/],
    ['a lifetime of two years', { jwt: { secret: SECRET }, sessionLifetimeMs: 63_072_000_000 }, /a year/],
    ['no hashes at a time', { jwt: { secret: SECRET }, maxConcurrentHashes: 0 }, /'maxConcurrentHashes'/],
  ])('refuse %s, without what it is', (_what, options, message) => {
    const make = () => localAuth({ db, ...options } as Parameters<typeof localAuth<SignInSchema>>[0]);
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hidden|short-secret/);
  });
});
