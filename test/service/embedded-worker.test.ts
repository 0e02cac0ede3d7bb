import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
  service,
} from '../../src/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';

/** What each statement computes for, at least. A call that is settled before was not held up by it, however busy the machine is. */
const BUSY_S = 1.5;
const BUSY_MS = BUSY_S * 1_000;
const SQL = `
  create table if not exists notes (id int primary key, body text);
  grant all on notes to service_role;
  -- Computes for that long, however quick the machine is.
  create or replace function busy(seconds float8) returns int language plpgsql volatile as $$
    declare
      until timestamptz := clock_timestamp() + make_interval(secs => seconds);
    begin
      while clock_timestamp() < until loop end loop;
      return 1;
    end $$;
  create or replace function busy_reading(seconds float8) returns int language sql stable as 'select busy(seconds)';
  create or replace function note_slowly(note int, seconds float8) returns int language sql volatile as
    'insert into notes values (note); select busy(seconds)';
  create or replace function endless(i int) returns int language plpgsql stable as
    'begin return endless(i + 1); end';
  create or replace function many_terms() returns int language plpgsql stable as $$
    declare n int;
    begin
      execute 'select ' || repeat('1 + ', 20000) || '1' into n;
      return n;
    end $$;
  grant execute on all functions in schema public to service_role;
`;

interface Settled {
  readonly error: unknown;
  readonly ms: number;
  /** How often a timer of 20 ms fired meanwhile. */
  readonly ticks: number;
}

/** What a call that fails ended with, when, and whether anything else went on meanwhile. */
async function settled(call: () => Promise<unknown>): Promise<Settled> {
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 20);
  const startedAt = performance.now();
  const error = await call().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  clearInterval(ticking);
  return { error, ms: performance.now() - startedAt, ticks };
}

let template: string;
beforeAll(async () => {
  template = await mkdtemp(join(tmpdir(), 'embedded-'));
  await using db = createDatabaseService({ embedded: { dataDir: join(template, 'data'), sql: SQL } });
  await db.as(service()).select('notes');
});
afterAll(() => rm(template, { recursive: true, force: true }));

/** A copy of one that was made before: opening it is several times quicker than making one. */
async function folderWithData(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(join(template, 'data'), join(folder, 'data'), { recursive: true });
  return join(folder, 'data');
}

/** The service and the thread that its first call starts. */
async function openWithWorker(
  embedded: Exclude<DatabaseServiceOptions['embedded'], boolean | undefined>,
): Promise<{ db: ConsolidatedDatabaseService; worker: () => Worker }> {
  let last: Worker | undefined;
  const started = (worker: Worker): void => {
    last = worker;
  };
  process.on('worker', started);
  onTestFinished(() => void process.off('worker', started));
  const db = createDatabaseService({ embedded });
  onTestFinished(() => db.close({ drainMs: 0 }));
  await db.as(service()).select('notes');
  return { db, worker: () => last! };
}

