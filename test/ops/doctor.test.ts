import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { examine } from '../../src/ops/doctor.ts';
import type { Finding } from '../../src/ops/doctor-finding.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import { openAdmin } from './full-stack-admin.ts';

const bad = (findings: readonly Finding[]): readonly string[] =>
  findings
    .filter((each) => each.level === 'warning' || each.level === 'error')
    .map((each) => `${each.level} ${each.where} ${each.check}: ${each.message}`);

const about = (findings: readonly Finding[], where: string, check: Finding['check']): readonly Finding[] =>
  findings.filter((each) => each.where === where && each.check === check);

describeFullStack('examine', (stack) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({ migrated: true, sql: OWN_SCHEMA });
  });
  afterAll(() => database.drop());

  it('finds nothing wrong with the logins that this package makes, in any mode', async () => {
    const findings = await examine({ user: database.user, service: database.service });
    expect(bad(findings)).toEqual([]);
    expect(findings.map((each) => each.where)).toEqual(
      expect.arrayContaining([
        'direct',
        'session',
        'transaction',
        'service direct',
        'service transaction',
        'database',
      ]),
    );
  });

  it('tells the poolers and their modes apart', async () => {
    const findings = await examine({ user: database.user });
    const message = (mode: string): string | undefined => about(findings, mode, 'pooler')[0]?.message;
    expect([message('direct'), message('session'), message('transaction')]).toEqual([
      'Postgres itself, no pooler',
      'PgBouncer, session mode',
      'PgBouncer, transaction mode',
    ]);
  });

  it('tells whether the pooler follows the names of statements', async () => {
    const findings = await examine({ user: database.user });
    const [, names] = about(findings, 'transaction', 'pooler');
    expect(names).toMatchObject({
      level: 'info',
      advice: expect.stringContaining("pooledStatements: 'named'"),
    });
    expect(names?.message).toMatch(/(Follows|Does not follow) the names of statements/);
    expect(about(findings, 'session', 'pooler')).toHaveLength(1);
  });

  it('finds a URL that is given for another mode', async () => {
    const { direct, session, transaction } = database.user;
    const findings = await examine({ user: { direct: session, session: transaction, transaction: direct } });
    expect(bad(findings)).toEqual([
      'error direct pooler: PgBouncer, session mode: the URL leads to a pooler in session mode, not to Postgres itself',
      'error session pooler: PgBouncer, transaction mode: the URL leads to a pooler in transaction mode, not to a pooler in session mode',
      'error transaction pooler: Postgres itself, no pooler: the URL leads to Postgres itself, not to a pooler in transaction mode',
    ]);
    const advice = about(findings, 'session', 'pooler')[0]?.advice;
    expect(advice).toMatch(/^Set this URL as 'transaction'\. Interactive transactions/);
  });

  it('takes what cannot be reached for a finding, and says nothing of the password', async () => {
    const wrong = new URL(database.user.direct);
    wrong.password = 'not-the-password';
    const findings = await examine({
      user: { direct: wrong.href, session: 'postgres://someone:a-secret@127.0.0.1:1/nowhere' },
    });
    expect(bad(findings)).toEqual([
      expect.stringContaining('error direct reachable: The server refused the login'),
      expect.stringContaining('error session reachable: Could not connect to 127.0.0.1:1'),
    ]);
    expect(JSON.stringify(findings)).not.toMatch(/not-the-password|a-secret/);
  });

  it('finds a login that may do too much, or not enough', async () => {
    const superuser = await examine({ user: { direct: database.adminUrl } });
    expect(bad(superuser)).toContainEqual(expect.stringContaining('is a superuser'));
    const swapped = await examine({ user: { direct: database.service.direct } });
    expect(bad(swapped)).toEqual([
      expect.stringContaining('may not become anon, authenticated'),
      expect.stringContaining('may also become service_role'),
    ]);
  });

  it('takes URLs that are swapped for that, and advises no grant that joins the roles of both', async () => {
    const { user, service } = database;
    const findings = await examine({
      user: { direct: service.direct, transaction: service.transaction },
      service: { direct: user.direct, transaction: user.transaction },
    });
    for (const where of ['direct', 'service direct']) {
      expect(about(findings, where, 'login')).toContainEqual(
        expect.objectContaining({
          level: 'error',
          message: expect.stringContaining('may not become'),
          advice: expect.stringContaining('may be swapped'),
        }),
      );
    }
    expect(JSON.stringify(findings)).not.toMatch(/grant (service_role|anon|authenticated) /);
  });

  it('finds a role that a login may become through another one', async () => {
    const owner = await openAdmin(database.adminUrl);
    await using _ = { [Symbol.asyncDispose]: () => owner.close() };
    const [one, two, three] = ['one', 'two', 'three'].map((name) => `${database.name}_${name}`);
    const login = `${database.name}_login`;
    await owner.script(`
      create role ${one} noinherit; create role ${two}; create role ${three} bypassrls;
      create role ${login} login noinherit password 'a-secret';
      grant anon, authenticated to ${login};
      grant ${one} to ${login}; grant ${two} to ${one}; grant ${three} to ${two};`);
    const url = new URL(database.user.direct);
    [url.username, url.password] = [login, 'a-secret'];
    const found = about(await examine({ user: { direct: url.href } }), 'direct', 'login');
    await owner.script(`drop owned by ${login}; drop role ${login}, ${one}, ${two}, ${three};`);
    expect(found).toMatchObject([
      {
        level: 'error',
        message: `${login} may also become ${one}, ${three} (through ${two}), ${two} (through ${one}): raw SQL of a user could switch to it`,
        advice: expect.stringContaining("Run 'cdb init'"),
      },
    ]);
  });

  it('says what a login may become', async () => {
    const findings = await examine({ user: database.user });
    expect(about(findings, 'direct', 'login')[0]?.message).toMatch(
      / may become anon and authenticated and has no other rights$/,
    );
  });

  it('finds another program on the login, and takes its own connections for none', async () => {
    const { user } = database;
    const stranger = new pg.Client({ connectionString: user.direct, application_name: 'nightly-report' });
    const sibling = new pg.Client({ connectionString: user.direct, application_name: 'consolidated-db' });
    await stranger.connect();
    await sibling.connect();
    const findings = await examine({ user: { direct: user.direct } });
    await stranger.end();
    await sibling.end();
    expect(about(findings, 'direct', 'connections')).toMatchObject([
      { level: 'warning', message: expect.stringContaining('nightly-report') },
    ]);
    expect(about(findings, 'direct', 'connections')[0]?.message).not.toContain('consolidated-db');
  });

  it('finds tables and views that row level security does not guard', async () => {
    await using other = await createTestDatabase({
      migrated: true,
      sql: `${OWN_SCHEMA}
        alter table trips disable row level security;
        create view public.everyone as select * from profiles;
        create table public.draft (a int);
        revoke all on public.draft from anon, authenticated;
        alter table public.search_history enable row level security;
        drop policy "Everyone reads destinations" on destinations;`,
    });
    const findings = await examine({ user: { direct: other.user.direct } });
    expect(bad(findings)).toEqual([
      expect.stringMatching(
        /^warning database row level security: Row level security is off for the table public\.draft/,
      ),
      expect.stringMatching(
        /^error database row level security: The view public\.everyone runs with the rights of its owner/,
      ),
      expect.stringMatching(
        /^error database row level security: Row level security is off for the table public\.trips/,
      ),
    ]);
    expect(findings).toContainEqual(
      expect.objectContaining({
        level: 'info',
        message: expect.stringContaining('public.destinations has no policy'),
      }),
    );
    for (const finding of findings) if (finding.level === 'error') expect(finding.advice).toBeDefined();
  });

  it.runIf(stack.caFile !== undefined)('sees whether TLS is verified', async () => {
    const { readFile } = await import('node:fs/promises');
    const url = `${database.user.direct}?sslmode=require`;
    const ca = await readFile(stack.caFile ?? '', 'utf8');
    expect(about(await examine({ user: { direct: url }, ca }), 'direct', 'tls')).toMatchObject([
      { level: 'ok' },
    ]);
    const unknown = await examine({ user: { direct: url } });
    expect(about(unknown, 'direct', 'reachable')).toMatchObject([
      {
        level: 'error',
        message: expect.stringContaining('authority'),
        advice: expect.stringContaining('--tls-ca'),
      },
    ]);
    const unverified = await examine({ user: { direct: `${database.user.direct}?sslmode=no-verify` } });
    expect(about(unverified, 'direct', 'tls')).toMatchObject([{ level: 'warning' }]);
  });

  it('refuses what is no URL at all', async () => {
    await expect(examine({ user: { direct: 'mysql://x' } })).rejects.toMatchObject({ code: 'INVALID_URL' });
  });
});
