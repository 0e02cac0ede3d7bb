import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createDatabaseService, user } from '../../src/index.ts';

const SQL = `
  create table if not exists counters (n int);
  insert into counters select 0 where not exists (select from counters);
  grant all on counters to authenticated`;

it('a kept result outlives the embedded database that keeps its data, which makes the schema cdb once', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cdb-keys-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const seen: unknown[] = [];
  for (let opened = 0; opened < 2; opened++) {
    await using db = createDatabaseService({ embedded: { dataDir, sql: SQL } });
    const mine = db.as(user({ sub: 'somebody' }));
    seen.push(
      await mine.sql({
        idempotencyKey: 'once',
      })`update counters set n = n + 1 returning n, clock_timestamp() as at`,
    );
    expect(await mine.select('counters')).toEqual([{ n: 1 }]);
  }
  expect(seen[1]).toStrictEqual(seen[0]);
}, 120_000);
