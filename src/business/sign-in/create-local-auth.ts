import { checkOptions, ownOptions, wholeNumber } from '../../consolidated/compile/check-options.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { UsageError } from '../../contract/errors.ts';
import type { ModuleHandle } from '../module-handle.ts';
import { type AccessTokenOptions, AccessTokens } from './access-tokens.ts';
import { AttemptThrottle } from './attempt-throttle.ts';
import type { Argon2 } from './load-argon2.ts';
import type { LocalAuth } from './local-auth.ts';
import { PasswordAuth } from './password-auth.ts';
import { PasswordHasher } from './password-hasher.ts';
import type { SignInSchema } from './sign-in-schema.ts';

const THIRTY_DAYS_MS = 30 * 24 * 3_600_000;
const MOST_LIFETIME_MS = 365 * 24 * 3_600_000;

/** Options of `localAuth`. */
export interface LocalAuthOptions<S> {
  /** The service: `db.as(service())`. */
  readonly db: ModuleHandle<S, SignInSchema>;
  readonly jwt: AccessTokenOptions;
  /** Milliseconds from sign-in until the password is asked for again. @defaultValue 2592000000, which is 30 days */
  readonly sessionLifetimeMs?: number | undefined;
  /** Passwords that are hashed at a time, 19 MiB and a core each. More are refused at once. @defaultValue 4 */
  readonly maxConcurrentHashes?: number | undefined;
  /** Time, for tests. @defaultValue the clock of the system */
  readonly clock?: Clock | undefined;
  /** In place of `@node-rs/argon2`, for tests. @defaultValue that package */
  readonly argon2?: Argon2 | undefined;
}

const KNOWN = {
  method: 'localAuth',
  names: new Set(['db', 'jwt', 'sessionLifetimeMs', 'maxConcurrentHashes', 'clock', 'argon2']),
};
const KNOWN_JWT = {
  method: "localAuth's jwt",
  names: new Set(['secret', 'key', 'issuer', 'audience', 'lifetimeMs']),
};

/**
 * Sign-in with a password where there is no project of Supabase: Argon2id in a table that the service role alone reaches, and
 * tokens that `db.withToken` accepts. Needs the package `@node-rs/argon2` and the migrations of this package.
 *
 * Make one for each process: it counts failed attempts in memory.
 *
 * @throws UsageError for an unknown option; ConfigurationError `INVALID_OPTION` for a secret or a key that cannot sign
 *
 * @example
 * ```ts
 * const auth = localAuth({ db: db.as(service()), jwt: { secret: process.env.JWT_SECRET } });
 * const session = await auth.login({ email, password, address: request.ip });
 * const trips = await db.withToken(session.accessToken).select('trips');
 * ```
 */
export function localAuth<S>(given: LocalAuthOptions<S>): LocalAuth {
  const options = ownOptions(given);
  checkOptions(options, KNOWN);
  const { db, clock = systemClock, argon2 } = options;
  const jwt = ownOptions(options.jwt);
  checkOptions(jwt, KNOWN_JWT);
  const lifetime = (value: number, option: string): number => {
    const ms = wholeNumber(value, option, 1_000);
    if (ms <= MOST_LIFETIME_MS) return ms;
    throw new UsageError(`The option '${option}' must be at most ${MOST_LIFETIME_MS}, a year. It was ${ms}.`);
  };
  if (jwt.lifetimeMs !== undefined) lifetime(jwt.lifetimeMs, 'jwt.lifetimeMs');
  return new PasswordAuth({
    handle: db,
    hasher: new PasswordHasher(
      wholeNumber(options.maxConcurrentHashes ?? 4, 'maxConcurrentHashes', 1),
      argon2 === undefined ? undefined : async () => argon2,
    ),
    tokens: new AccessTokens(jwt, clock),
    throttle: new AttemptThrottle(clock),
    sessionLifetimeMs: lifetime(options.sessionLifetimeMs ?? THIRTY_DAYS_MS, 'sessionLifetimeMs'),
    clock,
  });
}
