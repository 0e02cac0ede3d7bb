import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { runCdb } from './run-cdb.ts';
import { addFiles, scratchFolder } from './scratch-folder.ts';

const PATIENCE_MS = 120_000;
const ANA = '00000000-0000-4000-8000-00000000000a';
const BEN = '00000000-0000-4000-8000-00000000000b';
const NOTES = `
create table notes (id int primary key, owner uuid not null, body text not null);
alter table notes enable row level security;
create policy own on notes for select to authenticated using ((select auth.uid()) = owner);
grant select on notes to authenticated;
insert into notes select n, case n % 2 when 0 then '${ANA}' else '${BEN}' end::uuid, 'note ' || n
  from generate_series(1, 40) n;`;

const source = (path: string): string => pathToFileURL(resolve(path)).href;
const IMPORTS = `
import { appendFileSync } from 'node:fs';
import { createDatabaseService, user } from '${source('src/index.ts')}';
import { defineBench } from '${source('src/bench/index.ts')}';

/** What was done, for the test. */
const told = (line: string) => appendFileSync(new URL('log', import.meta.url), line + '\\n');
`;

/** As a project writes it, but for where the package is. Closing is told. */
const embedded = (raw: string, more = ''): string => `${IMPORTS}
const ana = user({ sub: '${ANA}' });
let service;
const contender = {
  // One for both: an embedded database takes seconds to begin.
  open: () => {
    service ??= createDatabaseService({ embedded: { sql: ${JSON.stringify(NOTES)} } });
    return service;
  },
  close: async (db) => {
    await db.close();
    told('closed');
  },
};
export default defineBench({
  contenders: { ours: { recipe: 'db.select', ...contender }, yours: contender },
  cases: {
    list: {
      about: 'the notes of a user',
      ways: {
        ours: (db) => db.as(ana).select('notes', { columns: ['id', 'body'] }),
        yours: (db, { n }) => ${raw},
      },
    },
  },
  concurrency: [1, 3],
  rounds: 3,
  seconds: 0.05,
  warmUpSeconds: 0.01,
  ${more}
});
`;
/** Without a database. */
const plain = (yours: string): string => `${IMPORTS}
import { setImmediate as turn } from 'node:timers/promises';
const contender = { open: () => 'open', close: () => told('closed') };
export default defineBench({
  contenders: { ours: contender, yours: contender },
  cases: { list: { ways: { ours: () => turn([1]), yours: (_client, { n }) => ${yours} } } },
  rounds: 3,
  seconds: 0.05,
  warmUpSeconds: 0.01,
});
`;
const SAME = 'db.as(ana).sql`select id, body from notes order by id desc`';

async function folderWith(config: string): Promise<string> {
  return scratchFolder({ 'bench.config.ts': config, log: '' });
}

const configOf = (folder: string): string[] => ['bench', '--config', join(folder, 'bench.config.ts')];
const logOf = (folder: string): string[] =>
  readFileSync(join(folder, 'log'), 'utf8').split('\n').slice(0, -1);

interface ToldRow {
  readonly contender: string;
  readonly rounds: readonly { readonly perSecond: number; readonly p50Us: number; readonly cpuUs: number }[];
}

/** The same run, but for how fast this contender was, the same in each round. */
function asFast(text: string, name: string, factor: number): string {
  const run = JSON.parse(text) as { readonly rows: readonly ToldRow[] };
  const rows = run.rows.map((row) => {
    const [first] = row.rounds;
    if (row.contender !== name || first === undefined) return row;
    const { perSecond, p50Us, cpuUs } = first;
    const round = { perSecond: perSecond * factor, p50Us: p50Us / factor, cpuUs: cpuUs / factor };
    return { ...row, rounds: row.rounds.map(() => round) };
  });
  return JSON.stringify({ ...run, rows });
}

