import type { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseService } from '../../src/index.ts';
import { rollbackDatabase, type TestUser, testIdentities } from '../../src/testing/index.ts';
import { createEmbeddedDatabase } from '../support/embedded-database.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { refusalOf } from '../truth/every-mode.ts';

const ID = '00000000-0000-4000-8000-000000000001';

const profile = ({ id, name, email }: TestUser) => ({
  table: 'profiles',
  row: { id, username: name, email, preferences: { theme: 'dark' } },
});

describe('users of tests', () => {
  let pglite: PGlite;
  const admin = {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query<Row>(text, [...values])).rows,
  };

  beforeAll(async () => {
    pglite = await createEmbeddedDatabase({ migrated: true });
  });
  afterAll(() => pglite.close());

  it('are in auth.users with their profiles, until they are removed', async () => {
    const people = await testIdentities(admin, { ana: {}, ben: {} }, { profile });
    const { ana, ben } = people.users;
    expect(await admin.query('select id, email from auth.users order by email')).toEqual(
      [ana, ben].map(({ id, email }) => ({ id, email })),
    );
    expect(await admin.query('select username, preferences from profiles order by username')).toEqual(
      ['ana', 'ben'].map((username) => ({ username, preferences: { theme: 'dark' } })),
    );
    await people.remove();
    await people.remove();
    expect(await admin.query('select id from auth.users union all select id from profiles')).toEqual([]);
  });

  it('have the same id each time, and each another one', async () => {
    const once = async () => {
      await using people = await testIdentities(admin, { ana: {}, ben: {} });
      return [people.users.ana.id, people.users.ben.id];
    };
    const ids = await once();
    expect(await once()).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('act with their claims', async () => {
    const app_metadata = { plan: 'pro' };
    await using people = await testIdentities(admin, { ana: { claims: { app_metadata } } });
    await using db = createDatabaseService({ embedded: { pglite } });
    const { id, email, identity } = people.users.ana;
    const [seen] = await db.as(identity)
      .sql`select auth.uid() as id, auth.jwt() as claims, current_user::text as role`;
    expect(seen).toEqual({
      id,
      role: 'authenticated',
      claims: { sub: id, email, role: 'authenticated', app_metadata },
    });
    expect(await admin.query('select raw_app_meta_data as metadata from auth.users')).toEqual([
      { metadata: app_metadata },
    ]);
  });

  it('are all removed where one of them could not be made', async () => {
    const clash = { ana: {}, ben: { email: 'ana@example.org' } };
    await expect(testIdentities(admin, clash, { profile })).rejects.toThrow();
    expect(await admin.query('select id from auth.users union all select id from profiles')).toEqual([]);
  });

  it('have no options but those that are known', async () => {
    const misspelt = { ana: { id: ID, emial: 'x@example.org' } };
    expect(await refusalOf(() => testIdentities(admin, misspelt))).toMatchObject({
      code: 'UNKNOWN_OPTION',
      message: "The test user 'ana' has no option 'emial'. Known options: id, email, claims.",
    });
  });

  it('go with a test that is rolled back', async () => {
    await using database = rollbackDatabase({ embedded: { pglite } });
    const { users } = await testIdentities(database, { ana: {} }, { profile });
    expect(await database.db.as(users.ana.identity).count('profiles')).toBe(1);
    await database.rollback();
    expect(await database.query('select id from auth.users')).toEqual([]);
  });
});

describeFullStack('users of tests on a server', () => {
  it('are made by the owner of the database', async () => {
    await using server = await createTestDatabase({ migrated: true });
    await using people = await testIdentities(server, { ana: {} }, { profile });
    expect(await server.query('select username from profiles')).toEqual([{ username: 'ana' }]);
    await people.remove();
    expect(await server.query('select id from auth.users')).toEqual([]);
  });
});
