import type { PGlite } from '@electric-sql/pglite';
import type { TestDatabase } from '../../support/full-stack.ts';
import type { Ground } from './play-searches.ts';

export function embeddedGround(pglite: PGlite): Ground {
  return {
    services: [{ options: { embedded: { pglite } }, hasTransactions: true }],
    run: (sql) => pglite.exec(sql),
  };
}

/** In direct and in transaction mode. */
export function stackGround(database: TestDatabase): Ground {
  const { user, service } = database;
  const { direct, transaction } = user;
  return {
    services: [
      { options: { direct, service: { direct: service.direct } }, hasTransactions: true },
      { options: { transaction, service: { transaction: service.transaction } }, hasTransactions: false },
    ],
    run: (sql) => database.query(sql),
  };
}
