import { type AdminConnection, embeddedAdminConnection } from '../../src/modes/socket/admin-connection.ts';
import { createEmbeddedDatabase, type EmbeddedDatabaseOptions } from '../support/embedded-database.ts';

export type DisposableAdmin = AdminConnection & AsyncDisposable;

/** An embedded database that looks like a Supabase project, as its administrator. */
export async function openEmbeddedAdmin(options: EmbeddedDatabaseOptions = {}): Promise<DisposableAdmin> {
  const database = await createEmbeddedDatabase(options);
  return { ...embeddedAdminConnection(database), [Symbol.asyncDispose]: () => database.close() };
}