describe('a statement that computes in the embedded database', () => {
  let db: ConsolidatedDatabaseService;
  const mine = () => db.as(service());
  beforeAll(async () => {
    db = createDatabaseService({ embedded: { sql: SQL } });
    await mine().select('notes');
  });
  afterAll(() => db.close({ drainMs: 0 }));

  it('leaves its caller the deadline and the event loop: a read is not applied', async () => {
    const { error, ms } = await settled(() =>
      mine().rpc('busy_reading', { seconds: BUSY_S }, { timeoutMs: 200 }),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'TIMEOUT', outcome: 'not-applied' });
    expect(ms).toBeLessThan(BUSY_MS);
    expect(await mine().select('notes')).toEqual([]);
  });

  it('does so with a heavy query, and with pg_sleep', async () => {
    // A tenth of what the query takes where this was written: a quicker machine is late for it too.
    const asked = mine().sql({ timeoutMs: 100 });
    for (const call of [
      () => asked`select count(*) from generate_series(1, 5000000)`,
      () => asked`select pg_sleep(${BUSY_S})::text`,
    ]) {
      // One that held up this thread would be answered before anybody looks at the time.
      const { error } = await settled(async () => call());
      expect(error).toMatchObject({ name: 'TimeoutError' });
      await mine().sql({ timeoutMs: 60_000 })`select 1`;
    }
  });

  it('runs on after the deadline of a write, which is told unknown', async () => {
    const { error, ms } = await settled(() =>
      mine().rpc('note_slowly', { note: 1, seconds: BUSY_S }, { timeoutMs: 200 }),
    );
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'unknown' });
    expect(ms).toBeLessThan(BUSY_MS);
    expect(await mine().select('notes', { columns: ['id'] })).toEqual([{ id: 1 }]);
    await mine().delete('notes', { filters: { id: 1 } });
  });

  it('makes later calls wait, each with a deadline of its own', async () => {
    const running = settled(() => mine().rpc('busy', { seconds: BUSY_S }, { timeoutMs: 200 }));
    const impatient = settled(() => mine().insert('notes', { id: 2 }, { timeoutMs: 300 }));
    const patient = mine().insert('notes', { id: 3 }, { returning: ['id'] });
    expect((await running).error).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    const { error, ms } = await impatient;
    expect(error).toMatchObject({ code: 'TIMEOUT', outcome: 'not-applied' });
    expect(ms).toBeLessThan(BUSY_MS);
    await patient;
    expect(await mine().select('notes', { columns: ['id'] })).toEqual([{ id: 3 }]);
    await mine().delete('notes', { filters: { id: 3 } });
  });

  it('is left by an abort at once', async () => {
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(), 100);
    const { error, ms } = await settled(() =>
      mine().rpc('busy', { seconds: BUSY_S }, { signal: aborting.signal }),
    );
    expect(error).toMatchObject({ code: 'ABORTED', outcome: 'unknown' });
    expect(ms).toBeLessThan(BUSY_MS);
  });

  it('takes its transaction with it, of which nothing stays', async () => {
    const { error, ms } = await settled(() =>
      mine().transaction(
        async (tx) => {
          await tx.insert('notes', { id: 4 });
          await tx.rpc('busy', { seconds: BUSY_S });
        },
        { timeoutMs: 200 },
      ),
    );
    expect(error).toMatchObject({ code: 'TIMEOUT' });
    expect(ms).toBeLessThan(BUSY_MS);
    expect(await mine().select('notes')).toEqual([]);
  });

  it('ends in an error of Postgres when it recurses without end, or has thousands of terms', async () => {
    await expect(mine().rpc('endless', { i: 1 })).rejects.toMatchObject({ sqlState: '54001' });
    await expect(mine().rpc('many_terms')).rejects.toMatchObject({ sqlState: '54001' });
    expect(await mine().select('notes')).toEqual([]);
  });
});

describe('closing a service whose embedded database computes', () => {
  it('ends the thread when the drain has passed, in memory', async () => {
    const { db } = await openWithWorker({ sql: SQL });
    const write = settled(() => db.as(service()).rpc('busy', { seconds: 600 }, { timeoutMs: 600_000 }));
    const waiting = settled(() => db.as(service()).insert('notes', { id: 2 }));
    await db.close({ drainMs: 100 });
    expect((await write).error).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    expect((await waiting).error).toMatchObject({ code: 'SERVICE_CLOSED', outcome: 'not-applied' });
  });

  it('does so in a folder, where what was written before is kept', async () => {
    const dataDir = await folderWithData();
    const { db } = await openWithWorker({ dataDir });
    await db.as(service()).insert('notes', { id: 1, body: 'kept' });
    const read = settled(() =>
      db.as(service()).rpc('busy_reading', { seconds: 600 }, { timeoutMs: 600_000 }),
    );
    await db.close({ drainMs: 100 });
    expect((await read).error).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'not-applied' });
    await using again = createDatabaseService({ embedded: { dataDir } });
    expect(await again.as(service()).select('notes')).toEqual([{ id: 1, body: 'kept' }]);
  });

  it('does not wait for it to be opened, nor does an abort', async () => {
    const db = createDatabaseService({ embedded: true });
    const first = settled(() => db.as(service()).sql`select 1`);
    const aborting = new AbortController();
    const aborted = settled(() => db.as(service()).select('notes', { signal: aborting.signal }));
    aborting.abort();
    expect((await aborted).error).toMatchObject({ code: 'ABORTED', outcome: 'not-applied' });
    await db.close();
    expect((await first).error).toMatchObject({ code: 'SERVICE_CLOSED' });
  });
});

