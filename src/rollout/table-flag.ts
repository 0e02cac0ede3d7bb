import { service } from '../consolidated/identity/actors.ts';
import type { DatabaseHandle } from '../consolidated/typed/database-handle.ts';
import type { Subscription } from '../consolidated/typed/subscription.ts';
import type { ServiceIdentity } from '../contract/identity.ts';
import type { FlagSource, RolloutTrip, StoredRollout } from './flag-source.ts';
import type { RolloutFlag } from './rollout-flag.ts';
import { readTrip } from './stored-trip.ts';

/** What it needs of a service. */
interface FlagDatabase {
  /** As `as` of the service. */
  as(identity: ServiceIdentity): Pick<DatabaseHandle, 'sql' | 'listen'>;
}

/** A flag in the database, which can be set there too. */
export interface TableFlag extends FlagSource {
  /** Sets the flag as a whole. A trip of the guard stays. */
  set(flag: RolloutFlag): Promise<void>;
}

/** A reading that takes longer is begun anew by then. */
const READ_WITHIN_MS = 900;
const CHANNEL = 'cdb_rollout';

/**
 * The flag as a row of the table `cdb.rollout_flags`, which `cdb init` installs. Without a row everything goes to the legacy
 * service. Changes are heard of at once where the service can listen, and by reading otherwise.
 *
 * By SQL: `select cdb.set_rollout('api', '{"percentage": 25}')`, as the service role or as the owner.
 *
 * @param name - tells rollouts of one database apart
 *
 * @example
 * ```ts
 * const flag = tableFlag(db, 'api');
 * const rollout = createRollout({ legacy, consolidated: db, flag });
 * await flag.set({ percentage: 25 });
 * ```
 */
export function tableFlag(db: FlagDatabase, name: string): TableFlag {
  const handle = db.as(service());
  const read = handle.sql({ access: 'read', timeoutMs: READ_WITHIN_MS });
  return {
    async read() {
      const [row] = await read<{ stored: unknown }>`select cdb.rollout_flag(${name}::text) as stored`;
      return storedOf(row?.stored);
    },
    watch(changed) {
      // A service without sessions cannot listen; then it is read often enough anyway.
      const listening: Promise<Subscription | undefined> = handle
        .listen(CHANNEL, (payload) => {
          if (payload === name) changed();
        })
        .catch(() => undefined);
      return async () => (await listening)?.unsubscribe();
    },
    async set(flag) {
      await handle.sql`select cdb.set_rollout(${name}::text, ${JSON.stringify(flag)}::jsonb)`;
    },
    async trip(trip: RolloutTrip) {
      await handle.sql`select cdb.trip_rollout(${name}::text, ${JSON.stringify(trip)}::jsonb)`;
    },
    async reset() {
      await handle.sql`select cdb.reset_rollout(${name}::text)`;
    },
  };
}

function storedOf(stored: unknown): StoredRollout {
  if (!Array.isArray(stored)) return { flag: undefined, trip: undefined };
  const [flag, trip]: unknown[] = stored;
  return { flag, trip: trip === null || trip === undefined ? undefined : readTrip(trip) };
}
