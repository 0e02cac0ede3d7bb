import { randomBytes } from 'node:crypto';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { openAdmin } from './full-stack-admin.ts';
import { runCdb } from './run-cdb.ts';
import { addFiles, scratchFolder } from './scratch-folder.ts';

const COMMANDS = [
  'init',
  'migrate up',
  'migrate status',
  'policies migration',
  'policies check',
  'policies lint',
  'policies test',
  'policies status',
  'policies open-temporarily',
  'policies close',
  'cache triggers',
  'audit tables',
  'audit list',
  'doctor',
];

describe('the command line', () => {
  it.each([...COMMANDS, 'migrate', 'policies', 'cache', 'audit', ''])(
    "explains 'cdb %s' with --help",
    async (command) => {
      const words = command.split(' ').filter((word) => word !== '');
      const { code, stdout, stderr } = await runCdb([...words, '--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(`USAGE ${['cdb', ...words].join(' ')}`);
      expect(stdout).not.toContain('\u001b');
      if (COMMANDS.includes(command)) expect(stdout).toContain('--json');
    },
  );

  it.each([
    ['no command', [], 'USAGE cdb'],
    ['an unknown command', ['mirgate'], "There is no command 'mirgate'"],
    [
      'an unknown command of a group',
      ['migrate', 'constructor'],
      "There is no command 'constructor'. Commands: up, status.",
    ],
    ['an unknown option', ['migrate', 'up', '--dry-run'], "Unknown option '--dry-run'"],
    ['an argument too many', ['migrate', 'up', 'now'], "Unexpected argument: 'now'"],
    ['a missing argument', ['policies', 'migration'], 'The argument NAME is missing'],
    ['a value that is none', ['migrate', 'up', '--lock-timeout-ms=soon'], '--lock-timeout-ms must be'],
    ['no database', ['migrate', 'up'], 'CDB_ADMIN_URL'],
    ['a missing option', ['policies', 'open-temporarily', '--table=trips'], 'The option --role is missing'],
    ['no tables', ['cache', 'triggers'], '--tables'],
    ['tables in two ways', ['cache', 'triggers', '--all', '--tables=trips'], 'one of the two'],
    ['all tables of no database', ['cache', 'triggers', '--all'], 'CDB_ADMIN_URL'],
    ['no database for the doctor', ['doctor'], 'CDB_TRANSACTION_URL'],
    ['a URL that is none', ['migrate', 'up', '--url=postgres//x:secret@y'], '--url'],
    [
      'a certificate file that is none',
      ['doctor', '--direct=postgres://a@b/c', '--tls-ca=nowhere.pem'],
      'nowhere.pem',
    ],
    [
      'text in place of a certificate',
      ['doctor', '--direct=postgres://a@b/c', '--tls-ca', '-----BEGIN PRIVATE KEY-----\nsecret\n'],
      "--tls-ca is neither PEM text nor a file that can be read. It was '-----BEGIN PRIVATE KEY-----'",
    ],
    ['an option without its value', ['doctor', '--direct', '--json'], 'The option --direct has no value'],
    [
      'a value that begins with a dash',
      ['init', '--user-login', '-me'],
      'begins with a dash is written with an equals sign: --user-login=VALUE',
    ],
    [
      'a pooler URL that is none, before anything is created',
      ['init', '--url=postgres://a:secret@127.0.0.1:1/b', '--session=postgres//x:secret@y'],
      "'--session' is not a valid URL",
    ],
    [
      'a second pooler URL that is none',
      [
        'init',
        '--url=postgres://a:secret@127.0.0.1:1/b',
        '--session=postgres://x@y/z',
        '--transaction=postgres://x%ZZ@y/z',
      ],
      "'--transaction' contains an invalid percent-encoding",
    ],
  ])('exits 2 on %s and says so', async (_what, args, message) => {
    const { code, stdout, stderr } = await runCdb(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('secret');
  });

  it('exits 1 on a server that does not answer, without the password', async () => {
    const environment = { CDB_ADMIN_URL: 'postgres://a:secret@127.0.0.1:1/b' };
    const { code, stdout, stderr } = await runCdb(['migrate', 'status', '--json'], environment);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { name: 'ConnectionError', code: 'CONNECT_FAILED' } });
    expect(stderr).not.toContain('secret');
  });

  it('takes the text of a certificate behind --tls-ca, in one word or two', async () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const runs = [['--tls-ca', pem], [`--tls-ca=${pem}`]].map(async (words) => {
      const { code, stdout, stderr } = await runCdb([
        'doctor',
        '--direct',
        'postgres://a:secret@127.0.0.1:1/b',
        ...words,
        '--json',
      ]);
      expect({ code, stderr: stderr.includes('secret') }).toEqual({ code: 1, stderr: false });
      expect(stdout).toContain('Could not connect to 127.0.0.1:1');
    });
    await Promise.all(runs);
  });

  it('writes a policies migration without any database', async () => {
    const folder = await scratchFolder({
      'migrations/1_a.sql': 'select 1',
      'policies/trips.sql': 'select 1;',
    });
    const { code, stdout } = await runCdb(['policies', 'migration', 'first', '--dir', folder, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      path: expect.stringMatching(/migrations\/\d{14}_first\.sql$/),
      carried: ['trips.sql'],
      dropped: [],
      gone: [],
    });
  });

  it('writes no policies migration that drops policies without --yes, for people and for scripts', async () => {
    const folder = await scratchFolder({
      'migrations/1_a.sql': 'create policy "Owners read" on trips using (true);',
      'policies/trips.sql': 'create policy "All read" on public.trips using (true);',
    });
    const args = ['policies', 'migration', 'next', '--dir', folder];
    const asked = await runCdb(args);
    expect(asked).toMatchObject({ code: 1, stdout: '' });
    expect(asked.stderr).toContain('These are lost:\n  Owners read  (public.trips)\n');
    expect(asked.stderr).toContain('Nothing was written');
    const json = await runCdb([...args, '--json']);
    const dropped = [{ table: 'public.trips', policy: 'Owners read' }];
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ path: null, carried: ['trips.sql'], dropped, gone: [] });
    expect(await readdir(join(folder, 'migrations'))).toEqual(['1_a.sql']);
    const yes = await runCdb([...args, '--yes']);
    expect(yes).toMatchObject({ code: 0, stderr: '' });
    expect(yes.stdout).toMatch(/^drops {2}Owners read {2}\(public\.trips\)\nwrote {2}/);
    expect(await readdir(join(folder, 'migrations'))).toHaveLength(2);
  });
});