describe('the thread of the embedded database, when it ends by itself', () => {
  it('breaks the call that runs: a write is unknown, a read not applied', async () => {
    const { db, worker } = await openWithWorker({ dataDir: await folderWithData() });
    for (const [name, outcome] of [
      ['busy', 'unknown'],
      ['busy_reading', 'not-applied'],
    ] as const) {
      await db.as(service()).select('notes');
      const call = settled(() => db.as(service()).rpc(name, { seconds: 600 }, { timeoutMs: 600_000 }));
      setTimeout(() => void worker().terminate(), 300);
      expect((await call).error).toMatchObject({ code: 'CONNECTION_LOST', outcome });
    }
  });

  it('takes what was in memory along, as every later call is told', async () => {
    const { db, worker } = await openWithWorker({ sql: SQL });
    await worker().terminate();
    for (const call of [
      () => db.as(service()).select('notes'),
      () => db.as(service()).insert('notes', { id: 1 }),
      () => db.as(service()).listen('notes', () => {}),
    ]) {
      const { error } = await settled(call);
      expect(error).toMatchObject({ name: 'ServiceError', code: 'EMBEDDED_LOST', outcome: 'not-applied' });
      expect(String(error)).toMatch(/in memory and is gone/);
    }
  });

  it('is started again where the data is kept, with what was listened to', async () => {
    const dataDir = await folderWithData();
    // Would fail the second time.
    const sql = 'create table once (id int)';
    const { db, worker } = await openWithWorker({ dataDir, sql });
    const heard: string[] = [];
    await db.as(service()).insert('notes', { id: 1, body: 'kept' });
    const subscription = await db.as(service()).listen('notes', (payload) => heard.push(payload));
    const first = worker();
    await first.terminate();
    expect(await db.as(service()).select('notes')).toEqual([{ id: 1, body: 'kept' }]);
    expect(worker()).not.toBe(first);
    await db.as(service()).notify('notes', 'again');
    await expect.poll(() => heard).toEqual(['again']);
    await subscription.unsubscribe();
    await db.as(service()).notify('notes', 'unheard');
    expect(heard).toEqual(['again']);
  });
});

describe('an embedded database in a folder', () => {
  it('is there again for the next service', async () => {
    const dataDir = await folderWithData();
    for (const expected of [[], [{ id: 1, body: null }]]) {
      await using db = createDatabaseService({ embedded: { dataDir } });
      expect(await db.as(service()).select('notes')).toEqual(expected);
      if (expected.length === 0) await db.as(service()).insert('notes', { id: 1 });
    }
  });
});

