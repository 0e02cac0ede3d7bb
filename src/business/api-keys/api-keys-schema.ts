/** A row of `public.api_keys`, as the generator prints it. */
type ApiKeyRow = {
  created_at: string;
  expires_at: string | null;
  id: string;
  key_hash: string;
  key_prefix: string;
  last_used_at: string | null;
  name: string;
  replaced_at: string | null;
  revoked_at: string | null;
  scopes: string[];
  updated_at: string;
  user_id: string;
};

/** What API keys need of a schema. */
export type ApiKeysSchema = {
  Tables: {
    api_keys: {
      Row: ApiKeyRow;
      Insert: Partial<ApiKeyRow> & Pick<ApiKeyRow, 'key_hash' | 'key_prefix' | 'name'>;
      Update: Partial<ApiKeyRow>;
    };
  };
  Views: Record<never, never>;
  Functions: Record<never, never>;
};

/** What `find_api_key` returns of a key that is valid now. */
export interface FoundKey {
  readonly id: string;
  readonly user_id: string;
  readonly key_hash: string;
  readonly scopes: readonly string[];
  readonly expires_at: string | null;
}

/** What their verification needs: functions that the service role alone may call. */
export type KeyVerificationSchema = {
  Tables: Record<never, never>;
  Views: Record<never, never>;
  Functions: {
    find_api_key: {
      Args: { hash: string };
      Returns: { expires_at: string; id: string; key_hash: string; scopes: string[]; user_id: string }[];
    };
    note_api_key_uses: { Args: { key_ids: string[]; used_at: string[] }; Returns: number };
  };
};

/** All columns but the hash. */
export const RECORD_COLUMNS = [
  'id',
  'user_id',
  'name',
  'key_prefix',
  'scopes',
  'last_used_at',
  'expires_at',
  'revoked_at',
  'replaced_at',
  'created_at',
  'updated_at',
] as const;

/** What is known of an API key: all but the key, which nobody knows again, and its hash. */
export type ApiKeyRecord = Pick<ApiKeyRow, (typeof RECORD_COLUMNS)[number]>;
