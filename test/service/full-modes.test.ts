import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CallEvent, createDatabaseService, type DatabaseServiceOptions, user } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });
const SQL = `create table notes (id int primary key); grant all on notes to authenticated;
create function slow_write(payload text default '') returns int language sql volatile as 'select 1 from pg_sleep(0.1)';
create function slow_read() returns int language sql stable as 'select 1 from pg_sleep(0.1)';
create function held_write() returns int language sql volatile as 'select 1 from (select pg_advisory_xact_lock_shared(1)) lock'`;

describeFullStack('statements whose mode is full', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  /** A service that has opened nothing but what its first call needs, and the modes that its calls used. */
  async function fixture(options: Partial<DatabaseServiceOptions> = {}) {
    const events: CallEvent[] = [];
    const db = createDatabaseService({
      ...database.user,
      pools: { direct: { max: 4 }, session: { max: 3 } },
      onCall: (event) => events.push(event),
      onWarning: () => {},
      ...options,
    });
    const mine = db.as(ME);
    await mine.rpc('slow_write');
    events.splice(0);
    const used = (kind: CallEvent['kind']) => {
      const counts: Record<string, number> = {};
      for (const { mode = 'none' } of events.filter((event) => event.kind === kind)) {
        counts[mode] = (counts[mode] ?? 0) + 1;
      }
      return counts;
    };
    return { db, mine, events, used, [Symbol.asyncDispose]: () => db.close({ drainMs: 0 }) };
  }

  /** Lets no `held_write` end before it is released. */
  async function holdWrites() {
    const holds = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const held = withSession(database.adminUrl, async ({ query }) => {
      await query('select pg_advisory_lock(1)');
      holds.resolve();
      await release.promise;
    });
    await Promise.race([holds.promise, held]);
    return { held, release };
  }

  const times = <T>(count: number, call: (at: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, at) => call(at)));

  it('are taken by the next mode of their row, and a transaction begins among them', async () => {
    await using scene = await fixture();
    const { held, release } = await holdWrites();
    const writes = times(30, () => scene.mine.rpc('held_write'));
    // It would wait for ever behind one of them.
    expect(await scene.mine.transaction((tx) => tx.sql`select 1 as one`)).toEqual([{ one: 1 }]);
    release.resolve();
    await Promise.all([held, writes]);
    const { session = 0, transaction = 0, ...others } = scene.used('rpc.write');
    expect([session, transaction, others]).toEqual([3, 27, {}]);
    expect(scene.used('transaction')).toEqual({ direct: 1 });
  });

  it('are taken by the next mode also where they are the first ones of all', async () => {
    const events: CallEvent[] = [];
    await using db = createDatabaseService({
      ...database.user,
      pools: { session: { max: 3 } },
      onCall: (event) => events.push(event),
      onWarning: () => {},
    });
    await times(30, () => db.as(ME).rpc('slow_write'));
    const by = (mode: string) => events.filter((event) => event.mode === mode).length;
    expect([by('session'), by('transaction'), by('direct')]).toEqual([3, 27, 0]);
    expect(events.map(({ attempts }) => attempts)).toEqual(events.map(() => 1));
  });

  it('do all that they do in their own mode', async () => {
    await using scene = await fixture();
    const busy = times(3, () => scene.mine.rpc('slow_write'));
    const rows = await times(5, (id) => scene.mine.insert('notes', { id }));
    expect(rows).toEqual([0, 1, 2, 3, 4].map((id) => ({ id })));
    await busy;
    expect(scene.used('insert')).toEqual({ transaction: 5 });
  });

  it('leave half of direct to interactive work', async () => {
    const { direct, session } = database.user;
    await using scene = await fixture({
      direct,
      session,
      transaction: undefined,
      applicationName: 'reserve',
    });
    // Its login is checked.
    await scene.mine.transaction(async (tx) => void (await tx.sql`select 1`));
    await times(20, () => scene.mine.rpc('slow_write'));
    const { session: own = 0, direct: moved = 0 } = scene.used('rpc.write');
    expect(own + moved).toBe(20);
    expect(moved).toBeGreaterThan(0);
    const open = () =>
      database.query<{ count: number }>(
        `select count(*)::int as count from pg_stat_activity where application_name = 'reserve' and datname = current_database()`,
      );
    // Behind PgBouncer the name is gone after the first batch. The second one may still be opening.
    await expect.poll(open).toEqual([{ count: 2 }]);
  });

  it('wait where the login of the other mode was not checked, and start the check', async () => {
    const { direct, session } = database.user;
    await using scene = await fixture({ direct, session, transaction: undefined });
    await times(6, () => scene.mine.rpc('slow_write'));
    expect(scene.used('rpc.write').session).toBeGreaterThanOrEqual(4);
    scene.events.splice(0);
    // The check takes as long as opening a connection does.
    await expect
      .poll(async () => {
        await times(6, () => scene.mine.rpc('slow_write'));
        return scene.used('rpc.write').direct;
      })
      .toBeGreaterThan(0);
  });

  it('wait where the other mode cannot be reached', async () => {
    await using scene = await fixture({
      transaction: 'postgres://nobody:nothing@127.0.0.1:1/nowhere',
      direct: undefined,
      modes: { select: ['session'] },
    });
    await times(9, () => scene.mine.rpc('slow_write'));
    await times(9, () => scene.mine.rpc('slow_write'));
    expect(scene.used('rpc.write')).toEqual({ session: 18 });
  });

  it('wait for the mode that they ask for, and for one that is alone in its row', async () => {
    await using scene = await fixture({ modes: { insert: ['session'] } });
    const busy = times(3, () => scene.mine.rpc('slow_write', undefined, { mode: 'session' }));
    await Promise.all([
      scene.mine.rpc('slow_write', undefined, { mode: 'session' }),
      scene.mine.insert('notes', { id: 100 }),
      busy,
    ]);
    expect([scene.used('rpc.write'), scene.used('insert')]).toEqual([{ session: 4 }, { session: 1 }]);
  });

  it('that are large never move to a pooler in transaction mode, nor does raw SQL', async () => {
    await using scene = await fixture({ pools: { direct: { max: 6 }, session: { max: 1 } } });
    // The login of direct is checked.
    await scene.mine.transaction(async (tx) => void (await tx.sql`select 1`));
    scene.events.splice(0);
    const payload = 'x'.repeat((1 << 20) + 1);
    await times(5, () => scene.mine.rpc('slow_write', { payload }));
    await times(9, () => scene.mine.sql`select pg_sleep(0.02)::text as slept`);
    const used = scene.events.map(({ kind, mode }) => `${kind} ${mode}`);
    expect(used).toContain('rpc.write direct');
    expect(used).toContain('sql session');
    expect(used.filter((one) => one.endsWith('transaction'))).toEqual([]);
  });

  it('are reads that move to sessions when transaction mode is full', async () => {
    await using scene = await fixture({
      pools: { transaction: { max: 1 }, session: { max: 2 }, direct: { max: 2 } },
    });
    await times(8, () => scene.mine.rpc('slow_read'));
    const used = scene.events.map(({ mode }) => mode);
    expect(used).toHaveLength(8);
    expect(used).toContain('session');
    expect(used).toContain('transaction');
  });
});
