import { afterAll } from 'vitest';
import { type AdminConnection, embeddedAdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { createEmbeddedDatabase, type EmbeddedDatabaseOptions } from '../support/embedded-database.ts';

export type DisposableAdmin = AdminConnection & AsyncDisposable;

/** An embedded database that looks like a Supabase project, as its administrator. */
export async function openEmbeddedAdmin(options: EmbeddedDatabaseOptions = {}): Promise<DisposableAdmin> {
  const database = await createEmbeddedDatabase(options);
  return { ...embeddedAdminConnection(database), [Symbol.asyncDispose]: () => database.close() };
}

const EMPTIED = `discard temp; drop schema if exists cdb cascade;
do $$ declare relation text; begin
  for relation in
    select c.oid::regclass::text from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  loop execute format('drop table if exists %s cascade', relation); end loop;
end $$;`;

/** One embedded database for the tests of a block, whose tables and schema `cdb` are made anew each time it is opened. */
export function reopenedEmbeddedAdmin(): (sql: string) => Promise<DisposableAdmin> {
  let admin: DisposableAdmin | undefined;
  afterAll(async () => admin?.[Symbol.asyncDispose]());
  return async (sql) => {
    admin ??= await openEmbeddedAdmin();
    await admin.script('rollback');
    await admin.script(`${EMPTIED} ${sql}`);
    return { ...admin, [Symbol.asyncDispose]: async () => {} };
  };
}
