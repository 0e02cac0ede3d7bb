import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/contract/clock.ts';
import {
  ConnectionError,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createRollout,
  type DatabaseOperations,
  op,
  type Rollout,
  type RolloutEvent,
  type RolloutFlag,
  type RolloutOptions,
} from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { MemoryFlag } from './memory-flag.ts';
import { PLANTED } from './planted-differences.ts';
import { type Alter, countedSide, posingSide } from './posing-side.ts';
import { SECRET, tokenOf } from './user-token.ts';

type Public = Database['public'];

const ANA = '00000000-0000-4000-8000-00000000000a';
const PATIENT = { timeoutMs: 60_000 };

let pglite: PGlite;
let db: ConsolidatedDatabaseService<Database>;
let token: string;

beforeAll(async () => {
  pglite = await createEmbeddedDatabase({
    migrated: true,
    sql: `insert into auth.users (id) values ('${ANA}');
      insert into profiles (id, username, email) values ('${ANA}', 'ana', 'ana@x.y');
      insert into destinations (name, country_code, population, latitude, longitude, embedding)
        select 'town ' || n, 'PT', n % 7, n, n,
          (select array_agg(case when i = n then 2 else 1 end) from generate_series(1, 16) i)::extensions.vector
        from generate_series(1, 12) n;
      insert into trips (owner_id, title, budget, tags, metadata, starts_on)
        select '${ANA}', 'trip ' || n, n * 1.5, array['a', 'b'], '{"from": {"code": "LIS"}}', date '2030-01-01' + n
        from generate_series(1, 12) n`,
  });
  db = createDatabaseService<Database>({
    ...{ embedded: { pglite }, jwt: { secret: SECRET }, cache: { onlyWatched: true } },
  });
  token = await tokenOf(ANA);
});

afterAll(async () => {
  await db.close();
  await pglite.close();
});

async function open(
  options: Partial<RolloutOptions<Public>> & { readonly alter?: Alter; readonly flag?: never } = {},
  flag: RolloutFlag = { shadow: 100 },
): Promise<{
  readonly rollout: Rollout<Public>;
  readonly ana: DatabaseOperations<Public>;
  readonly events: RolloutEvent[];
  readonly consolidated: string[];
  /** Once all comparisons have ended. */
  settled(comparisons: number): Promise<Rollout<Public>>;
}> {
  const { alter = (_, ask) => ask(), ...others } = options;
  const events: RolloutEvent[] = [];
  const counted = countedSide<Public>(db);
  const rollout = createRollout<Public>({
    legacy: db,
    consolidated: posingSide(counted.side, alter),
    flag: new MemoryFlag(flag),
    onEvent: (event) => void events.push(event),
    // A read that a busy machine holds up is no failure of the other side.
    shadow: PATIENT,
    ...others,
  });
  await rollout.ready();
  return {
    ...{ rollout, events, consolidated: counted.calls, ana: rollout.withToken(token) },
    async settled(comparisons) {
      await expect
        .poll(() => Object.values(rollout.status().shadow).reduce((all, count) => all + count), {
          timeout: 30_000,
        })
        .toBe(comparisons);
      return rollout;
    },
  };
}

