import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConnectionError, createDatabaseService, service, user } from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });
const MODES = ['direct', 'session', 'transaction'] as const;

function changed(url: string, change: (url: URL) => void): string {
  const parsed = new URL(url);
  change(parsed);
  return parsed.href;
}

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => expect.fail(`it answered ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

describe('a server that is not there', () => {
  it('fails clearly at the first call, not at the start', async () => {
    await using db = createDatabaseService({ direct: 'postgres://nobody:s3cret@127.0.0.1:1/db' });
    const error = await errorOf(db.as(ME).select('notes'));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', statusCode: 503, outcome: 'not-applied' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it('says so of a host that has no address', async () => {
    await using db = createDatabaseService({
      direct: 'postgres://nobody:s3cret@no-such-host.invalid/db?sslmode=disable',
    });
    expect(await errorOf(db.as(ME).insert('notes', {}))).toMatchObject({
      name: 'ConnectionError',
      code: 'HOST_NOT_FOUND',
      outcome: 'not-applied',
    });
  });
});

/** What was tried, never the password. */
describe('a connection that cannot be opened says whose URL it was', () => {
  const POOLER = 'aws-0-eu.pooler.supabase.com';
  const SHORT = { connectTimeoutMs: 2_000, onWarning: () => undefined };

  it.each([
    ['direct', { direct: 'postgres://nobody:s3cret@127.0.0.1:1/db' }, ME],
    ['session', { session: 'postgres://nobody:s3cret@127.0.0.1:1/db' }, ME],
    ['transaction', { transaction: 'postgres://nobody:s3cret@127.0.0.1:1/db' }, ME],
    [
      'service.session',
      {
        direct: 'postgres://somebody:s3cret@127.0.0.1:1/x',
        service: { session: 'postgres://nobody:s3cret@127.0.0.1:1/db' },
      },
      service(),
    ],
  ])('%s', async (option, urls, identity) => {
    await using db = createDatabaseService({ ...urls, ...SHORT });
    const error = await errorOf(db.as(identity).select('notes'));
    expect(error).toMatchObject({
      code: 'CONNECT_FAILED',
      hint: expect.stringContaining('Nothing accepts connections there'),
    });
    expect((error as Error).message).toBe(
      `Could not connect to 127.0.0.1:1 (ECONNREFUSED). Tried: the login "nobody" for the database "db" at 127.0.0.1:1 (URL of the option '${option}').`,
    );
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('s3cret');
  });

  it('of a host that nobody knows', async () => {
    await using db = createDatabaseService({
      service: { direct: 'postgres://nobody:s3cret@no-such-host.invalid/db' },
      direct: 'postgres://a:b@127.0.0.1:1/db',
      ...SHORT,
    });
    expect(await errorOf(db.as(service()).select('notes'))).toMatchObject({
      code: 'HOST_NOT_FOUND',
      message: expect.stringContaining("at no-such-host.invalid:5432 (URL of the option 'service.direct')"),
      hint: 'Correct the host in the URL.',
    });
  });

  it('of a URL that was derived from another', async () => {
    const urls = { transaction: `postgres://nobody.abc:s3cret@${POOLER}:6543/db`, direct: 'derive' };
    const db = createDatabaseService({ ...urls, ...SHORT, applicationName: 'derived' });
    await db.close();
  });
});

