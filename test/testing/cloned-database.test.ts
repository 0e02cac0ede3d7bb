import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService, service, user } from '../../src/index.ts';
import {
  type ClonedDatabaseOptions,
  type ClonedTestDatabase,
  clonedDatabase,
  rollbackDatabase,
  testIdentities,
} from '../../src/testing/index.ts';
import { quoteName, withSession } from '../../stack/sql-session.ts';
import { describeFullStack } from '../support/full-stack.ts';
import { refusalOf } from '../truth/every-mode.ts';

describeFullStack('a cloned database', (stack) => {
  let folder: string;
  /** Other tests make theirs at the same time. */
  const made = new Set<string>();
  const clonedFrom = async (template: ClonedDatabaseOptions['template']): Promise<ClonedTestDatabase> => {
    const clone = await clonedDatabase({ adminUrl: stack.admin, template });
    if (typeof template !== 'string') made.add(clone.template);
    return clone;
  };
  const template = (sql?: string) => ({ migrations: folder, ...(sql !== undefined && { sql }) });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloned-database-'));
    await writeFile(
      join(folder, '1_tables.sql'),
      `create table notes (id int primary key, owner_id uuid default auth.uid() references auth.users on delete cascade);
       alter table notes enable row level security;
       create policy own on notes to authenticated using (owner_id = auth.uid());`,
    );
    // Of this run alone, so that its templates are made in it.
    await writeFile(join(folder, '2_rows.sql'), `insert into notes (id) values (1) -- ${randomUUID()}`);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
    for (const name of made) {
      await withSession(stack.admin, ({ query }) => query(`drop database ${quoteName(name)} with (force)`));
    }
  });

  const exists = (name: string) =>
    withSession(
      stack.admin,
      async ({ query }) => (await query('select from pg_database where datname = $1', [name])).length > 0,
    );

  it('has what the migrations made, and goes when it is dropped', async () => {
    const database = await clonedFrom(template());
    expect(await database.query('select id from notes where id = $1', [1])).toEqual([{ id: 1 }]);
    await database.drop();
    expect(await exists(database.name)).toBe(false);
  });

  it('is there once more for each that asks, of a template that is made once', async () => {
    const ask = () => clonedFrom(template('select 1'));
    const clones = await Promise.all([ask(), ask(), ask()]);
    expect(new Set(clones.map(({ template }) => template)).size).toBe(1);
    expect(new Set(clones.map(({ name }) => name)).size).toBe(3);
    await clones[0].query('delete from notes');
    expect(await clones[1].query('select id from notes')).toEqual([{ id: 1 }]);
    await Promise.all(clones.map((clone) => clone.drop()));
  });

  it('has another template where a file has changed, or where its making was broken off', async () => {
    await using first = await clonedFrom(template('select 2'));
    await using second = await clonedFrom(template('insert into notes (id) values (2)'));
    expect(await first.query('select id from notes')).toHaveLength(1);
    expect(await second.query('select id from notes')).toHaveLength(2);
    expect(second.template).not.toBe(first.template);
    await withSession(stack.admin, ({ query }) =>
      query(`comment on database ${quoteName(second.template)} is null`),
    );
    const url = new URL(stack.admin);
    url.pathname = `/${second.template}`;
    await withSession(url.href, ({ query }) => query('delete from notes'));
    await using third = await clonedFrom(template('insert into notes (id) values (2)'));
    expect(await third.query('select id from notes')).toHaveLength(2);
  });

  it('waits for a template that is in use', async () => {
    await using source = await clonedFrom(template());
    const client = new pg.Client({ connectionString: source.url });
    await client.connect();
    const refused = await refusalOf(() =>
      clonedDatabase({ adminUrl: stack.admin, template: source.name, timeoutMs: 200 }),
    );
    expect(refused.sqlState).toBe('55006');
    const waiting = clonedFrom(source.name);
    await client.end();
    await using clone = await waiting;
    expect(await clone.query('select id from notes')).toEqual([{ id: 1 }]);
  });

  it('says which migration failed, and leaves no template that is half made', async () => {
    const broken = await mkdtemp(join(tmpdir(), 'cloned-database-'));
    await writeFile(join(broken, '1_broken.sql'), 'create table half (id int); select nonsense;');
    // Nobody else makes templates as this login.
    const template = { migrations: broken, supabase: false };
    const ask = () => clonedDatabase({ adminUrl: stack.owner, template });
    await expect(ask()).rejects.toThrow(/^1_broken\.sql: .*nonsense/);
    await expect(ask()).rejects.toThrow(/^1_broken\.sql: .*nonsense/);
    const left = await withSession(stack.admin, ({ query }) =>
      query(
        `select datname from pg_database
         where datname like 'cdb\\_test\\_template\\_%' and pg_get_userbyid(datdba) = $1`,
        [decodeURIComponent(new URL(stack.owner).username)],
      ),
    );
    expect(left).toEqual([]);
    await mkdir(join(broken, 'none'));
    const empty = () =>
      clonedDatabase({ adminUrl: stack.admin, template: { migrations: join(broken, 'none') } });
    expect((await refusalOf(empty)).code).toBe('INVALID_OPTION');
    await rm(broken, { recursive: true });
  });

  it('is reached by other logins, by old code and by the handles of this package at once', async () => {
    await using database = await clonedFrom(template());
    await using people = await testIdentities(database, { ana: {} });
    const { ana } = people.users;
    const old = new pg.Client({ connectionString: database.url });
    await old.connect();
    await old.query('insert into notes values (2, $1)', [ana.id]);
    await old.end();
    await using db = createDatabaseService({
      direct: database.urlOf(stack.user.direct),
      service: { direct: database.urlOf(stack.service.direct) },
    });
    expect(await db.as(ana.identity).select('notes', { columns: ['id'] })).toEqual([{ id: 2 }]);
    expect(await db.as(service()).count('notes')).toBe(2);
    await using rolledBack = rollbackDatabase({ url: database.url });
    await rolledBack.db.as(user({ sub: ana.id })).sql`select 1`;
    await rolledBack.query('delete from notes');
    await rolledBack.close();
    expect(await db.as(service()).count('notes')).toBe(2);
  });

  it('quotes the name of its template', async () => {
    const refused = await refusalOf(() =>
      clonedDatabase({ adminUrl: stack.admin, template: 'no"; drop database postgres' }),
    );
    expect(refused.sqlState).toBe('3D000');
  });

  it('is made by no pooler, and on no other machine unless that is said', async () => {
    const pooled = { adminUrl: stack.user.session, template: template() };
    expect((await refusalOf(() => clonedDatabase(pooled))).code).toBe('MISPLACED_URL');
    const remote = { adminUrl: 'postgres://postgres:secret@db.example.org/postgres', template: template() };
    const refused = await refusalOf(() => clonedDatabase(remote));
    expect(refused.code).toBe('REMOTE_TEST_DATABASE');
    expect(JSON.stringify(refused)).not.toContain('secret');
    const allowed = {
      ...remote,
      adminUrl: 'postgres://postgres:secret@db.invalid/postgres',
      allowRemote: true,
    };
    expect((await refusalOf(() => clonedDatabase(allowed))).code).not.toBe('REMOTE_TEST_DATABASE');
  });
});

describe('options of a cloned database', () => {
  it('refuses one that it does not know', async () => {
    const wrong = { adminUrl: 'postgres://a@localhost/b', template: 'x', tempalte: 'y' };
    expect((await refusalOf(() => clonedDatabase(wrong))).message).toBe(
      'clonedDatabase has no option "tempalte". Did you mean "template"?',
    );
  });
});