describe('a comparison', () => {
  it.each(PLANTED.map((planted) => [planted.name, planted] as const))(
    'finds %s',
    async (_, { ask, alter, difference }) => {
      const { ana, settled, events, rollout } = await open({ alter });
      await ask(ana).catch(() => undefined);
      expect((await settled(1)).status().shadow).toMatchObject({ different: 1 });
      expect(events.at(-1)).toMatchObject({ type: 'difference', difference });
      expect(JSON.stringify(events)).not.toMatch(/trip \d|town \d|LIS|wrong/);
      await rollout.close();
    },
  );

  it.each(PLANTED.map((planted) => [planted.name, planted] as const))(
    'finds nothing where there is no difference: the read of %s',
    async (_, { ask }) => {
      const { ana, settled, rollout } = await open();
      await ask(ana).catch(() => undefined);
      expect((await settled(1)).status().shadow).toMatchObject({ same: 1 });
      await rollout.close();
    },
  );

  it('gives the caller the answer of the legacy service, also where the other one never answers', async () => {
    const { ana, rollout } = await open({ alter: () => new Promise(() => {}) });
    expect(await ana.count('trips')).toBe(12);
    await rollout.close();
  });

  it('sees the answer as the caller got it, whatever the caller does to it', async () => {
    const { ana, settled, consolidated } = await open();
    const [trip] = await ana.select('trips', { orderBy: 'title', limit: 1 });
    if (trip !== undefined) {
      trip.title = 'changed';
      trip.tags.push('changed');
    }
    expect((await settled(1)).status().shadow.same).toBe(1);
    // Asked once: nothing seemed to differ.
    expect(consolidated).toEqual(['select trips']);
  });

  it('asks what the caller asked, whatever the caller does to its objects', async () => {
    const { ana, settled, consolidated } = await open();
    const titles = ['trip 1', 'trip 2'];
    const filters = { title: op.in(titles) };
    const reading = ana.select('trips', { filters });
    titles.length = 0;
    filters.title = op.in(['none']);
    expect(await reading).toHaveLength(2);
    expect((await settled(1)).status().shadow.same).toBe(1);
    expect(consolidated).toEqual(['select trips']);
  });

  it('goes on where the caller gives up', async () => {
    const { ana, settled } = await open();
    const given = new AbortController();
    await ana.count('trips', { signal: given.signal });
    given.abort();
    expect((await settled(1)).status().shadow.same).toBe(1);
  });

  it('counts what cannot be reached as a failure, and not as a difference', async () => {
    const away: Alter = () => Promise.reject(new ConnectionError('away'));
    const { ana, settled, events } = await open({ alter: away });
    await ana.count('trips');
    expect((await settled(1)).status().shadow).toMatchObject({ failed: 1, different: 0 });
    expect(events.some(({ type }) => type === 'difference')).toBe(false);
  });

  it('does not count a difference that a write in between has made', async () => {
    let isFirst = true;
    const { ana, settled } = await open({
      alter: async (_, ask) => {
        if (isFirst) {
          isFirst = false;
          await pglite.query("update trips set budget = budget + 1 where title = 'trip 3'");
        }
        return ask();
      },
    });
    await ana.select('trips');
    expect((await settled(1)).status().shadow).toMatchObject({ same: 1, different: 0 });
  });

  it('does not count a difference that is another one each time', async () => {
    let answers = 0;
    const { ana, settled } = await open({
      alter: async () => {
        answers += 1;
        return answers;
      },
    });
    await ana.count('trips', { filters: { title: 'none' } });
    expect((await settled(1)).status().shadow).toMatchObject({ unsettled: 1, different: 0 });
  });

  it('is made of reads alone: nothing is written twice', async () => {
    const { ana, consolidated } = await open();
    const { id } = await ana.insert('trips', { title: 'once' });
    await ana.update('trips', { title: 'again' }, { filters: { id } });
    await ana.upsert('trips', { id, title: 'and again' });
    await ana.rpc('clone_trip', { trip_id: id });
    await ana.delete('trips', { filters: { title: op.like('%again%') } });
    await expect.poll(() => ana.count('trips')).toBe(12);
    await expect.poll(() => consolidated).toEqual(['count trips']);
  });

  it('is made of a function only where it is known to write nothing', async () => {
    const { ana, settled, consolidated } = await open({ readFunctions: ['count_trips'] });
    await ana.rpc('count_trips');
    await settled(1);
    expect(consolidated[0]).toBe('rpc count_trips');
  });

  it('keeps to its budget', async () => {
    const { ana, settled } = await open({
      shadow: { ...PATIENT, maxPerSecond: 2, maxConcurrent: 2 },
      // Time that stands still refills no budget, however long the calls take.
      clock: { ...systemClock, now: () => 0 },
    });
    await Promise.all(Array.from({ length: 10 }, () => ana.count('trips')));
    expect((await settled(10)).status().shadow).toMatchObject({ same: 2, skipped: 8 });
  });

  it('leaves out answers of many rows', async () => {
    const { ana, settled } = await open({ shadow: { ...PATIENT, maxRows: 5 } });
    await ana.select('trips');
    expect((await settled(1)).status().shadow).toMatchObject({ skipped: 1 });
  });

  it('is not made without a share, nor of calls that the consolidated service answers, nor once the switch is thrown', async () => {
    for (const flag of [{}, { shadow: 100, percentage: 100 }, { shadow: 100, killed: true }]) {
      const { ana, rollout } = await open({}, flag);
      await ana.count('trips');
      expect(rollout.status().shadow).toMatchObject({ same: 0, different: 0, skipped: 0, failed: 0 });
    }
  });
});