describeFullStack('connecting', (stack) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: 'create table notes (id int); insert into notes values (1)' });
  });
  afterAll(() => database.drop());

  it.each(MODES)(
    'a wrong password is a fault of the configuration, not of the caller, in %s mode',
    async (mode) => {
      const url = changed(database.user[mode], (parsed) => {
        parsed.password = 'not-the-password';
      });
      await using db = createDatabaseService({ [mode]: url });
      const error = await errorOf(db.as(ME).select('notes'));
      expect(error).toBeInstanceOf(ConnectionError);
      expect(error).toMatchObject({ code: 'LOGIN_REFUSED', statusCode: 503, outcome: 'not-applied' });
      const { hostname, port, username } = new URL(url);
      expect((error as ConnectionError).message).toContain(
        `the login "${username}" for the database "${database.name}" at ${hostname}:${port} (URL of the option '${mode}')`,
      );
      expect((error as ConnectionError).hint).toBeDefined();
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('not-the-password');
    },
  );

  it('a wrong password is not tried again and again, as poolers ban those who do', async () => {
    const { address } = readConnectionUrl(database.user.direct);
    const proxy = new FaultyProxy({ upstream: address });
    const url = changed(throughAddress(database.user.direct, await proxy.start()), (parsed) => {
      parsed.password = 'not-the-password';
    });
    await using db = createDatabaseService({ direct: url });
    for (let n = 0; n < 20; n++) await errorOf(db.as(ME).select('notes'));
    expect(proxy.counts.connections).toBeLessThan(4);
    await proxy.stop();
  });

  it.each(MODES)('a database that does not exist is said to be so, in %s mode', async (mode) => {
    const url = changed(database.user[mode], (parsed) => {
      parsed.pathname = '/cdb_no_such_database';
    });
    await using db = createDatabaseService({ [mode]: url });
    expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({
      outcome: 'not-applied',
      statusCode: 503,
      message: expect.stringContaining(`the database "cdb_no_such_database" at `),
      hint: expect.any(String),
    });
  });

  it.each(MODES)(
    'a server that is down at the start fails fast, and is used once it is up, in %s mode',
    async (mode) => {
      const proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user[mode]).address });
      const url = throughAddress(database.user[mode], await proxy.start());
      proxy.refuse();
      await using db = createDatabaseService({ [mode]: url, timeoutMs: 8_000 });
      const mine = db.as(ME);
      for (const call of [
        () => mine.select('notes'),
        () => mine.insert('notes', { id: 2 }),
        () => mine.sql`select 1`,
      ]) {
        expect(await errorOf(call())).toMatchObject({
          name: 'ConnectionError',
          code: 'CONNECT_FAILED',
          outcome: 'not-applied',
        });
      }
      await proxy.accept();
      await expect.poll(() => mine.count('notes').catch(() => undefined)).toBe(1);
      // And down again, in the middle of its life.
      proxy.refuse();
      proxy.resetAll();
      expect(await errorOf(mine.select('notes'))).toMatchObject({
        name: 'ConnectionError',
        outcome: 'not-applied',
      });
      await proxy.accept();
      await expect.poll(() => mine.count('notes').catch(() => undefined)).toBe(1);
      await db.close();
      await proxy.stop();
    },
  );

  it('a server that accepts and says nothing is given up on', async () => {
    const proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user.direct).address });
    const url = throughAddress(database.user.direct, await proxy.start());
    proxy.blackHole();
    await using db = createDatabaseService({ direct: url, connectTimeoutMs: 300 });
    expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({
      name: 'ConnectionError',
      code: 'CONNECT_TIMEOUT',
    });
    expect(await errorOf(db.as(ME).select('notes', { timeoutMs: 100 }))).toMatchObject({
      outcome: 'not-applied',
      statusCode: expect.toBeOneOf([503, 504]),
    });
    await db.close({ drainMs: 0 });
    await proxy.stop();
  });

  describe('TLS', () => {
    const secured = () =>
      changed(database.user.direct, (parsed) => parsed.searchParams.set('sslmode', 'verify-full'));
    const ca = () =>
      readFileSync(stack.caFile ?? expect.fail('the stack does not say where its CA is'), 'utf8');

    it('refuses a certificate of an unknown authority, and says which option takes it', async () => {
      await using db = createDatabaseService({ direct: secured() });
      expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({
        name: 'ConnectionError',
        code: 'TLS_UNKNOWN_CA',
        hint: expect.stringContaining('tls: { ca }'),
        outcome: 'not-applied',
      });
    });

    it('takes it with the authority that was given, and encrypts', async () => {
      await using db = createDatabaseService({
        direct: secured(),
        tls: { ca: ca() },
        applicationName: 'by-tls',
      });
      expect(await db.as(ME).count('notes')).toBe(1);
      const [row] = await withSession(database.adminUrl, ({ query }) =>
        query(
          `select bool_and(ssl)::text from pg_stat_ssl join pg_stat_activity using (pid) where datname = '${database.name}' and application_name = 'by-tls'`,
        ),
      );
      expect(JSON.stringify(row)).toMatch(/true/);
    });

    it('refuses a name that is not in the certificate', async () => {
      const url = changed(secured(), (parsed) => {
        parsed.hostname = '127.0.0.2';
      });
      await using db = createDatabaseService({ direct: url, tls: { ca: ca() } });
      expect(await errorOf(db.as(ME).select('notes'))).toMatchObject({
        name: 'ConnectionError',
        outcome: 'not-applied',
      });
    });

    it('listens by TLS too', async () => {
      const url = changed(database.service.direct, (parsed) =>
        parsed.searchParams.set('sslmode', 'verify-full'),
      );
      await using db = createDatabaseService({
        direct: secured(),
        service: { direct: url },
        tls: { ca: ca() },
      });
      const heard = Promise.withResolvers<string>();
      await using _subscription = await db.as(service()).listen('channel', heard.resolve);
      await db.as(service()).notify('channel', 'hello');
      expect(await heard.promise).toBe('hello');
    });
  });
});
