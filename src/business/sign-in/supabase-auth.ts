import { decodeJwt } from 'jose';
import { checkOptions, ownOptions } from '../../consolidated/compile/check-options.ts';
import { user } from '../../consolidated/identity/actors.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import { AuthenticationError, ServiceError, UsageError } from '../../contract/errors.ts';
import { checkInput } from '../check-input.ts';
import { AttemptThrottle } from './attempt-throttle.ts';
import type { AuthService, AuthSession, Credentials, SessionTokens } from './auth-service.ts';
import { CREDENTIALS } from './credentials-input.ts';
import { invalidCredentials, invalidSession } from './sign-in-failure.ts';
import type { SupabaseAnswer, SupabaseClientLike } from './supabase-client.ts';
import { authFault, isTokenFault } from './supabase-fault.ts';

/** Options of `supabaseAuth`. */
export interface SupabaseAuthOptions {
  /**
   * Makes a client of `@supabase/supabase-js`, with `auth: { persistSession: false, autoRefreshToken: false }`. It is called for
   * each sign-in: a client holds the session of whoever signed in last, and all that it does from then on it does as that user.
   */
  readonly client: () => SupabaseClientLike;
  /** Time, for tests. @defaultValue the clock of the system */
  readonly clock?: Clock | undefined;
}

const KNOWN = { method: 'supabaseAuth', names: new Set(['client', 'clock']) };

/**
 * Sign-in with a password by Supabase Auth. Failed attempts are counted here too: to Supabase they all come from the address of
 * this backend.
 *
 * Errors in addition to those of `AuthService`: `ConnectionError` of code `AUTH_UNAVAILABLE` while Supabase Auth does not answer,
 * `ConfigurationError` of code `AUTH_REFUSED` where it refuses the client.
 *
 * @throws UsageError for an option that is wrong
 *
 * @example
 * ```ts
 * const auth = supabaseAuth({
 *   client: () => createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } }),
 * });
 * const session = await auth.login({ email, password, address: request.ip });
 * ```
 */
export function supabaseAuth(given: SupabaseAuthOptions): AuthService {
  const options = ownOptions(given);
  checkOptions(options, KNOWN);
  const { client, clock = systemClock } = options;
  if (typeof client !== 'function') {
    throw new UsageError("The option 'client' of supabaseAuth must be a function that makes a client.", {
      code: 'INVALID_OPTION',
    });
  }
  return new SupabaseAuth(client, new AttemptThrottle(clock));
}

class SupabaseAuth implements AuthService {
  readonly #client: () => SupabaseClientLike;
  readonly #throttle: AttemptThrottle;

  constructor(client: () => SupabaseClientLike, throttle: AttemptThrottle) {
    this.#client = client;
    this.#throttle = throttle;
  }

  async login(given: Credentials): Promise<AuthSession> {
    const { email, password, address } = checkInput(CREDENTIALS, given);
    const attempt = this.#throttle.enter({ account: email, address });
    try {
      const answer = await this.#client().auth.signInWithPassword({ email, password });
      if (answer.error !== null) throw authFault(answer.error, invalidCredentials);
      attempt.succeeded();
      return sessionOf(answer);
    } catch (error) {
      if (!isInvalid(error)) attempt.withdrawn();
      throw error;
    }
  }

  async refresh(refreshToken: string): Promise<AuthSession> {
    if (typeof refreshToken !== 'string' || refreshToken === '') throw invalidSession();
    const answer = await this.#client().auth.refreshSession({ refresh_token: refreshToken });
    if (answer.error !== null) throw authFault(answer.error, invalidSession);
    return sessionOf(answer);
  }

  async logout({ accessToken, refreshToken }: SessionTokens): Promise<void> {
    const { admin } = this.#client().auth;
    const { error } = await admin.signOut(accessToken, 'local');
    if (error === null) return;
    if (!isTokenFault(error)) throw authFault(error, invalidSession);
    // Supabase ends a session by its access token, which has expired or was never good. The refresh token gives another.
    let renewed: AuthSession;
    try {
      renewed = await this.refresh(refreshToken);
    } catch (fault) {
      // Nothing refreshes it any more, which is what was asked for.
      if (isInvalid(fault)) return;
      throw fault;
    }
    const again = await admin.signOut(renewed.accessToken, 'local');
    if (again.error !== null && !isTokenFault(again.error)) throw authFault(again.error, invalidSession);
  }
}

/** What does not fit, as opposed to what could not be tried. */
function isInvalid(error: unknown): boolean {
  return error instanceof AuthenticationError;
}

function sessionOf({ data: { session } }: SupabaseAnswer): AuthSession {
  if (session === null) {
    throw new ServiceError('Supabase Auth answered without a session.', { code: 'NO_REPLY' });
  }
  // It came from Supabase Auth itself, so its signature says nothing new.
  const claims = decodeJwt(session.access_token);
  const seconds = claims.exp ?? session.expires_at ?? 0;
  return {
    accessToken: session.access_token,
    refreshToken: session.refresh_token,
    expiresAt: new Date(seconds * 1_000).toISOString(),
    identity: user(claims),
  };
}
