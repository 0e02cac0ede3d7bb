/** The tables and functions of sign-in, as `supabase gen types` writes them. */
export interface SignInSchema {
  Tables: {
    sign_in_passwords: {
      Row: PasswordColumns;
      Insert: Partial<PasswordColumns> & Pick<PasswordColumns, 'email' | 'password_hash' | 'user_id'>;
      Update: Partial<PasswordColumns>;
    };
    sign_in_sessions: {
      Row: SessionColumns;
      Insert: Partial<SessionColumns> & Pick<SessionColumns, 'expires_at' | 'token_hash' | 'user_id'>;
      Update: Partial<SessionColumns>;
    };
  };
  Views: Record<never, never>;
  Functions: {
    find_sign_in: { Args: { email: string }; Returns: { password_hash: string; user_id: string }[] };
    open_sign_in: {
      Args: { expires_at: string; password_hash: string; token_hash: string; user_id: string };
      /** The id of the session; null where the password has changed meanwhile. */
      Returns: string;
    };
    refresh_sign_in: {
      Args: { next_token_hash: string; session_id: string; token_hash: string };
      Returns: { created_at: string; email: string; user_id: string }[];
    };
    register_sign_in: { Args: { email: string; password_hash: string }; Returns: string };
  };
}

/** A row of `sign_in_passwords`. */
interface PasswordColumns {
  created_at: string;
  email: string;
  password_hash: string;
  updated_at: string;
  user_id: string;
}

/** A row of `sign_in_sessions`. */
interface SessionColumns {
  created_at: string;
  expires_at: string;
  id: string;
  refreshed_at: string;
  token_hash: string;
  user_id: string;
}
