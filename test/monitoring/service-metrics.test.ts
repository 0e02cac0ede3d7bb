import { Registry, register } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createDatabaseService,
  type DatabaseServiceOptions,
  type ServiceEvent,
  service,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describe('the option metrics', () => {
  it('is off by default: then nothing is kept, and asking says how to have it', async () => {
    await using db = createDatabaseService({ embedded: true });
    const off = { name: 'ConfigurationError', code: 'METRICS_OFF', hint: "Set the option 'metrics: true'." };
    await expect(db.metrics()).rejects.toMatchObject(off);
    expect(() => db.getQueryMetrics()).toThrow(expect.objectContaining(off));
    expect(() => db.getRecentFailures()).toThrow(expect.objectContaining(off));
    expect(db.getConnectionStats()).toMatchObject([{ mode: 'embedded', login: 'users', active: 0 }]);
  });

  it.each<[string, unknown, RegExp]>([
    ['a registry that is none', { registry: {} }, /'metrics.registry' is invalid: must be a Registry/],
    ['a prefix that no name can have', { prefix: 'a-b' }, /'metrics.prefix'/],
    ['buckets that do not grow', { buckets: [1, 1] }, /'metrics.buckets' is invalid: must grow/],
    ['no buckets', { buckets: [] }, /'metrics.buckets'/],
    ['an unknown option', { label: 'a' }, /'metrics.label'/],
  ])('refuses %s', (_, metrics, message) => {
    expect(() => createDatabaseService({ embedded: true, metrics: metrics as never })).toThrow(message);
  });

  it('leaves nothing behind in a registry when the service could not be created', async () => {
    const registry = new Registry();
    const create = (options: DatabaseServiceOptions) =>
      createDatabaseService({ ...options, metrics: { registry, service: 'api' } });
    expect(() => create({})).toThrow(/No database is configured/);
    await using db = create({ embedded: true });
    await db.as(service()).sql`select 1 as one`;
    expect((await db.metrics()).body).toContain('service="api",');
    expect((await db.metrics()).body).not.toContain('api-2');
  });
});

describeFullStack('a service with metrics', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table notes (id int primary key); grant all on notes to authenticated;
        create function held() returns int language sql volatile as 'select 1 from (select pg_advisory_xact_lock_shared(1)) lock'`,
    });
  });
  afterAll(() => database.drop());

  async function scene(options: Partial<DatabaseServiceOptions> = {}) {
    const events: ServiceEvent[] = [];
    const db = createDatabaseService({
      ...database.user,
      metrics: true,
      onEvent: (event) => events.push(event),
      onWarning: () => {},
      ...options,
    });
    const lines = async (start: string) =>
      (await db.metrics()).body.split('\n').filter((line) => line.startsWith(`cdb_${start}`));
    return { db, mine: db.as(ME), events, lines, [Symbol.asyncDispose]: () => db.close({ drainMs: 0 }) };
  }

  it('counts calls by mode, operation, table and role', async () => {
    await using own = await scene();
    await own.mine.insert('notes', { id: 1 });
    await own.mine.select('notes');
    await own.mine.select('notes');
    const counts = (await own.lines('call_duration_seconds_count')).map((line) =>
      line.replace(/.*\{|\}/g, ''),
    );
    const labels = (mode: string, operation: string) =>
      `service="consolidated-db",mode="${mode}",operation="${operation}",table="public.notes",role="authenticated",outcome="answered"`;
    expect(counts).toEqual([`${labels('session', 'insert')} 1`, `${labels('transaction', 'select')} 2`]);
  });

  it('never has a name that a request has brought', async () => {
    await using own = await scene();
    const secret = 'nobody_shall_read_this';
    await expect(own.mine.select(secret)).rejects.toThrow();
    await expect(own.mine.rpc(secret)).rejects.toThrow();
    await own.mine.sql({ label: secret })`select ${secret} as a`;
    await expect(own.mine.select('notes', { filters: { [secret]: 1 } })).rejects.toThrow();
    expect((await own.db.metrics()).body).not.toContain(secret);
    expect((await own.lines('call_errors_total')).length).toBeGreaterThan(0);
  });

  it('shows the connections in use and the calls that wait, as the statistics do', async () => {
    await using own = await scene({
      direct: undefined,
      session: undefined,
      pools: { transaction: { max: 2 } },
    });
    await own.mine.select('notes');
    const release = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    const holding = withSession(database.adminUrl, async ({ query }) => {
      await query('select pg_advisory_lock(1)');
      isHeld.resolve();
      await release.promise;
    });
    await Promise.race([isHeld.promise, holding]);
    const calls = Array.from({ length: 5 }, () => own.mine.rpc('held'));
    // Once the second connection is open.
    while (own.events.filter(({ type }) => type === 'connection').length < 2) await new Promise(setImmediate);
    expect(own.db.getConnectionStats()).toMatchObject([
      { mode: 'transaction', login: 'users', active: 2, waiting: 3, max: 2, utilization: 1 },
    ]);
    expect(await own.lines('pool_waiting_calls')).toEqual([
      'cdb_pool_waiting_calls{service="consolidated-db",mode="transaction",login="users"} 3',
    ]);
    expect((await own.lines('pool_utilization_ratio'))[0]).toMatch(/ 1$/);
    release.resolve();
    await Promise.all([...calls, holding]);
    expect(own.db.getConnectionStats()).toMatchObject([{ active: 0, idle: 2, waiting: 0 }]);
  });

  it('shares a registry with another one, such as the global one of prom-client', async () => {
    try {
      await using one = await scene({ metrics: { registry: register, service: 'one' } });
      await using two = await scene({ metrics: { registry: register, service: 'two' } });
      await Promise.all([one.mine.select('notes'), two.mine.select('notes')]);
      const text = await register.metrics();
      for (const name of ['one', 'two']) {
        expect(text).toMatch(new RegExp(`cdb_call_duration_seconds_count\\{service="${name}",.*\\} 1`));
        expect(text).toMatch(new RegExp(`cdb_pool_max_connections\\{service="${name}",.*\\} 32`));
      }
    } finally {
      register.clear();
    }
  });

  it('tells of connections: opened, refused, ended by the server and by us', async () => {
    await using own = await scene({ session: undefined, transaction: undefined });
    await own.mine.select('notes');
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'consolidated-db' and datname = current_database()`,
    );
    while (own.db.getConnectionStats()[0]?.idle !== 0) await new Promise(setImmediate);
    await own.mine.select('notes');
    await own.db.close();
    expect(
      own.events.flatMap((event) => (event.type === 'connection' ? [[event.change, event.errorCode]] : [])),
    ).toEqual([
      ['opened', undefined],
      ['ended', 'CONNECTION_LOST'],
      ['opened', undefined],
      ['ended', undefined],
    ]);
    expect(own.events.every((event) => event.type !== 'connection' || event.login === 'users')).toBe(true);

    const url = new URL(database.user.direct);
    url.password = 'wrong';
    await using refused = await scene({ session: undefined, transaction: undefined, direct: url.href });
    await expect(refused.mine.select('notes')).rejects.toMatchObject({ code: 'LOGIN_REFUSED' });
    expect(refused.events).toMatchObject([
      { type: 'connection', change: 'failed', errorCode: 'LOGIN_REFUSED' },
      { type: 'breaker', from: 'closed', to: 'open', errorCode: 'LOGIN_REFUSED' },
    ]);
    expect(await refused.lines('connection_errors_total')).toEqual([
      'cdb_connection_errors_total{service="consolidated-db",mode="direct",login="users",phase="opening",code="LOGIN_REFUSED"} 1',
    ]);
  });
});
