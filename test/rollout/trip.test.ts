import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  ConnectionError,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRollout,
  type RolloutEvent,
  service,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { MemoryFlag } from './memory-flag.ts';
import { countedSide, posingSide } from './posing-side.ts';

let pglite: PGlite;
let db: ConsolidatedDatabaseService;

beforeAll(async () => {
  pglite = await createEmbeddedDatabase({
    sql: 'create table notes (id int); grant all on notes to service_role',
  });
  db = createDatabaseService({ embedded: { pglite }, cache: { onlyWatched: true } });
});
afterAll(async () => {
  await db.close();
  await pglite.close();
});

it('a consolidated side that fails gets no calls after the guard has looked, and gets them again after a reset', async () => {
  let isAway = true;
  const legacy = countedSide(db);
  const consolidated = countedSide(db);
  const events: RolloutEvent[] = [];
  await using rollout = createRollout({
    legacy: legacy.side,
    consolidated: posingSide(consolidated.side, (_, ask) =>
      isAway ? Promise.reject(new ConnectionError('away')) : ask(),
    ),
    flag: new MemoryFlag({ percentage: 100 }),
    guard: { minCalls: 20 },
    onEvent: (event) => void events.push(event),
  });
  await rollout.ready();
  const all = rollout.as(service());
  for (let n = 0; n < 20; n++) await expect(all.count('notes')).rejects.toThrow(ConnectionError);
  await expect
    .poll(() => rollout.status().trip, { timeout: 30_000 })
    .toMatchObject({
      ...{ reason: 'errors', operation: 'count', table: 'notes', consolidated: 1, legacy: 0 },
    });
  for (let n = 0; n < 20; n++) expect(await all.count('notes')).toBe(0);
  expect([legacy.calls.length, consolidated.calls.length]).toEqual([20, 0]);
  isAway = false;
  await rollout.reset();
  expect(await all.count('notes')).toBe(0);
  expect([legacy.calls.length, consolidated.calls.length]).toEqual([20, 1]);
  expect(events.map(({ type }) => type)).toEqual(['flag', 'tripped', 'reset']);
  expect(rollout.status().calls).toMatchObject([
    { consolidated: { calls: 21, faults: 20 }, legacy: { calls: 20, faults: 0 } },
  ]);
});
