import type { NamedMutant } from '../mutant.ts';

const THROTTLE = {
  file: 'src/business/sign-in/attempt-throttle.ts',
  tests: ['src/business/sign-in/attempt-throttle.test.ts'],
} as const;
const HASHER = {
  file: 'src/business/sign-in/password-hasher.ts',
  tests: ['src/business/sign-in/password-hasher.test.ts'],
} as const;
const SCENE = ['test/business/sign-in.test.ts'] as const;
const AUTH = { file: 'src/business/sign-in/password-auth.ts', tests: SCENE } as const;
const SQL = { file: 'supabase/migrations/20261130020100_sign_in.sql', tests: SCENE } as const;

/** What keeps out who guesses, and ends sessions that were copied. */
export const SIGN_IN: readonly NamedMutant[] = [
  {
    ...THROTTLE,
    name: 'sign-in: guesses at the same time',
    guard: 'An attempt counts before it is made.',
    symbol: 'AttemptThrottle.#count',
    find: 'counted.failures += 1;',
    replace: '',
  },
  {
    ...THROTTLE,
    name: 'sign-in: an own account between guesses',
    guard: 'Who signs in from an address does not clear what the address failed.',
    symbol: 'AttemptThrottle.enter',
    find: 'if (both !== undefined) both.failures = 0;',
    replace: 'for (const { counted } of entered) counted.failures = 0;',
  },
  {
    ...THROTTLE,
    name: 'sign-in: failures that are never forgotten',
    guard: 'Who signs in does not lengthen the wait of others.',
    symbol: 'withdraw',
    find: 'if (counted.attempts === attempt) counted.lastAt = lastAtBefore;',
    replace: '',
  },
  {
    ...HASHER,
    name: 'sign-in: nobody costs nothing',
    guard: 'Who does not exist costs the work of who does.',
    symbol: 'PasswordHasher.verify',
    find: 'const isRight = await',
    replace: 'if (hashed === undefined) return false; const isRight = await',
    tests: SCENE,
  },
  {
    ...HASHER,
    name: 'sign-in: the password of nobody',
    guard: 'The stand-in for a hash lets nobody in.',
    symbol: 'PasswordHasher.verify',
    find: 'isRight && hashed !== undefined',
    replace: 'isRight',
  },
  {
    ...HASHER,
    name: 'sign-in: hashes without bound',
    guard: 'Few passwords are hashed at a time.',
    symbol: 'PasswordHasher.#admitted',
    find: 'this.#running >= this.#maxConcurrent',
    replace: 'this.#running < 0',
  },
  {
    ...HASHER,
    name: 'sign-in: another keyboard',
    guard: 'A password is the same in each form of its characters.',
    symbol: 'bytesOf',
    find: ".normalize('NFKC')",
    replace: '',
    tests: SCENE,
  },
  {
    ...AUTH,
    name: 'sign-in: what could not be tried',
    guard: 'An attempt that could not be made does not count.',
    symbol: 'PasswordAuth.#authenticated',
    find: 'attempt.withdrawn();',
    replace: '',
  },
  {
    ...AUTH,
    name: 'sign-in: sessions of the old password',
    guard: 'A new password ends all sessions.',
    symbol: 'PasswordAuth.changePassword',
    find: "handle.build.delete('sign_in_sessions', { filters: { user_id: userId }, returning: false }),",
    replace: '',
  },
  {
    ...SQL,
    name: 'sign-in: a password that was changed meanwhile',
    guard: 'A session opens only for the hash that was compared.',
    symbol: 'public.open_sign_in',
    find: 'and p.password_hash = open_sign_in.password_hash',
    replace: '',
  },
  {
    ...SQL,
    name: 'sign-in: a copied refresh token',
    guard: 'A refresh token that comes again ends its session.',
    symbol: 'public.refresh_sign_in',
    find: 'delete from public.sign_in_sessions s where s.id = refresh_sign_in.session_id;',
    replace: 'null;',
  },
  {
    ...SQL,
    name: 'sign-in: a session that has expired',
    guard: 'A session that has expired is not renewed.',
    symbol: 'public.refresh_sign_in',
    find: 'and s.expires_at > now()',
    replace: '',
  },
  {
    ...SQL,
    name: 'sign-in: a banned user',
    guard: 'Who is banned does not sign in.',
    symbol: 'public.find_sign_in',
    find: 'and (u.banned_until is null or u.banned_until <= now())',
    replace: '',
  },
  {
    name: 'sign-in: a fault of Supabase Auth',
    guard: 'What Supabase Auth could not answer does not count as a guess.',
    file: 'src/business/sign-in/supabase-auth.ts',
    symbol: 'SupabaseAuth.login',
    find: 'if (!isInvalid(error)) attempt.withdrawn();',
    replace: '',
    tests: ['test/business/supabase-auth.test.ts'],
  },
];
