import type { Clock } from '../../contract/clock.ts';
import { OverloadedError } from '../../contract/errors.ts';
import { checkInput } from '../check-input.ts';
import type { RepositoryHandle } from '../repository.ts';
import type { AccessTokens } from './access-tokens.ts';
import type { AttemptThrottle } from './attempt-throttle.ts';
import type { AuthSession, Credentials, SessionTokens } from './auth-service.ts';
import { CREDENTIALS, PASSWORD_CHANGE, REGISTRATION } from './credentials-input.ts';
import type { LocalAuth, PasswordChange, Registration } from './local-auth.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { newSecret, readRefreshToken, refreshTokenOf } from './refresh-token.ts';
import { invalidCredentials, invalidSession } from './sign-in-failure.ts';
import type { SignInSchema } from './sign-in-schema.ts';

interface PasswordAuthParts {
  readonly handle: RepositoryHandle<SignInSchema>;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly throttle: AttemptThrottle;
  readonly sessionLifetimeMs: number;
  readonly clock: Clock;
}

interface Account {
  readonly userId: string;
  readonly passwordHash: string;
}

/** Or every sign-in would outdate all that the service has cached. */
const SESSIONS = { writes: ['sign_in_sessions'] };

/** Sign-in by the passwords of `sign_in_passwords`. */
export class PasswordAuth implements LocalAuth {
  readonly #parts: PasswordAuthParts;

  constructor(parts: PasswordAuthParts) {
    this.#parts = parts;
  }

  async register(given: Registration): Promise<{ readonly userId: string }> {
    const { email, password } = checkInput(REGISTRATION, given);
    const password_hash = await this.#parts.hasher.hash(password);
    const written = { writes: ['auth.users', 'sign_in_passwords'] };
    return { userId: await this.#parts.handle.rpc('register_sign_in', { email, password_hash }, written) };
  }

  async login(given: Credentials): Promise<AuthSession> {
    const credentials = checkInput(CREDENTIALS, given);
    const account = await this.#authenticated(credentials);
    const password_hash = await this.#rehashed(account, credentials.password);
    const { handle, clock, sessionLifetimeMs } = this.#parts;
    const { secret, hash } = newSecret();
    const now = clock.wallNow();
    const sessionId: string | null = await handle.rpc(
      'open_sign_in',
      {
        user_id: account.userId,
        password_hash,
        token_hash: hash,
        expires_at: new Date(now + sessionLifetimeMs).toISOString(),
      },
      SESSIONS,
    );
    // The password was changed while this one was compared.
    if (sessionId === null) throw invalidCredentials();
    return this.#session(sessionId, secret, { userId: account.userId, email: credentials.email, at: now });
  }

  async refresh(refreshToken: string): Promise<AuthSession> {
    const given = readRefreshToken(refreshToken);
    if (given === undefined) throw invalidSession();
    const { secret, hash } = newSecret();
    const [found] = await this.#parts.handle.rpc(
      'refresh_sign_in',
      { session_id: given.sessionId, token_hash: given.hash, next_token_hash: hash },
      SESSIONS,
    );
    if (found === undefined) throw invalidSession();
    const { user_id: userId, email, created_at } = found;
    return this.#session(given.sessionId, secret, { userId, email, at: Date.parse(created_at) });
  }

  async logout({ refreshToken }: Pick<SessionTokens, 'refreshToken'>): Promise<void> {
    const given = readRefreshToken(refreshToken);
    if (given === undefined) return;
    await this.#parts.handle.delete('sign_in_sessions', {
      filters: { id: given.sessionId },
      returning: false,
    });
  }

  async changePassword(given: PasswordChange): Promise<void> {
    const { newPassword, ...credentials } = checkInput(PASSWORD_CHANGE, given);
    const { userId, passwordHash } = await this.#authenticated(credentials);
    const { hasher, handle } = this.#parts;
    const password_hash = await hasher.hash(newPassword);
    await handle.batch([
      handle.build.update(
        'sign_in_passwords',
        { password_hash },
        { filters: { user_id: userId }, unchanged: { password_hash: passwordHash }, returning: false },
      ),
      handle.build.delete('sign_in_sessions', { filters: { user_id: userId }, returning: false }),
    ]);
  }

  /** The account of the email and the password, or the one refusal. */
  async #authenticated({ email, password, address }: Credentials): Promise<Account> {
    const { throttle, handle, hasher } = this.#parts;
    const attempt = throttle.enter({ account: email, address });
    let account: Account | undefined;
    try {
      const [found] = await handle.rpc('find_sign_in', { email });
      // Verified in any case: who does not exist costs the same work.
      const isRight = await hasher.verify(found?.password_hash, password);
      if (found !== undefined && isRight) {
        account = { userId: found.user_id, passwordHash: found.password_hash };
      }
    } catch (error) {
      attempt.withdrawn();
      throw error;
    }
    if (account === undefined) throw invalidCredentials();
    attempt.succeeded();
    return account;
  }

  /** The hash of the password after it was made anew, where that is due. */
  async #rehashed({ userId, passwordHash }: Account, password: string): Promise<string> {
    const { hasher, handle } = this.#parts;
    if (!hasher.isOutdated(passwordHash)) return passwordHash;
    let password_hash: string;
    try {
      password_hash = await hasher.hash(password);
    } catch (error) {
      // Nobody has time for it now. The next sign-in does it.
      if (error instanceof OverloadedError) return passwordHash;
      throw error;
    }
    const changed = await handle.update(
      'sign_in_passwords',
      { password_hash },
      { filters: { user_id: userId, password_hash: passwordHash }, returning: false },
    );
    return changed === 1 ? password_hash : passwordHash;
  }

  async #session(
    sessionId: string,
    secret: string,
    signedIn: { readonly userId: string; readonly email: string; readonly at: number },
  ): Promise<AuthSession> {
    const { text, expiresAt, identity } = await this.#parts.tokens.sign(signedIn);
    return { accessToken: text, refreshToken: refreshTokenOf(sessionId, secret), expiresAt, identity };
  }
}
