import { optionsFromEnvironment } from './environment.ts';
import { createDatabaseService } from './service.ts';
import type { ConsolidatedDatabaseService } from './typed/database-service.ts';
import type { DatabaseShape, UntypedDatabase } from './typed/schema-names.ts';

let shared: ConsolidatedDatabaseService<UntypedDatabase> | undefined;

/**
 * The process-wide service, made on first use from the environment; see `optionsFromEnvironment` for the
 * variables.
 *
 * @example
 * ```ts
 * const trips = await getDatabaseService<Database>().withToken(token).select('trips');
 * ```
 */
export function getDatabaseService<
  DB extends DatabaseShape<DB> = UntypedDatabase,
>(): ConsolidatedDatabaseService<DB> {
  shared ??= createDatabaseService(optionsFromEnvironment(process.env));
  return shared as unknown as ConsolidatedDatabaseService<DB>;
}

/** Closes the process-wide service; the next `getDatabaseService()` makes a new one. */
export async function closeDatabaseService(): Promise<void> {
  const closing = shared;
  shared = undefined;
  await closing?.close();
}
