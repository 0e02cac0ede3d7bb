import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';
import { systemClock } from '../../src/contract/clock.ts';
import {
  type CallEvent,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
} from '../../src/index.ts';
import {
  type AdminConnection,
  embeddedAdminConnection,
  openAdminConnection,
} from '../../src/modes/socket/admin-connection.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import type { Database } from '../../test/support/database.generated.ts';
import type { ServerTarget } from './arguments.ts';

const MIGRATIONS = fileURLToPath(new URL('../../supabase/migrations', import.meta.url));
const BOOTSTRAP = new URL('../../supabase/bootstrap.sql', import.meta.url);

/** What both kinds of database have in common. */
export interface DemoDatabase {
  readonly admin: AdminConnection;
  /** A service on this database; closing the database closes it. */
  openService(options: DemoServiceOptions): ConsolidatedDatabaseService<Database>;
  /** Applies the pending migrations and returns their number. */
  migrate(): Promise<number>;
  close(): Promise<void>;
}

export interface DemoServiceOptions {
  readonly jwtSecret: string;
  readonly onCall: (event: CallEvent) => void;
  readonly onWarning: (message: string) => void;
}

/** Postgres in this process, in memory: nothing is left when the process ends. */
export async function openEmbeddedDatabase(): Promise<DemoDatabase> {
  const pglite = await PGlite.create({ extensions: { vector } });
  await pglite.exec(await readFile(BOOTSTRAP, 'utf8'));
  return demoDatabase(embeddedAdminConnection(pglite), { embedded: { pglite } }, () => pglite.close());
}

/** The user's own server. */
export async function openServerDatabase(target: ServerTarget): Promise<DemoDatabase> {
  const ca = target.caFile === undefined ? undefined : await readFile(target.caFile, 'utf8');
  const tls = ca === undefined ? {} : { tls: { ca } };
  const admin = await openAdminConnection({
    url: target.adminUrl,
    name: '--admin-url',
    clock: systemClock,
    ...tls,
  });
  const service = target.service === undefined ? {} : { service: target.service };
  return demoDatabase(admin, { ...target.users, ...service, ...tls }, () => admin.close());
}

function demoDatabase(
  admin: AdminConnection,
  connection: DatabaseServiceOptions,
  close: () => Promise<void>,
): DemoDatabase {
  let service: ConsolidatedDatabaseService<Database> | undefined;
  return {
    admin,
    openService({ jwtSecret, onCall, onWarning }) {
      service = createDatabaseService<Database>({
        ...connection,
        jwt: { secret: jwtSecret },
        // The rollout asks for it: beside a legacy service, only tables that tell of every change may be cached.
        cache: { onlyWatched: true },
        onCall,
        onWarning,
      });
      return service;
    },
    async migrate() {
      return (await migrateUp(admin, MIGRATIONS)).length;
    },
    async close() {
      await service?.close();
      await close();
    },
  };
}
