import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  createTestDatabase,
  describeFullStack,
  type TestDatabase,
} from '../../../test/support/full-stack.ts';
import { benchUrls } from '../../database.ts';
import type { CaseName, Limit } from '../contender.ts';
import type { Group } from '../group.ts';
import { planned } from '../plan.ts';
import { Questions, tripsSql, WORLD_SQL } from '../world.ts';
import { pgbench } from './pgbench.ts';
import { rawSocket } from './raw-socket.ts';

const SIZE = { rows: 400, users: 100, vectors: 0 };
const PATIENCE_MS = 120_000;

/** What a limit must prove, on a server that may have forgotten a policy. The contenders that are clients prove it in `own-rows.ts`. */
describeFullStack('the limits of the suite', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: WORLD_SQL });
  });
  beforeEach(() => database.query(tripsSql(SIZE)));
  afterAll(() => database.drop());

  async function enter(limit: Limit, name: CaseName): Promise<void> {
    const [group] = planned({ ...SIZE, isQuick: true, plots: ['work'], cases: [name], modes: ['direct'] });
    const target = { url: benchUrls(database).direct, mode: 'direct', connections: 2 } as const;
    const entrant = await limit.enter(group as Group, target, new Questions(SIZE, []));
    await entrant.close();
  }

  it.each([rawSocket, ...(pgbench.missing?.() === undefined ? [pgbench] : [])])(
    'do not take part where $name sees the rows of a stranger',
    { timeout: PATIENCE_MS },
    async (limit) => {
      for (const name of ['select', 'list', 'insert', 'rpc', 'transaction'] as const)
        await enter(limit, name);
      await database.query(
        'create policy leak on public.bench_trips for select to authenticated using (true)',
      );
      try {
        for (const name of ['select', 'list', 'rpc'] as const) {
          await expect(enter(limit, name), name).rejects.toThrow();
        }
      } finally {
        await database.query('drop policy leak on public.bench_trips');
      }
    },
  );

  it('do not take part where they see nothing', async () => {
    await database.query('alter policy "own trips are shown" on public.bench_trips using (false)');
    try {
      await expect(enter(rawSocket, 'rpc')).rejects.toThrow(/^raw-socket read rows of/);
    } finally {
      await database.query(
        'alter policy "own trips are shown" on public.bench_trips using ((select auth.uid()) = user_id)',
      );
    }
  });
});
