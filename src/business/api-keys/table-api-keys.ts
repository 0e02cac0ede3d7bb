import type { Clock } from '../../contract/clock.ts';
import { ConflictError } from '../../contract/errors.ts';
import { checkInput } from '../check-input.ts';
import { createRepository } from '../create-repository.ts';
import { checkId } from '../input-fields.ts';
import type { Repository, RepositoryHandle } from '../repository.ts';
import { ApiKeySecret } from './api-key-secret.ts';
import type { ApiKeys, CreatedApiKey, KeyPage, KeyRotation, ListedKeys, NewApiKey } from './api-keys.ts';
import { type ApiKeyRecord, type ApiKeysSchema, RECORD_COLUMNS } from './api-keys-schema.ts';
import { hashOfKey, type KeyFormat } from './key-format.ts';
import { inFuture, LISTING, NEW_KEY, RENAMED_KEY, ROTATION } from './key-input.ts';

/** API keys as rows. */
export class TableApiKeys implements ApiKeys {
  readonly #handle: RepositoryHandle<ApiKeysSchema>;
  readonly #keys: Repository<ApiKeysSchema, 'api_keys', 'id'>;
  readonly #format: KeyFormat;
  readonly #clock: Clock;

  constructor(handle: RepositoryHandle<ApiKeysSchema>, format: KeyFormat, clock: Clock) {
    this.#handle = handle;
    this.#keys = createRepository(handle, 'api_keys');
    this.#format = format;
    this.#clock = clock;
  }

  async create(given: NewApiKey): Promise<CreatedApiKey> {
    const { name, scopes, expiresAt } = checkInput(NEW_KEY, given);
    const expires_at = inFuture(expiresAt, this.#clock);
    const { key, row } = this.#issue();
    const record = await this.#keys.create(
      { name, scopes, expires_at, ...row },
      { returning: RECORD_COLUMNS },
    );
    return { key, record };
  }

  async list(which: ListedKeys = {}): Promise<KeyPage> {
    const { limit, after } = checkInput(LISTING, which);
    return this.#keys.list({
      columns: RECORD_COLUMNS,
      orderBy: { column: 'created_at', direction: 'desc' },
      limit,
      after,
    });
  }

  async rename(id: string, name: string): Promise<ApiKeyRecord> {
    return this.#keys.update(checkId(id), checkInput(RENAMED_KEY, { name }), { returning: RECORD_COLUMNS });
  }

  async revoke(id: string): Promise<ApiKeyRecord> {
    // A trigger keeps the time of the first revocation.
    return this.#keys.update(checkId(id), { revoked_at: this.#at(0) }, { returning: RECORD_COLUMNS });
  }

  async rotate(id: string, rotation: KeyRotation = {}): Promise<CreatedApiKey> {
    const { overlapMs, expiresAt } = checkInput(ROTATION, rotation);
    const old = await this.#keys.get(checkId(id), { columns: RECORD_COLUMNS });
    this.#assertActive(old);
    const expires_at = expiresAt === undefined ? this.#renewedExpiry(old) : inFuture(expiresAt, this.#clock);
    const ends = this.#at(overlapMs);
    const { key, row } = this.#issue();
    const { build } = this.#handle;
    const { name, scopes, revoked_at, replaced_at } = old;
    const [, record] = await this.#handle.batch([
      build.update(
        'api_keys',
        {
          replaced_at: this.#at(0),
          expires_at: isEarlier(old.expires_at, ends) ? old.expires_at : ends,
        },
        {
          filters: { id },
          // What was read decides what is written: two rotations at once make one key.
          unchanged: { name, scopes, expires_at: old.expires_at, revoked_at, replaced_at },
          returning: false,
        },
      ),
      build.insert('api_keys', { name, scopes, expires_at, ...row }, { returning: RECORD_COLUMNS }),
    ]);
    return { key, record };
  }

  async remove(id: string): Promise<void> {
    await this.#keys.remove(checkId(id));
  }

  #issue(): { readonly key: ApiKeySecret; readonly row: { key_prefix: string; key_hash: string } } {
    const { text, prefix } = this.#format.issue();
    return {
      key: new ApiKeySecret(text, prefix),
      row: { key_prefix: prefix, key_hash: hashOfKey(text).toString('hex') },
    };
  }

  #assertActive({ revoked_at, replaced_at, expires_at }: ApiKeyRecord): void {
    const fault =
      revoked_at !== null
        ? 'was revoked'
        : replaced_at !== null
          ? 'was replaced already'
          : isEarlier(expires_at, this.#at(0))
            ? 'has expired'
            : undefined;
    if (fault === undefined) return;
    throw new ConflictError(`The API key ${fault}, so it cannot be rotated.`, { code: 'API_KEY_NOT_ACTIVE' });
  }

  #renewedExpiry({ created_at, expires_at }: ApiKeyRecord): string | null {
    return expires_at === null ? null : this.#at(Date.parse(expires_at) - Date.parse(created_at));
  }

  /** The time in so many milliseconds. */
  #at(ms: number): string {
    return new Date(this.#clock.wallNow() + ms).toISOString();
  }
}

function isEarlier(time: string | null, than: string): boolean {
  return time !== null && Date.parse(time) <= Date.parse(than);
}
