import type { UserIdentity } from '../../contract/identity.ts';

/** What somebody signs in with. */
export interface Credentials {
  /** Upper and lower case are the same. */
  readonly email: string;
  /** At most 1024 bytes; nothing is cut off. */
  readonly password: string;
  /** The address of the client, such as `request.ip`: guesses are also counted by it. */
  readonly address?: string | undefined;
}

/** Two tokens, for the client. Whoever has them is the user: write them to no log. */
export interface SessionTokens {
  /** For `db.withToken`. */
  readonly accessToken: string;
  /** For `refresh`, once. */
  readonly refreshToken: string;
}

/** Who has signed in. */
export interface AuthSession extends SessionTokens {
  /** When the access token expires, ISO 8601. */
  readonly expiresAt: string;
  /** Of the access token, for `db.as`. */
  readonly identity: UserIdentity;
}

/** Sign-in with a password: `localAuth` or `supabaseAuth`. */
export interface AuthService {
  /**
   * Who does not exist, is banned or has another password gets the same `AuthenticationError` of code `INVALID_CREDENTIALS`, for
   * the same work. Too many failures are a `ThrottledError` of code `TOO_MANY_ATTEMPTS`.
   *
   * @example
   * ```ts
   * const session = await auth.login({ email, password, address: request.ip });
   * const trips = await db.as(session.identity).select('trips');
   * ```
   */
  login(credentials: Credentials): Promise<AuthSession>;
  /**
   * Another session for its refresh token, which is used up. A token that is unknown, expired or used before is an
   * `AuthenticationError` of code `SESSION_INVALID`.
   */
  refresh(refreshToken: string): Promise<AuthSession>;
  /** Ends the session, if it has not ended before: nothing refreshes it. Its access token is valid until it expires. */
  logout(session: SessionTokens): Promise<void>;
}
