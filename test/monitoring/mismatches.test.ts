import { expect, it } from 'vitest';
import { createDatabaseService, type ServiceEvent } from '../../src/index.ts';
import { EndlessServer } from '../support/network/endless-server.ts';

it('a reply that was not the one that was due is told, and counted, once', async () => {
  const server = new EndlessServer({ batch: 'negative-length' });
  const { port } = await server.start();
  const events: ServiceEvent[] = [];
  const db = createDatabaseService({
    direct: `postgres://user:password@127.0.0.1:${port}/database`,
    metrics: true,
    onEvent: (event) => events.push(event),
    onWarning: () => {},
  });
  expect((await db.healthCheck()).modes).toMatchObject([{ status: 'down', errorCode: 'REPLY_MISMATCH' }]);
  const way = { mode: 'direct', login: 'users' };
  expect(events).toMatchObject([
    { ...way, type: 'connection', change: 'opened' },
    { ...way, type: 'connection', change: 'ended', errorCode: 'REPLY_MISMATCH' },
    { ...way, type: 'mismatch' },
  ]);
  expect((await db.metrics()).body).toContain(
    'cdb_reply_mismatches_total{service="consolidated-db",mode="direct",login="users"} 1',
  );
  await db.close({ drainMs: 0 });
  await server.stop();
});
