import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import {
  createDatabaseService,
  type DatabaseServiceOptions,
  type ServiceEvent,
  service,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

/** Of a rest after a refused login. */
const LEAST_REST_MS = 20_000;

describeFullStack('what listens, when its connection is lost', () => {
  let database: TestDatabase;
  let proxy: FaultyProxy;
  let url: string;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    proxy = new FaultyProxy({ upstream: readConnectionUrl(database.service.direct).address });
    url = throughAddress(database.service.direct, await proxy.start());
    onTestFinished(() => proxy.stop());
  });

  const notify = (payload: string) => database.query(`select pg_notify('trips', $1)`, [payload]);

  /** A service that listens, and whose connections of the pool are gone: those that come are its own. */
  async function listening(options: Partial<DatabaseServiceOptions['service'] & object> = {}) {
    const events: ServiceEvent[] = [];
    const pauses: number[] = [];
    const clock: Clock = {
      ...systemClock,
      schedule(fn, ms) {
        pauses.push(ms);
        return systemClock.schedule(fn, ms);
      },
    };
    const db = createDatabaseService({
      direct: database.user.direct,
      service: { direct: url, ...options },
      metrics: true,
      clock,
      onEvent: (event) => events.push(event),
      onWarning: () => {},
    });
    onTestFinished(() => db.close({ drainMs: 0 }));
    const heard: string[] = [];
    const subscription = await db.as(service()).listen('trips', (payload) => heard.push(payload));
    const lines = async () =>
      (await db.metrics()).body.split('\n').filter((line) => line.startsWith('cdb_listening'));
    const changes = () =>
      events.flatMap((event) => (event.type === 'listener' ? [[event.change, event.errorCode]] : []));
    return { db, events, pauses, heard, subscription, lines, changes };
  }

  it('does not try a password that is refused again and again, as poolers ban those who do', async () => {
    const name = `listener_${Date.now().toString(36)}`;
    const admin = (sql: string) => withSession(database.adminUrl, ({ query }) => query(sql));
    await admin(`create role ${name} login noinherit password 'first' in role service_role`);
    onTestFinished(async () => void (await admin(`drop role ${name}`)));
    const own = new URL(url);
    own.username = name;
    own.password = 'first';
    const { db, changes, pauses, events } = await listening({ direct: own.href });
    await admin(`alter role ${name} password 'second'`);
    const before = proxy.counts.connections;
    proxy.resetAll();
    const refusals = () =>
      events.filter((event) => event.type === 'connection' && event.errorCode === 'LOGIN_REFUSED');
    await vi.waitFor(() => expect(refusals()).toHaveLength(1), { timeout: 20_000 });
    expect(Math.max(...pauses)).toBeGreaterThanOrEqual(LEAST_REST_MS);
    for (let n = 0; n < 20; n++) {
      // The check of the login is that of the pool, and was passed before.
      await expect(db.as(service()).listen('trips', () => {})).rejects.toMatchObject({
        code: 'LOGIN_REFUSED',
      });
    }
    expect(proxy.counts.connections - before).toBe(1);
    expect(changes()).toEqual([
      ['listening', undefined],
      ['away', 'CONNECTION_LOST'],
    ]);
  });

  it('tells of its opening, its loss and its renewal, as a pool does', async () => {
    const { db, events, heard, lines, changes, subscription } = await listening();
    const way = 'service="consolidated-db",mode="direct",login="service"';
    expect(await lines()).toEqual([`cdb_listening{${way}} 1`]);
    proxy.refuse();
    events.splice(0);
    proxy.resetAll();
    const connections = () =>
      events.flatMap((event) => (event.type === 'connection' ? [[event.change, event.errorCode]] : []));
    await vi.waitFor(() => expect(connections()).toContainEqual(['failed', 'CONNECT_FAILED']), {
      timeout: 20_000,
    });
    expect(connections()).toContainEqual(['ended', 'CONNECTION_LOST']);
    expect([await lines(), changes()]).toEqual([[`cdb_listening{${way}} 0`], [['away', 'CONNECTION_LOST']]]);
    expect((await db.metrics()).body).toContain(
      `cdb_connection_errors_total{${way},phase="opening",code="CONNECT_FAILED"}`,
    );
    await proxy.accept();
    await vi.waitFor(() => expect(changes()).toContainEqual(['listening', undefined]), { timeout: 20_000 });
    expect(connections()).toContainEqual(['opened', undefined]);
    expect(await lines()).toEqual([`cdb_listening{${way}} 1`]);
    await notify('again');
    await vi.waitFor(() => expect(heard).toEqual(['again']), { timeout: 20_000 });
    events.splice(0);
    await subscription.unsubscribe();
    expect([connections(), await lines()]).toEqual([[['ended', undefined]], []]);
  });

  it('keeps its process alive, also while it is away, until it is unsubscribed', async () => {
    const script = fileURLToPath(new URL('./listening-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
      env: {
        PATH: process.env.PATH,
        CDB_DIRECT_URL: database.user.direct,
        CDB_SERVICE_DIRECT_URL: database.service.direct,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await vi.waitFor(() => expect(printed).toBe('listening\n'), { timeout: 20_000 });
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    );
    await vi.waitFor(
      async () => {
        await notify('heard');
        expect(printed).toBe('listening\nheard\n');
      },
      { timeout: 20_000 },
    );
    expect(await ended).toEqual([0, null]);
  });
});
