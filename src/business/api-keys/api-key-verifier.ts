/// <reference lib="esnext.disposable" preserve="true" />
import { user } from '../../consolidated/identity/actors.ts';
import type { Querying } from '../../consolidated/typed/querying.ts';
import type { Clock } from '../../contract/clock.ts';
import { AuthenticationError } from '../../contract/errors.ts';
import type { UserIdentity } from '../../contract/identity.ts';
import type { FoundKey, KeyVerificationSchema } from './api-keys-schema.ts';
import { ChangeWatch, type ListeningHandle } from './change-watch.ts';
import { hashOfKey, type KeyFormat } from './key-format.ts';
import { KeyLookups } from './key-lookups.ts';
import { KeyUses } from './key-uses.ts';

/** What a verifier holds and did. */
export interface ApiKeyVerifierStats {
  /** Keys that were valid when they were asked for last. */
  readonly keys: number;
  /** Whether changes of other processes are subscribed to. */
  readonly isListening: boolean;
  /** Questions to the database. */
  readonly lookups: number;
  /** Keys that were refused, by their form or by the database. */
  readonly refused: number;
  /** Keys whose last use is not written yet. */
  readonly pendingUses: number;
  /** How often last uses could not be written. They are written with the next ones. */
  readonly failedFlushes: number;
}

interface VerifierParts {
  readonly handle: Querying<KeyVerificationSchema> & ListeningHandle;
  readonly listens: boolean;
  readonly format: KeyFormat;
  readonly clock: Clock;
  readonly rememberMs: number;
  readonly identityLifetimeMs: number;
  readonly flushEveryMs: number;
  readonly maxKeys: number;
  readonly maxLookups: number;
}

/**
 * Turns API keys into identities. `createApiKeyVerifier` makes it, once for a process: it remembers keys, listens, and collects
 * when they were used. Close it before the service.
 */
export interface ApiKeyVerifier extends AsyncDisposable {
  /**
   * The user of a valid key, for `db.as`: with `sub`, the role `authenticated`, `amr: [{ method: 'api_key' }]`, `api_key_id`,
   * `scopes`, and `exp` within the lifetime of the key and `identityLifetimeMs`.
   *
   * Everything else is an `AuthenticationError` of code `API_KEY_INVALID`, the same for a key that is malformed, unknown, revoked,
   * replaced or expired, and for one whose user is banned or gone. While the database cannot be asked, it rejects with the error of
   * the service, and while too many unknown keys are tried, with an `OverloadedError` of code `API_KEY_LOOKUPS_FULL`.
   */
  verify(key: unknown): Promise<UserIdentity>;
  /** Since it was made. */
  stats(): ApiKeyVerifierStats;
  /** Stops listening, and writes when keys were used last. It never rejects because of the database. */
  close(): Promise<void>;
}

/** A verifier and its parts. */
export class KeyVerifier implements ApiKeyVerifier {
  readonly #parts: VerifierParts;
  readonly #lookups: KeyLookups;
  readonly #uses: KeyUses;
  readonly #watch: ChangeWatch | undefined;
  #asked = 0;
  #refused = 0;

  constructor(parts: VerifierParts) {
    const { handle, listens, clock } = parts;
    this.#parts = parts;
    this.#lookups = new KeyLookups({
      ...parts,
      find: async (hash) => {
        this.#asked += 1;
        const [found] = await handle.outside(() => handle.rpc('find_api_key', { hash }));
        return found;
      },
    });
    this.#uses = new KeyUses({
      ...parts,
      write: (uses) =>
        handle.outside(() =>
          handle.rpc(
            'note_api_key_uses',
            {
              key_ids: [...uses.keys()],
              used_at: [...uses.values()].map((at) => new Date(at).toISOString()),
            },
            { writes: ['api_keys'] },
          ),
        ),
    });
    this.#watch = listens ? new ChangeWatch(handle, () => this.#lookups.outdate(), clock) : undefined;
  }

  async verify(key: unknown): Promise<UserIdentity> {
    if (!this.#parts.format.isWellFormed(key)) throw this.#refusal();
    this.#watch?.start();
    const found = await this.#lookups.get(hashOfKey(key));
    const identity = found === undefined ? undefined : this.#identityOf(found);
    if (found === undefined || identity === undefined) throw this.#refusal();
    this.#uses.note(found.id);
    return identity;
  }

  stats(): ApiKeyVerifierStats {
    return {
      keys: this.#lookups.size,
      isListening: this.#watch?.isStarted ?? false,
      lookups: this.#asked,
      refused: this.#refused,
      pendingUses: this.#uses.pending,
      failedFlushes: this.#uses.failures,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#watch?.close(), this.#uses.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Undefined for a key that has expired since it was looked up. */
  #identityOf({ id, user_id, scopes, expires_at }: FoundKey): UserIdentity | undefined {
    const { clock, identityLifetimeMs } = this.#parts;
    const now = clock.wallNow();
    const expiresAt = expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at);
    if (expiresAt <= now) return undefined;
    // In whole seconds, so that calls of the same second have the same claims, and the service knows them again.
    const until = Math.min(expiresAt, Math.ceil((now + identityLifetimeMs) / 1_000) * 1_000);
    return user({
      sub: user_id,
      role: 'authenticated',
      aud: 'authenticated',
      exp: until / 1_000,
      amr: [{ method: 'api_key' }],
      api_key_id: id,
      scopes: [...scopes],
    });
  }

  /** One and the same for every reason, or somebody could ask which keys there are. */
  #refusal(): AuthenticationError {
    this.#refused += 1;
    return new AuthenticationError('The API key is invalid.', { code: 'API_KEY_INVALID' });
  }
}
