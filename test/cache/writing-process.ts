/** A process of its own that writes through a service, and says when each write was answered. */
import { createDatabaseService, service } from '../../src/index.ts';

const count = Number(process.argv[2]);
const db = createDatabaseService({
  direct: process.env.CDB_DIRECT_URL ?? '',
  service: { direct: process.env.CDB_SERVICE_DIRECT_URL ?? '' },
});
const now = (): number => performance.timeOrigin + performance.now();
for (let i = 0; i < count; i += 1) {
  await db.as(service()).insert(`table_${i}`, { id: i });
  process.stdout.write(`${JSON.stringify({ table: `public.table_${i}`, at: now() })}\n`);
}
await db.close();
