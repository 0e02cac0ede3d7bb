import { systemClock } from '../../src/contract/clock.ts';
import {
  type AdminConnection,
  openAdminConnection,
  type RemoteAdminConnection,
} from '../../src/modes/socket/admin-connection.ts';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../support/full-stack.ts';

export function openAdmin(url: string): Promise<RemoteAdminConnection> {
  return openAdminConnection({ url, name: 'test', clock: systemClock });
}

export interface OwnedDatabase extends AsyncDisposable {
  readonly database: TestDatabase;
  /** As the owner, who is no superuser. */
  readonly owner: RemoteAdminConnection;
}

/** A fresh database of the full stack with its owner's connection; both go at the end. */
export async function openOwnedDatabase(options: TestDatabaseOptions = {}): Promise<OwnedDatabase> {
  const database = await createTestDatabase(options);
  const owner = await openAdmin(database.ownerUrl);
  return {
    database,
    owner,
    async [Symbol.asyncDispose]() {
      await owner.close();
      await database.drop();
    },
  };
}

/** The owner's connection alone; closing it drops the database. */
export function disposable({ owner, ...owned }: OwnedDatabase): AdminConnection & AsyncDisposable {
  return {
    where: owner.where,
    user: owner.user,
    database: owner.database,
    query: (text, values) => owner.query(text, values),
    script: (text) => owner.script(text),
    close: () => owner.close(),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}
