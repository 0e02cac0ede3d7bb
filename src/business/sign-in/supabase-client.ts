/** What is used of a client of `@supabase/supabase-js`. */
export interface SupabaseClientLike {
  readonly auth: {
    signInWithPassword(credentials: { email: string; password: string }): Promise<SupabaseAnswer>;
    refreshSession(session: { refresh_token: string }): Promise<SupabaseAnswer>;
    readonly admin: {
      /** With the token of a user, which needs no key of the service. */
      signOut(jwt: string, scope: 'local'): Promise<{ readonly error: SupabaseAuthFault | null }>;
    };
  };
}

/** What its methods resolve to; they do not reject. */
export interface SupabaseAnswer {
  readonly data: { readonly session: SupabaseSession | null };
  readonly error: SupabaseAuthFault | null;
}

/** Tokens of a user who has signed in. */
interface SupabaseSession {
  readonly access_token: string;
  readonly refresh_token: string;
  /** Seconds since the epoch. */
  readonly expires_at?: number | undefined;
}

/** Why there is no session. */
export interface SupabaseAuthFault {
  readonly name: string;
  readonly status?: number | undefined;
  readonly code?: string | undefined;
}
