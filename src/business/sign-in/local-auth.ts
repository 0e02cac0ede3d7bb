import type { AuthService, Credentials, SessionTokens } from './auth-service.ts';

/** What somebody registers with. */
export interface Registration {
  readonly email: string;
  /** 8 characters at least, 1024 bytes at most. */
  readonly password: string;
}

/** The old password, and the new one. */
export interface PasswordChange extends Credentials {
  /** 8 characters at least, 1024 bytes at most. */
  readonly newPassword: string;
}

/** Sign-in that needs no project of Supabase. `localAuth` makes it. */
export interface LocalAuth extends AuthService {
  /**
   * Makes a user in `auth.users`, with a password, and nothing else: no profile, and no session. An email that is taken is a
   * `UniqueConstraintError`, so whoever may register can ask who is registered. Confirm the email before you call it.
   */
  register(registration: Registration): Promise<{ readonly userId: string }>;
  /** Ends all sessions of the user. It is throttled and refused as `login` is. */
  changePassword(change: PasswordChange): Promise<void>;
  logout(session: Pick<SessionTokens, 'refreshToken'>): Promise<void>;
}
