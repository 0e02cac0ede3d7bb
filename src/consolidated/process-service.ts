import { optionsFromEnvironment } from './options/environment.ts';
import { createDatabaseService } from './service.ts';
import type { CloseOptions, ConsolidatedDatabaseService } from './typed/database-service.ts';
import type { DatabaseShape, UntypedDatabase } from './typed/schema-names.ts';

let shared: ConsolidatedDatabaseService<UntypedDatabase> | undefined;

/**
 * The process-wide service, created on first use from the environment; see `optionsFromEnvironment` for the
 * variables.
 *
 * @example
 * ```ts
 * const trips = await getDatabaseService<Database>().withToken(token).select('trips');
 * ```
 */
export function getDatabaseService<
  DB extends DatabaseShape<DB> = UntypedDatabase,
>(): ConsolidatedDatabaseService<DB>;
export function getDatabaseService(): ConsolidatedDatabaseService<UntypedDatabase> {
  shared ??= makeShared();
  return shared;
}

function makeShared(): ConsolidatedDatabaseService<UntypedDatabase> {
  const made = createDatabaseService(optionsFromEnvironment(process.env));
  const { close } = made;
  // After it is closed, a new one can be created.
  return Object.assign(made, {
    close(options?: CloseOptions): Promise<void> {
      if (shared === made) shared = undefined;
      return close(options);
    },
  });
}

/** Closes the process-wide service; the next `getDatabaseService()` makes a new one. */
export async function closeDatabaseService(): Promise<void> {
  const closing = shared;
  shared = undefined;
  await closing?.close();
}
