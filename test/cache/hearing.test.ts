import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import { createDatabaseService, service } from '../../src/index.ts';
import { migrateUp } from '../../src/ops/migrate.ts';
import { withSession } from '../../stack/sql-session.ts';
import { openAdmin } from '../ops/full-stack-admin.ts';
import { addFiles, scratchFolder } from '../ops/scratch-folder.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { hearChanges, startToHear } from './hear-changes.ts';

const run = promisify(execFile);
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const TABLES = 40;
const SQL = `${OWN_SCHEMA}
do $$ begin
  for i in 0 .. ${TABLES - 1} loop
    execute format('create table table_%s (id int)', i);
    execute format('grant all on table_%s to service_role', i);
    perform cdb.watch_table(format('table_%s', i)::regclass);
  end loop;
end $$;`;

/** The session that listens, as the server sees it. */
const LISTENING = `select pid from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid()
    and (query ilike 'listen%' or query ilike '%pg_listening_channels%')`;

describeFullStack('hearing of changes', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
  });
  afterAll(() => database.drop());

  const everything = () => ({ ...database.user, service: database.service });
  const killListeners = () =>
    withSession(database.adminUrl, async ({ query }) => {
      const killed = await query(`select pg_terminate_backend(pid) as done from (${LISTENING}) l`);
      expect(killed.length).toBeGreaterThan(0);
    });

  it('works across processes', async ({ annotate }) => {
    await using heard = await hearChanges(everything());
    const arrived = new Map<string, number>();
    const now = (): number => performance.timeOrigin + performance.now();
    const push = heard.touched.push.bind(heard.touched);
    heard.touched.push = (...tables) => {
      for (const table of tables) arrived.set(table, now());
      return push(...tables);
    };
    const { stdout } = await run(process.execPath, [script('./writing-process.ts'), String(TABLES)], {
      env: {
        PATH: process.env.PATH,
        CDB_DIRECT_URL: database.user.direct,
        CDB_SERVICE_DIRECT_URL: database.service.direct,
      },
    });
    const written = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { table: string; at: number });
    expect(written).toHaveLength(TABLES);
    await heard.untilTouched(...written.map(({ table }) => table));
    // Negative where it was heard before the writer had its own answer.
    const delays = written
      .map(({ table, at }) => (arrived.get(table) ?? Number.NaN) - at)
      .sort((a, b) => a - b);
    const told = [0.5, 0.99].map((share) => (delays[Math.floor(share * delays.length)] ?? 0).toFixed(1));
    await annotate(
      `heard after the writer's answer: p50 ${told[0]} ms, p99 ${told[1]} ms, of ${TABLES} writes`,
    );
  });

  it('works through a pooler in session mode', async () => {
    const { session } = database.service;
    await using heard = await hearChanges({ ...database.user, service: { session } });
    await withSession(database.ownerUrl, ({ query }) => query('insert into table_1 values (1)'));
    await heard.untilTouched('public.table_1');
  });

  it('flushes everything after its backend was ended', async () => {
    await using heard = await hearChanges(everything());
    const [flushes, { catalogs }] = [heard.flushes.length, { ...heard.counts }];
    await killListeners();
    await vi.waitFor(() => expect(heard.flushes.length).toBeGreaterThan(flushes), { timeout: 30_000 });
    await heard.untilListening();
    expect(new Set(heard.flushes)).toEqual(new Set(['listener was away']));
    expect(heard.counts.catalogs).toBeGreaterThan(catalogs);
    await database.query('truncate table_2');
    await heard.untilTouched('public.table_2');
  });

  it('notices a connection that says nothing any more, and flushes', async () => {
    const url = new URL(database.service.direct);
    const proxy = new FaultyProxy({ upstream: { host: url.hostname, port: Number(url.port) } });
    const { host, port } = await proxy.start();
    url.hostname = host;
    url.port = String(port);
    // Twenty times as fast, for the listener alone.
    const hurried: Clock = { ...systemClock, schedule: (fn, ms) => systemClock.schedule(fn, ms / 20) };
    try {
      await using heard = await hearChanges({ ...database.user, service: { direct: url.href } }, hurried);
      const flushes = heard.flushes.length;
      proxy.blackHole();
      await vi.waitFor(() => expect(heard.listener.isListening).toBe(false), { timeout: 30_000 });
      await database.query('insert into table_3 values (1)');
      proxy.heal();
      await heard.untilListening();
      expect(heard.flushes.length).toBeGreaterThan(flushes);
      expect(heard.touched).not.toContain('public.table_3');
      // Again and again: in such a hurry it may take a busy machine's silence for that of the network, and be away for a moment.
      await vi.waitFor(
        async () => {
          await database.query('insert into table_4 values (1)');
          expect(heard.touched).toContain('public.table_4');
        },
        { timeout: 30_000 },
      );
    } finally {
      await proxy.stop();
    }
  });

  it('rests as the pools do where its login is refused, and hears again with the new password', async () => {
    const name = `hearer_${Date.now().toString(36)}`;
    const role = decodeURIComponent(new URL(database.service.direct).username);
    const admin = (sql: string) => withSession(database.adminUrl, ({ query }) => query(sql));
    await admin(`create role ${name} login noinherit password 'first' in role service_role`);
    const pauses: number[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule(fn, ms) {
        pauses.push(ms);
        // A rest for the sake of a pooler takes twenty seconds.
        return systemClock.schedule(fn, ms >= 20_000 ? 50 : ms);
      },
    };
    let password = 'first';
    const url = new URL(database.service.direct);
    url.username = name;
    url.password = '';
    try {
      await using heard = await hearChanges(
        { ...database.user, service: { direct: url.href, password: () => password } },
        clock,
      );
      expect(role).not.toBe(name);
      await admin(`alter role ${name} password 'second'`);
      await killListeners();
      await vi.waitFor(() => expect(heard.warnings.join()).toContain('refused the login'), {
        timeout: 30_000,
      });
      expect(heard.listener.isListening).toBe(false);
      expect(Math.max(...pauses)).toBeGreaterThanOrEqual(20_000);
      password = 'second';
      await heard.untilListening();
    } finally {
      await admin(`drop role ${name}`);
    }
  });

  it('flushes and reads the catalog anew after a migration, applied in one transaction or not', async () => {
    await using heard = await hearChanges(everything());
    const folder = await scratchFolder({
      '20300101000000_one.sql': 'create table migrated (id int); create policy p on table_1 using (true);',
    });
    const admin = await openAdmin(database.ownerUrl);
    const heardOf = (flushes: number) =>
      vi.waitFor(
        () => expect(heard.flushes.filter((cause) => cause === 'notified').length).toBeGreaterThan(flushes),
        { timeout: 30_000 },
      );
    try {
      const { catalogs } = { ...heard.counts };
      await migrateUp(admin, folder);
      await heardOf(0);
      await heard.untilListening();
      expect(heard.counts.catalogs).toBeGreaterThan(catalogs);
      await addFiles(folder, {
        '20300101000001_two.sql':
          '-- cdb: no-transaction\ncreate index concurrently on migrated (id);\nselect 1 / 0;',
      });
      const before = heard.flushes.filter((cause) => cause === 'notified').length;
      await expect(migrateUp(admin, folder)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
      await heardOf(before);
    } finally {
      await admin.close();
    }
  });

  it('says so where no mode can listen', async () => {
    await using heard = startToHear({
      transaction: database.user.transaction,
      service: { transaction: database.service.transaction },
    });
    await vi.waitFor(() => expect(heard.warnings.join()).toMatch(/direct.*session/), { timeout: 30_000 });
    expect(heard.listener.isListening).toBe(false);
  });

  it('does not keep the process alive', async () => {
    const { stdout } = await run(process.execPath, [script('./hearing-process.ts')], {
      env: { PATH: process.env.PATH, CDB_SERVICE_DIRECT_URL: database.service.direct },
      timeout: 60_000,
    });
    expect(stdout).toBe('listening\n');
  });
});

describe('hearing of changes, embedded', () => {
  it('hears what its owner writes by itself', async () => {
    const pglite = await createEmbeddedDatabase();
    await pglite.exec(`${SQL}; `);
    const db = createDatabaseService({ embedded: { pglite } });
    await db.as(service()).sql`select 1`;
    try {
      await using heard = await hearChanges({ embedded: { pglite } });
      await pglite.exec('insert into table_5 values (1)');
      await heard.untilTouched('public.table_5');
      await db.as(service()).insert('table_6', { id: 1 });
      await heard.untilTouched('public.table_6');
    } finally {
      await db.close();
      await pglite.close();
    }
  });
});