describe('an embedded database that cannot be opened', () => {
  const failure = async (embedded: DatabaseServiceOptions['embedded']) => {
    await using db = createDatabaseService({ embedded });
    const calls = [
      settled(() => db.as(service()).sql`select 1`),
      settled(() => db.as(service()).sql`select 2`),
    ];
    const errors = (await Promise.all(calls)).map(({ error }) => error);
    expect(errors[1]).toMatchObject({ code: 'EMBEDDED_FAILED', message: (errors[0] as Error).message });
    expect(errors[0]).toMatchObject({
      name: 'ServiceError',
      code: 'EMBEDDED_FAILED',
      outcome: 'not-applied',
    });
    return errors[0] as Error & { readonly sqlState?: string };
  };

  it('says which script failed, where, and what Postgres said', async () => {
    const error = await failure({
      dataDir: await folderWithData(),
      sql: ['select 1', 'select 1;\nselect 🙂;\ncreate tabel t (id int);'],
    });
    expect(error.message).toMatch(
      /^The embedded database could not be opened: 'embedded\.sql\[1\]' failed at line 3\. .*syntax error at or near "tabel"/,
    );
    expect(error.sqlState).toBe('42601');
  });

  it('says so without values', async () => {
    const error = await failure({
      dataDir: await folderWithData(),
      sql: "create table t (secret text unique); insert into t values ('s3cret'); insert into t values ('s3cret')",
    });
    expect(error.message).toMatch(
      /'embedded\.sql' failed at statement 3 \(line 1\)\. A row with the same value already exists/,
    );
    for (let at: unknown = error; at instanceof Error; at = at.cause) {
      expect(JSON.stringify(at) + at.message + at.stack).not.toContain('s3cret');
    }
  });

  it('says why a folder cannot be used', async () => {
    const file = join(await folderWithData(), 'file');
    await writeFile(file, 'no folder');
    const error = await failure({ dataDir: join(file, 'data') });
    expect(error.message).toBe('The embedded database could not be opened.');
    expect(error.cause).toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('a process with an embedded database', () => {
  const index = resolve(import.meta.dirname, '../../src/index.ts');
  const run = (text: string, dataDir: string) =>
    new Promise<{ failure: Error | null; stdout: string; stderr: string }>((done) => {
      const script = `import { createDatabaseService, service } from ${JSON.stringify(index)};
        const db = createDatabaseService({ embedded: { dataDir: ${JSON.stringify(dataDir)} } });
        const mine = db.as(service());
        console.log(JSON.stringify(await mine.sql\`select 1 as one\`));
        ${text}`;
      execFile(
        process.execPath,
        ['--input-type=module', '-e', script],
        { timeout: 50_000 },
        (failure, stdout, stderr) => done({ failure, stdout, stderr }),
      );
    });

  it.each([
    ['after close()', 'await db.close();'],
    ['without close(), when nothing is under way', ''],
    ['without close(), while it listens', "await mine.listen('trips', () => {});"],
    [
      'after process.exit() while it computes',
      'void mine.sql`select pg_sleep(600)`; setTimeout(() => process.exit(0), 200);',
    ],
    [
      'after close() while it computes',
      'void mine.sql({ timeoutMs: 200 })`select pg_sleep(600)::text`.catch(() => db.close({ drainMs: 100 }));',
    ],
  ])('exits by itself %s', async (_name, text) => {
    expect(await run(text, await folderWithData())).toEqual({
      failure: null,
      stdout: '[{"one":1}]\n',
      stderr: '',
    });
  });

  it('waits for the answer of a call', async () => {
    const { failure, stdout } = await run(
      'mine.sql`select pg_sleep(1)::text, 2 as two`.then(([row]) => console.log(row.two));',
      await folderWithData(),
    );
    expect(failure).toBeNull();
    expect(stdout).toBe('[{"one":1}]\n2\n');
  });
});

describe('a PGlite of your own', () => {
  it('stays in this thread: a deadline is seen after the statement', async () => {
    await using pglite = await createEmbeddedDatabase({ sql: SQL });
    await using db = createDatabaseService({ embedded: { pglite } });
    await db.as(service()).select('notes');
    const { error, ticks } = await settled(() =>
      db.as(service()).rpc('busy_reading', { seconds: BUSY_S }, { timeoutMs: 1_000 }),
    );
    expect(error).toBeUndefined();
    expect(ticks).toBeLessThan(5);
  });

  it('keeps no rows of what it has answered', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    await using pglite = await createEmbeddedDatabase();
    await using db = createDatabaseService({ embedded: { pglite } });
    const read = () =>
      db.as(service()).sql`select i, repeat('x', 100) as text from generate_series(1, 20000) i`;
    await read();
    const before = used();
    for (let i = 0; i < 10; i++) await read();
    // 55 MB were kept.
    expect(used() - before).toBeLessThan(20_000_000);
  });
});