describeFullStack('the command line on a server', () => {
  it('says how it takes an unknown certificate authority', async () => {
    await using database = await createTestDatabase();
    const url = `${database.ownerUrl}?sslmode=verify-full`;
    const { code, stderr } = await runCdb(['migrate', 'status'], { CDB_ADMIN_URL: url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/certificate .* is signed by an unknown certificate authority[\s\S]*--tls-ca/);
    expect(stderr).not.toContain('tls: {');
  });

  it('migrates, says what is applied, and exits by it', async () => {
    await using database = await createTestDatabase();
    const environment = { CDB_ADMIN_URL: database.ownerUrl };
    const files = (await readdir('supabase/migrations')).filter((name) => name.endsWith('.sql'));

    const before = await runCdb(['migrate', 'status', '--json'], environment);
    expect(before.code).toBe(1);
    expect(JSON.parse(before.stdout).migrations).toHaveLength(files.length);
    const up = await runCdb(['migrate', 'up'], environment);
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout.trim().split('\n')).toHaveLength(files.length);
    expect(await runCdb(['migrate', 'up'], environment)).toMatchObject({
      code: 0,
      stdout: 'Nothing to apply.\n',
    });
    expect((await runCdb(['migrate', 'status'], environment)).code).toBe(0);

    expect(await runCdb(['policies', 'check'], environment)).toMatchObject({
      code: 0,
      stdout: 'The database matches the policy files.\n',
    });
    await database.query('drop policy "Owners delete their trips" on trips');
    const check = await runCdb(['policies', 'check'], environment);
    expect(check.code).toBe(1);
    expect(check.stdout).toMatch(
      /public\.trips +Owners delete their trips +in the files, not in the database/,
    );
  });

  it('exits 1 when a migration fails, and says where', async () => {
    await using database = await createTestDatabase();
    const folder = await scratchFolder({ 'migrations/1_bad.sql': 'select 1;\nselect nope;' });
    const { code, stderr } = await runCdb(['migrate', 'up', '--dir', folder], {
      CDB_ADMIN_URL: database.ownerUrl,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cdb: The migration failed at 1_bad\.sql, line 2 .*column "nope" does not exist/);
  });

  it('refuses to migrate through a pooler in transaction mode, before anything has run', async () => {
    await using database = await createTestDatabase();
    const pooled = atAddressOf(database.ownerUrl, database.user.transaction);
    const { code, stdout, stderr } = await runCdb(['migrate', 'up'], { CDB_ADMIN_URL: pooled });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('a pooler in transaction mode. Nothing was run.');
    const left = await database.query(
      "select 1 from pg_locks where locktype = 'advisory' union all select 1 from pg_namespace where nspname = 'supabase_migrations'",
    );
    expect(left).toEqual([]);
    const session = atAddressOf(database.ownerUrl, database.user.session);
    expect((await runCdb(['migrate', 'up'], { CDB_ADMIN_URL: session })).code).toBe(0);
  });

  it('gives out no direct URL where the administrator came through a pooler', async () => {
    await using database = await createTestDatabase({ migrated: true });
    const suffix = randomBytes(4).toString('hex');
    const logins = [`cdb_u_${suffix}`, `cdb_s_${suffix}`];
    const args = ['init', `--user-login=${logins[0]}`, `--service-login=${logins[1]}`, '--json'];
    try {
      const session = atAddressOf(database.ownerUrl, database.user.session);
      const made = await runCdb(args, { CDB_ADMIN_URL: session });
      expect(made).toMatchObject({ code: 0, stderr: '' });
      const { environment } = JSON.parse(made.stdout) as { environment: Record<string, string> };
      expect(Object.keys(environment)).toEqual(['CDB_SESSION_URL', 'CDB_SERVICE_SESSION_URL']);
      expect((await runCdb(['doctor'], environment)).code).toBe(0);
    } finally {
      const superuser = await openAdmin(database.adminUrl);
      for (const login of logins) await superuser.script(`drop role if exists ${login}`);
      await superuser.close();
    }
  });

  it('applies older migrations only with --include-all', async () => {
    await using database = await createTestDatabase();
    const environment = { CDB_ADMIN_URL: database.ownerUrl };
    const folder = await scratchFolder({ 'migrations/2_b.sql': 'select 2' });
    expect((await runCdb(['migrate', 'up', '--dir', folder], environment)).code).toBe(0);
    await addFiles(folder, { 'migrations/1_a.sql': 'select 1' });
    expect((await runCdb(['migrate', 'up', '--dir', folder], environment)).code).toBe(1);
    expect((await runCdb(['migrate', 'up', '--dir', folder, '--include-all'], environment)).code).toBe(0);
  });

  it('makes the logins, whose URLs the doctor then finds in order', async () => {
    await using database = await createTestDatabase({ migrated: true });
    const suffix = randomBytes(4).toString('hex');
    const logins = [`cdb_u_${suffix}`, `cdb_s_${suffix}`];
    const args = [
      'init',
      `--user-login=${logins[0]}`,
      `--service-login=${logins[1]}`,
      `--session=${withoutPassword(database.user.session)}`,
      `--transaction=${withoutPassword(database.user.transaction)}`,
    ];
    try {
      const made = await runCdb([...args, '--json'], { CDB_ADMIN_URL: database.ownerUrl });
      expect(made.code).toBe(0);
      const { schema, environment } = JSON.parse(made.stdout) as {
        schema: object;
        environment: Record<string, string>;
      };
      expect(schema).toMatchObject({
        installed: expect.arrayContaining(['0001_idempotency', '0002_changes']),
      });
      expect(Object.keys(environment)).toEqual([
        'CDB_DIRECT_URL',
        'CDB_SESSION_URL',
        'CDB_TRANSACTION_URL',
        'CDB_SERVICE_DIRECT_URL',
        'CDB_SERVICE_SESSION_URL',
        'CDB_SERVICE_TRANSACTION_URL',
      ]);
      const healthy = await runCdb(['doctor'], environment);
      expect(healthy).toMatchObject({ code: 0, stderr: '' });
      for (const url of Object.values(environment))
        expect(healthy.stdout).not.toContain(new URL(url).password);

      const again = await runCdb(args, { CDB_ADMIN_URL: database.ownerUrl });
      expect(again).toMatchObject({ code: 0, stderr: '' });
      expect(again.stdout).toContain('its password is unchanged');
      expect(again.stdout).not.toContain('postgres://');

      await database.query('alter table trips disable row level security');
      const sick = await runCdb(['doctor', '--json'], environment);
      expect(sick.code).toBe(1);
      expect(JSON.parse(sick.stdout).findings).toContainEqual(
        expect.objectContaining({
          level: 'error',
          advice: expect.stringContaining('enable row level security'),
        }),
      );
    } finally {
      const superuser = await openAdmin(database.adminUrl);
      for (const login of logins) await superuser.script(`drop role if exists ${login}`);
      await superuser.close();
    }
  });

  it('writes and applies a policies migration from the changed files', async () => {
    await using database = await createTestDatabase();
    const environment = { CDB_ADMIN_URL: database.ownerUrl };
    const folder = await scratchFolder({});
    await cp('supabase', folder, { recursive: true, filter: (path) => !path.includes('.temp') });
    await runCdb(['migrate', 'up', '--dir', folder], environment);
    await addFiles(join(folder, 'policies'), {
      'destinations.sql': 'alter table public.destinations enable row level security;\n',
    });
    expect((await runCdb(['policies', 'check', '--dir', folder], environment)).code).toBe(1);
    expect(
      (await runCdb(['policies', 'migration', 'close_destinations', '--yes', '--dir', folder])).code,
    ).toBe(0);
    expect((await runCdb(['migrate', 'up', '--dir', folder], environment)).code).toBe(0);
    expect((await runCdb(['policies', 'check', '--dir', folder], environment)).code).toBe(0);
  });
});

/** The login of one URL at the address of another. */
function atAddressOf(login: string, address: string): string {
  const url = new URL(login);
  url.host = new URL(address).host;
  return url.href;
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}
