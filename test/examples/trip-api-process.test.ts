import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { ANA, EventReader, headersOf, KeyServer, PEOPLE, SECRET, signed } from './trip-api-fixture.ts';

const MAIN = join(import.meta.dirname, '../../examples/trip-api/main.ts');
/** Far more than the process below may keep in memory. */
const MANY_TRIPS = 200_000;
const MEMORY_MB = 56;

describeFullStack('the process of the trip API', () => {
  const keys = new KeyServer();
  let database: TestDatabase;
  let api: ChildProcess;
  let url: string;
  let token: string;

  beforeEach(async () => {
    database = await createTestDatabase({ migrated: true, sql: PEOPLE });
    token = await signed(ANA);
    api = spawn(process.execPath, [`--max-old-space-size=${MEMORY_MB}`, MAIN], {
      env: {
        ...process.env,
        PORT: '0',
        CDB_DIRECT_URL: database.user.direct,
        CDB_TRANSACTION_URL: database.user.transaction,
        CDB_SERVICE_DIRECT_URL: database.service.direct,
        CDB_JWT_SECRET: SECRET,
        CDB_JWKS_URL: await keys.start(),
        CDB_TLS_CA: '',
        MONITORING_TOKEN: 'of the operator',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(api.stdout!), 'line');
    url = String(line);
  });
  afterEach(async () => {
    api.kill('SIGKILL');
    keys.stop();
    await database.drop();
  });

  const get = (path: string, signal?: AbortSignal) =>
    fetch(`${url}${path}`, { headers: headersOf(token), ...(signal !== undefined && { signal }) });
  const plan = async (title: string) => {
    const body = JSON.stringify({ title });
    const made = await fetch(`${url}/trips`, { method: 'POST', headers: headersOf(token), body });
    expect(made.status).toBe(201);
  };
  const fill = (count: number) =>
    database.query(
      `insert into public.trips (owner_id, title, description)
       select '${ANA}', 'trip ' || n, repeat('x', 100) from generate_series(1, ${count}) n`,
    );
  const ended = async () => {
    if (api.signalCode === null && api.exitCode === null) await once(api, 'exit');
    return [api.exitCode, api.signalCode];
  };
  const until = async (wanted: number, sql: string): Promise<void> => {
    while ((await database.query(sql)).length !== wanted) await setImmediate();
  };
  // In this database: its copies have the same number for the table.
  const WAITING = `select 1 from pg_locks where not granted and relation = 'public.trips'::regclass
    and database = (select oid from pg_database where datname = current_database())`;
  const STREAMING = `select 1 from pg_stat_activity
    where datname = current_database() and state = 'idle in transaction' and pid <> pg_backend_pid()`;
  const LISTENING = `select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%trip_changes%'`;
  /** Holds every read of the trips up until it is released. */
  const whileLocked = (during: (release: () => Promise<unknown>) => Promise<void>): Promise<void> =>
    withSession(database.ownerUrl, async ({ query }) => {
      await query('begin');
      await query('lock table public.trips in access exclusive mode');
      await during(() => query('rollback'));
    });

  it('ends the statement of a client that has gone away', async () => {
    await whileLocked(async (release) => {
      const client = new AbortController();
      const answer = get('/trips', client.signal).catch((error: unknown) => error);
      await until(1, WAITING);
      client.abort();
      await answer;
      await until(0, WAITING);
      await release();
    });
    expect((await get('/trips')).status).toBe(200);
  });

  it('answers what is under way when it is told to stop, and ends', async () => {
    await whileLocked(async (release) => {
      const answer = get('/trips');
      await until(1, WAITING);
      api.kill('SIGTERM');
      await release();
      expect((await answer).status).toBe(200);
    });
    expect(await ended()).toEqual([null, 'SIGTERM']);
  });

  it('exports more than it could keep in memory', async () => {
    await fill(MANY_TRIPS);
    const response = await get('/export');
    let lines = 0;
    for await (const chunk of response.body!) lines += chunk.filter((byte: number) => byte === 10).length;
    expect(lines).toBe(MANY_TRIPS);
    expect((await get('/me')).status).toBe(200);
  }, 120_000);

  it('sends an export whole that is under way when it is told to stop', async () => {
    await fill(100_000);
    const response = await get('/export?format=csv');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? '';
    api.kill('SIGTERM');
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
    expect(text.trimEnd().split('\r\n')).toHaveLength(100_001);
    expect(await ended()).toEqual([null, 'SIGTERM']);
  });

  it('ends the stream in the database when the client of an export goes away', async () => {
    // More than the buffers of a connection hold.
    await fill(100_000);
    const client = new AbortController();
    const reader = (await get('/export', client.signal)).body!.getReader();
    await reader.read();
    await until(1, STREAMING);
    client.abort();
    await expect(reader.read()).rejects.toThrow();
    await until(0, STREAMING);
    expect((await get('/me')).status).toBe(200);
  });

  it('tells its clients to begin anew when it could not hear the database, and hears again', async () => {
    await using events = new EventReader(await get('/events'));
    expect(await events.next()).toBe('reload {}');
    await plan('Oslo');
    expect(await events.next()).toContain('Oslo');
    const [{ pid } = {}] = await database.query<{ pid: number }>(LISTENING);
    await withSession(database.adminUrl, ({ query }) => query('select pg_terminate_backend($1)', [pid]));
    expect(await events.next()).toBe('reload {}');
    await plan('Bergen');
    expect(await events.next()).toContain('Bergen');
  });

  it('takes a client again whose connection was cut', async () => {
    const client = new AbortController();
    const cut = new EventReader(await get('/events', client.signal));
    await cut.next();
    client.abort();
    await expect(cut.next()).rejects.toThrow();
    await plan('Oslo');
    await using again = new EventReader(await get('/events'));
    expect(await again.next()).toBe('reload {}');
    await plan('Bergen');
    expect(await again.next()).toContain('Bergen');
  });

  it('shows metrics to whoever has the token of operators, and to nobody else', async () => {
    const asked = (headers: Record<string, string>) => fetch(`${url}/metrics`, { headers });
    expect((await asked({ 'x-monitoring-token': 'of the operator' })).status).toBe(200);
    for (const headers of [{}, { 'x-monitoring-token': '' }, { 'x-monitoring-token': 'of the operator ?' }]) {
      expect((await asked(headers)).status).toBe(403);
    }
  });

  it('ends the events when it is told to stop', async () => {
    await using events = new EventReader(await get('/events'));
    await events.next();
    api.kill('SIGTERM');
    expect(await events.next()).toBeUndefined();
    expect(await ended()).toEqual([null, 'SIGTERM']);
  });
});
