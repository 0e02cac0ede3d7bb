import type {
  DatabaseShape,
  DefaultSchema,
  SchemaName,
  UntypedDatabase,
} from '../../consolidated/typed/schema-names.ts';
import type { LegacyDatabaseService } from './legacy-database-service.ts';
import { LegacyHandle } from './legacy-handle.ts';
import { type LegacyDatabaseOptions, parseLegacyOptions } from './legacy-options.ts';
import { RecordedFetch } from './recorded-fetch.ts';
import { QuerySender } from './sent-query.ts';

/**
 * Makes the database service that most projects have today: supabase-js over the Data API, row level security by the user's
 * token. It gives the same values and the same classes of errors as the service does, so that `createRollout` can compare the two
 * and switch between them.
 *
 * What the Data API cannot do is refused with `NOT_OVER_DATA_API`. What it does otherwise is in docs/migrating.md.
 *
 * @throws ConfigurationError `INVALID_OPTION`
 *
 * @example
 * ```ts
 * import { createClient } from '@supabase/supabase-js';
 *
 * const legacy = createLegacyDatabase<Database>({ createClient, url: process.env.SUPABASE_URL, key: process.env.SUPABASE_KEY });
 * const trips = await legacy.withToken(token).select('trips', { limit: 20 });
 * ```
 */
export function createLegacyDatabase<
  DB extends DatabaseShape<DB> = UntypedDatabase,
  Schema extends SchemaName<DB> = DefaultSchema<DB>,
>(
  options: Omit<LegacyDatabaseOptions, 'schema'> & { readonly schema?: Schema | undefined },
): LegacyDatabaseService<DB[Schema]> {
  const config = parseLegacyOptions(options);
  const recorded = new RecordedFetch(config.fetch);
  return new LegacyHandle({
    config,
    sender: new QuerySender(recorded, config.timeoutMs, config.clock),
    recorded,
    caller: undefined,
  });
}
