import type { ApiKeySecret } from './api-key-secret.ts';
import type { ApiKeyRecord } from './api-keys-schema.ts';

/** Fields of a new API key. */
export interface NewApiKey {
  /** 1 to 100 characters. Unique among the keys of its user that are neither revoked nor replaced. */
  readonly name: string;
  /** At most 50, each of 1 to 64 letters, digits and `:._*-`, such as `trips:read`. What they mean is yours. @defaultValue [] */
  readonly scopes?: readonly string[] | undefined;
  /** A `Date`, or a time with its zone as text. @defaultValue null, which is never */
  readonly expiresAt?: Date | string | null | undefined;
}

/** A key that was made, and its record. */
export interface CreatedApiKey {
  /** To be shown once: `key.reveal()`. Printed or serialized, it shows its prefix alone. */
  readonly key: ApiKeySecret;
  readonly record: ApiKeyRecord;
}

/** How a key is rotated. */
export interface KeyRotation {
  /** Milliseconds for which the old key stays valid, 30 days at most, and never beyond its own expiry. @defaultValue 0 */
  readonly overlapMs?: number | undefined;
  /** When the new key expires. @defaultValue as long after now as the old key was made to live, or never */
  readonly expiresAt?: Date | string | null | undefined;
}

/** Which keys to list. */
export interface ListedKeys {
  /** Keys of a page, from 1 to 1000. @defaultValue 100 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: { readonly id?: string; readonly created_at?: string } | undefined;
}

/** A page of keys, and what to pass as `after`: `undefined` on the last page. */
export interface KeyPage {
  readonly rows: readonly ApiKeyRecord[];
  readonly next: { readonly id?: string; readonly created_at?: string } | undefined;
}

/**
 * The API keys of one user. `createApiKeys` makes it.
 *
 * Errors in addition to the common ones: `ValidationError` for a field that is wrong, `NotFoundError` for a key that is not the
 * user's, `AuthorizationError` for a caller who uses an API key.
 */
export interface ApiKeys {
  /** Makes a key. A name that is taken is a `UniqueConstraintError`. */
  create(key: NewApiKey): Promise<CreatedApiKey>;
  /** The latest first, revoked and expired ones included. */
  list(which?: ListedKeys): Promise<KeyPage>;
  /** Another name; the key itself stays. */
  rename(id: string, name: string): Promise<ApiKeyRecord>;
  /** For ever, in every process within a second. Revoking it again does nothing. */
  revoke(id: string): Promise<ApiKeyRecord>;
  /**
   * Makes another key of the same name and scopes, and ends the old one after the overlap; both or neither. A key that is revoked,
   * expired or replaced already is a `ConflictError` of code `API_KEY_NOT_ACTIVE`.
   */
  rotate(id: string, rotation?: KeyRotation): Promise<CreatedApiKey>;
  /** Deletes its record. The key is dead within a second, as when it is revoked. */
  remove(id: string): Promise<void>;
}
