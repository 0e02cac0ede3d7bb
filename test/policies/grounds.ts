import type { PGlite } from '@electric-sql/pglite';
import { createDatabaseService, type DatabaseServiceOptions } from '../../src/index.ts';
import type { TestDatabase } from '../support/full-stack.ts';
import type { Ground } from './ground.ts';

/** What a run has open: the ground, and how to close it. */
export interface OpenGround extends Ground, AsyncDisposable {}

/** Mostly direct; some in session and in transaction mode. */
export function stackGround(database: TestDatabase): OpenGround {
  const { user, service } = database;
  return ground(
    [
      { direct: user.direct, service: { direct: service.direct } },
      { session: user.session, service: { session: service.session } },
      { transaction: user.transaction, service: { transaction: service.transaction } },
    ],
    (text, values) => database.query(text, values),
  );
}

/** In direct mode alone, which begins sooner. */
export function directGround(database: TestDatabase): OpenGround {
  const { user, service } = database;
  return ground([{ direct: user.direct, service: { direct: service.direct } }], (text, values) =>
    database.query(text, values),
  );
}

export function embeddedGround(pglite: PGlite): OpenGround {
  const query: Ground['query'] = async (text, values) => {
    if (values !== undefined) return (await pglite.query<object>(text, [...values])).rows;
    return ((await pglite.exec(text)).at(-1)?.rows ?? []) as readonly object[];
  };
  return ground([{ embedded: { pglite } }], query, ' --embedded');
}

function ground(ways: readonly DatabaseServiceOptions[], query: Ground['query'], flags = ''): OpenGround {
  const services = ways.map((way) => ({
    db: createDatabaseService({ ...way, onWarning: () => {} }),
    hasTransactions: way.transaction === undefined,
  }));
  return {
    flags,
    query,
    services,
    async [Symbol.asyncDispose]() {
      for (const { db } of services) await db.close({ drainMs: 1_000 });
    },
  };
}