describe('cdb bench', { timeout: PATIENCE_MS }, () => {
  it('measures both ways, writes a page, and tells what became slower', async () => {
    const folder = await folderWith(embedded(SAME));
    const page = join(folder, 'page.html');
    const told = await runCdb([...configOf(folder), '--json', '--report', page]);
    expect(told.stderr).not.toContain('"error"');
    expect(told.code).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({
      bench: 'own',
      baseline: 'ours',
      ratios: [
        { case: 'list', tasks: 1, against: 'yours', figure: 'p50Us' },
        { case: 'list', tasks: 3, against: 'yours', figure: 'perSecond' },
      ],
      rows: [{ contender: 'ours' }, { contender: 'yours' }, { contender: 'ours' }, { contender: 'yours' }],
    });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*list: the notes of a user/);
    expect(logOf(folder)).toEqual(['closed', 'closed']);

    const earlier = join(folder, 'earlier.json');
    await writeFile(earlier, asFast(told.stdout, 'ours', 1e6));
    const slower = await runCdb([...configOf(folder), '--compare', earlier]);
    expect(slower.stdout).toMatch(/list, \d at a time +ours +[a-zA-Z ]+ +0\.00× +slower/);
    expect(slower.code).toBe(1);
    for (const text of ['list · 3 at a time', 'the notes of a user', 'ours is', 'Node ', 'load']) {
      expect(slower.stdout).toContain(text);
    }
    expect(slower.stdout).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('exits with 0 where nothing became slower', async () => {
    const folder = await folderWith(plain('turn([1])'));
    const { stdout } = await runCdb([...configOf(folder), '--json']);
    await addFiles(folder, { 'earlier.json': asFast(stdout, 'ours', 1e-6) });
    const run = await runCdb([...configOf(folder), '--compare', join(folder, 'earlier.json')]);
    expect(run.stdout).toMatch(/× +faster/);
    expect(run.code).toBe(0);
  });

  it('measures nothing where the ways answer differently', async () => {
    const folder = await folderWith(embedded('db.as(ana).sql`select id, body from notes where id < 10`'));
    const run = await runCdb([...configOf(folder), '--json']);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(JSON.parse(run.stderr.split('\n').findLast((line) => line.startsWith('{')) ?? '')).toMatchObject({
      error: {
        code: 'BENCH_ANSWERS_DIFFER',
        message:
          "'ours' and 'yours' answer differently in the case 'list', call 0: 20 rows and 4 rows. Nothing was measured.",
      },
    });
    expect(logOf(folder)).toEqual(['closed', 'closed']);
  });

  it.each([
    [
      'an error of its own',
      plain(`n < 8 ? turn([1]) : Promise.reject(Object.assign(new TypeError('s3cret'), { code: 'E_OWN' }))`),
      /failed: TypeError \(E_OWN\), at bench\.config\.ts:\d+:\d+\.\n/,
    ],
    [
      'an error of the service',
      embedded(`n < 8 ? ${SAME} : db.as(ana).insert('notes', { id: 1, owner: '${ANA}', body: 's3cret' })`),
      /failed: AuthorizationError \(FORBIDDEN\): /,
    ],
  ])('ends with the case and the way that threw %s, and closes', async (_what, config, failure) => {
    const folder = await folderWith(config);
    const page = join(folder, 'page.html');
    const run = await runCdb([...configOf(folder), '--report', page]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("cdb: The way 'yours' of the case 'list' ");
    expect(run.stderr).toMatch(failure);
    expect(run.stdout + run.stderr).not.toContain('s3cret');
    expect(existsSync(page)).toBe(false);
    expect(logOf(folder)).toEqual(['closed', 'closed']);
  });

  it.each([
    ['never settles', 'new Promise(() => {})', 'returned a promise that never settled'],
    ['ends the process', 'process.exit(0)', 'ended the process before everything was measured'],
  ])('exits with 1 on a way that %s', async (_what, way, message) => {
    const folder = await folderWith(plain(way));
    const run = await runCdb(configOf(folder));
    expect(run).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('prints JSON alone, whatever the bench prints', async () => {
    const folder = await folderWith(
      `console.log('loaded');${plain("(n < 5 && console.log('called'), turn([1]))")}`,
    );
    const run = await runCdb([...configOf(folder), '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({ bench: 'own' });
    expect(run.stderr).toMatch(/loaded\n[\s\S]*called\n/);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('closes everything on %s, and exits with 130', async (signal) => {
    const folder = await folderWith(plain("turn(n === 20 ? (told('measuring'), [1]) : [1])"));
    const main = resolve('src/cli/main.ts');
    const child = spawn(process.execPath, [main, ...configOf(folder), '--seconds', '600'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.stdout.resume();
    const exited = once(child, 'exit');
    await expect.poll(() => logOf(folder), { timeout: PATIENCE_MS, interval: 50 }).toContain('measuring');
    child.kill(signal);
    expect(await exited).toEqual([130, null]);
    expect(errors).toContain('cdb: Interrupted. Everything was closed');
    expect(logOf(folder)).toEqual(['measuring', 'closed', 'closed']);
  });

  it.each([
    ['a file that is not there', ['--config', 'nowhere.ts'], "There is no file 'nowhere.ts'."],
    [
      'no file in the folder',
      [],
      'There is no bench.config.ts, bench.config.mjs, bench.config.js in this folder.',
    ],
  ])('exits 2 on %s', async (_what, args, message) => {
    expect(await runCdb(['bench', ...args])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message),
    });
  });

  it.each([
    ['a file without a bench', 'export default {};', [], 'is no bench.'],
    ['a bench with a mistake', embedded(SAME, 'rouns: 3'), [], 'defineBench: the bench has no option rouns.'],
    [
      'a file that throws',
      "throw new Error('postgres://u:s3cret@h');",
      [],
      'could not be loaded: Error, at bench.config.ts:1:7.',
    ],
    [
      'a case that is not there',
      embedded(SAME),
      ['--case', 'lists'],
      '--case must be one of list. It was "lists".',
    ],
    ['rounds that are none', embedded(SAME), ['--rounds', '0'], '--rounds must be a number above 0.'],
    [
      'more rounds than a file may have',
      embedded(SAME),
      ['--rounds', '1001'],
      '--rounds must be at most 1000.',
    ],
    [
      'longer turns than a file may have',
      embedded(SAME),
      ['--seconds', '3601'],
      '--seconds must be at most 3600.',
    ],
    ['a page in no folder', embedded(SAME), ['--report', 'nowhere/page.html'], "It was 'nowhere/page.html'."],
    [
      'a file to compare that is not there',
      embedded(SAME),
      ['--compare', 'nowhere.json'],
      "There is no file 'nowhere.json'.",
    ],
    [
      'a file to compare that is none',
      embedded(SAME),
      ['--compare', resolve('package.json')],
      "output of 'cdb bench --json'",
    ],
    [
      'too few rounds to compare',
      embedded(SAME),
      ['--rounds', '2', '--compare', 'EARLIER'],
      '--compare needs 3 rounds at least',
    ],
    [
      'runs with nothing in common',
      embedded(SAME),
      ['--compare', 'EARLIER'],
      'have no case and ways in common.',
    ],
  ])('exits 2 on %s, and opens nothing', async (_what, config, args, message) => {
    const folder = await folderWith(config);
    const round = { perSecond: 1, p50Us: 1, cpuUs: 1 };
    const row = {
      case: 'list',
      contender: 'theirs',
      tasks: 1,
      p99Us: 1,
      quantilesUs: [],
      ...round,
      rounds: [round, round, round],
    };
    await addFiles(folder, { EARLIER: JSON.stringify({ bench: 'own', rows: [row] }) });
    const words = args.map((word) => (word === 'EARLIER' ? join(folder, word) : word));
    const run = await runCdb([...configOf(folder), ...words]);
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
    expect(run.stderr).not.toContain('s3cret');
    expect(logOf(folder)).toEqual([]);
  });
});

/** What a backend does without this package: a pool, and a transaction that says who acts. */
const serverSide = (direct: string): string => `${IMPORTS}
import pg from '${import.meta.resolve('pg')}';

async function asUser(pool, sub, sql, values) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query("select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)", [
      JSON.stringify({ sub, role: 'authenticated' }),
    ]);
    const { rows } = await client.query(sql, values);
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const url = process.env[${JSON.stringify(direct)}];
const people = ['${ANA}', '${BEN}'];
const asked = (random) => [people[Math.floor(random() * 2)], 1 + Math.floor(random() * 40)];

export default defineBench({
  contenders: {
    ours: { open: () => createDatabaseService({ direct: url }), close: (db) => db.close() },
    yours: { open: () => new pg.Pool({ connectionString: url, max: 5 }), close: (pool) => pool.end() },
  },
  cases: {
    'one note': {
      ways: {
        ours: (db, { random }) => {
          const [sub, id] = asked(random);
          return db.as(user({ sub })).select('notes', { columns: ['id', 'body'], filters: { id } });
        },
        yours: (pool, { random }) => {
          const [sub, id] = asked(random);
          return asUser(pool, sub, 'select id, body from notes where id = $1', [id]);
        },
      },
    },
    'who fails': {
      ways: {
        ours: (db) => db.as(user({ sub: people[0] })).select('notes', { columns: ['id'] }),
        yours: (pool) => asUser(pool, people[0], "select id from notes where body = $1 and nowhere", ['s3cret']),
      },
    },
  },
  rounds: 3,
  seconds: 0.05,
  warmUpSeconds: 0.01,
  concurrency: [1, 4],
});
`;

describeFullStack('cdb bench on a server', () => {
  it('measures the pool of a backend and the service, on tables of its own', {
    timeout: PATIENCE_MS,
  }, async () => {
    await using database = await createTestDatabase({ sql: NOTES });
    const folder = await folderWith(serverSide('APP_DATABASE_URL'));
    const environment = { APP_DATABASE_URL: database.user.direct };
    const run = await runCdb([...configOf(folder), '--case', 'one note', '--json'], environment);
    expect(run.stderr).not.toContain('"error"');
    expect(run.code).toBe(0);
    const { rows } = JSON.parse(run.stdout) as { readonly rows: readonly { readonly perSecond: number }[] };
    expect(rows).toHaveLength(4);
    expect(rows.every(({ perSecond }) => perSecond > 0)).toBe(true);
    const failed = await runCdb([...configOf(folder), '--case', 'who fails'], environment);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /The way 'yours' of the case 'who fails' failed: error \(42703\), at bench\.config\.ts:\d+:\d+\./,
    );
    for (const { stdout, stderr } of [run, failed]) {
      expect(stdout + stderr).not.toMatch(/s3cret|postgres(?:ql)?:\/\//);
      expect(stdout + stderr).not.toContain(new URL(database.user.direct).password);
    }
    expect(
      await database.query(
        `select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename <> current_user`,
      ),
    ).toEqual([]);
  });
});
