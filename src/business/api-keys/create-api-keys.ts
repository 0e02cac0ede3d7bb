import { checkOptions, ownOptions } from '../../consolidated/compile/check-options.ts';
import { type Clock, systemClock } from '../../contract/clock.ts';
import type { ModuleHandle } from '../module-handle.ts';
import type { ApiKeys } from './api-keys.ts';
import type { ApiKeysSchema } from './api-keys-schema.ts';
import { KeyFormat } from './key-format.ts';
import { TableApiKeys } from './table-api-keys.ts';

/** Options of `createApiKeys`. */
export interface ApiKeysOptions {
  /**
   * How keys begin, so that scanners for secrets find them: 2 to 7 lower-case letters or digits, the first a letter. The verifier
   * needs the same.
   *
   * @defaultValue 'cdb'
   */
  readonly brand?: string | undefined;
  /** Time, for tests. @defaultValue the clock of the system */
  readonly clock?: Clock | undefined;
}

const KNOWN = { method: 'createApiKeys', names: new Set(['brand', 'clock']) };

/**
 * The API keys of whoever the handle acts as: a signed-in user. Row level security shows users their own keys, and lets no API key
 * make, change or delete any. `createApiKeyVerifier` is the other half.
 *
 * It caches nothing, and needs the tables of the migrations of this package.
 *
 * @throws UsageError for an option that is wrong
 *
 * @example
 * ```ts
 * const keys = createApiKeys(db.withToken(token));
 * const { key, record } = await keys.create({ name: 'ci', scopes: ['trips:read'] });
 * response.json({ ...record, key: key.reveal() }); // the only time that anybody sees it
 * ```
 */
export function createApiKeys<S>(
  handle: ModuleHandle<S, ApiKeysSchema>,
  given: ApiKeysOptions = {},
): ApiKeys {
  const options = ownOptions(given);
  checkOptions(options, KNOWN);
  const { brand, clock = systemClock } = options;
  return new TableApiKeys(handle, new KeyFormat(brand), clock);
}
