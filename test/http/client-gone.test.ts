import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forExpress, requestSignal } from '../../src/http/index.ts';
import { anonymous, type ConsolidatedDatabaseService, createDatabaseService } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FRAMEWORKS } from './frameworks.ts';

describeFullStack('a client that goes away', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;

  beforeAll(async () => {
    database = await createTestDatabase();
    db = createDatabaseService({ ...database.user, service: database.service });
    await db.as(anonymous()).sql`select 1`;
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const sleeping = async (): Promise<number> => {
    const rows = await database.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and state = 'active' and query like '%pg_sleep(%' and pid <> pg_backend_pid()`,
    );
    return rows.length;
  };
  const until = async (wanted: number): Promise<void> => {
    while ((await sleeping()) !== wanted) await setImmediate();
  };

  describe.each(Object.entries(FRAMEWORKS))('from %s', (_name, start) => {
    it('takes its statement along, which is no fault that is logged', async () => {
      const logged: object[] = [];
      const ended = Promise.withResolvers<unknown>();
      const sleep = () => db.sql({ signal: requestSignal(), timeoutMs: 60_000 })`select pg_sleep(60)::text`;
      await using app = await start({
        db,
        options: { log: (fault) => logged.push(fault) },
        routes: {
          'GET /sleep': () =>
            sleep().catch((error: unknown) => {
              ended.resolve(error);
              throw error;
            }),
        },
      });
      const client = new AbortController();
      const answer = fetch(`${app.url}/sleep`, { signal: client.signal }).catch(() => 'gone');
      await until(1);
      client.abort();
      expect(await answer).toBe('gone');
      expect(await ended.promise).toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
      await until(0);
      await setImmediate();
      expect(logged).toEqual([]);
    });
  });

  it('before the middleware has gone away all the same', async () => {
    const left = Promise.withResolvers<void>();
    const signals: (AbortSignal | undefined)[] = [];
    const route = Promise.withResolvers<void>();
    const client = new AbortController();
    const app = express();
    app.use((_request, response, next) => {
      response.once('close', () => setImmediate().then(() => next()));
      client.abort();
    });
    app.use(forExpress(db, { log: () => {} }).caller, () => {
      signals.push(requestSignal());
      route.resolve();
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await fetch(`http://127.0.0.1:${port}`, { signal: client.signal }).catch(() => left.resolve());
    await Promise.all([left.promise, route.promise]);
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
    server.close();
  });
});
