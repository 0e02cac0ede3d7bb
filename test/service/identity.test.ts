import { setTimeout as after } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseHandle,
  service,
  user,
} from '../../src/index.ts';
import { withSession } from '../../stack/sql-session.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl } from '../support/network/connection-url.ts';

const ANN = user({ sub: '00000000-0000-4000-8000-00000000000a' });
const BEN = user({ sub: '00000000-0000-4000-8000-00000000000b' });

const SQL = `
  create table notes (id int, owner uuid default auth.uid());
  alter table notes enable row level security;
  create policy own on notes to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
  insert into notes values (1, '00000000-0000-4000-8000-00000000000a'), (2, '00000000-0000-4000-8000-00000000000b');
`;

describeFullStack('who a statement runs as', () => {
  let database: TestDatabase;
  let db: ConsolidatedDatabaseService;
  /** One login for all: it may become the service role. */
  let sharedUrl: string;

  beforeAll(async () => {
    database = await createTestDatabase({ sql: SQL });
    db = createDatabaseService({ ...database.user, service: database.service });
    const shared = new URL(database.user.direct);
    shared.username = `${database.name}_shared`;
    shared.password = 'a-password-of-these-tests';
    sharedUrl = shared.href;
    await withSession(database.adminUrl, ({ query }) =>
      query(
        `create role "${shared.username}" login noinherit password '${shared.password}' in role anon, authenticated, service_role`,
      ),
    );
  });
  afterAll(async () => {
    await db.close();
    await withSession(database.adminUrl, ({ query }) => query(`drop role "${database.name}_shared"`));
    await database.drop();
  });

  const ids = async (handle: DatabaseHandle) =>
    (await handle.select('notes', { orderBy: 'id' })).map(({ id }) => id);

  it('is the identity of the handle, by row level security', async () => {
    expect(await ids(db.as(ANN))).toEqual([1]);
    expect(await ids(db.as(BEN))).toEqual([2]);
    expect(await ids(db.as(anonymous()))).toEqual([]);
    expect(await ids(db.as(service()))).toEqual([1, 2]);
    await expect(
      db.as(ANN).insert('notes', { id: 3, owner: '00000000-0000-4000-8000-00000000000b' }),
    ).rejects.toMatchObject({ name: 'AuthorizationError' });
  });

  it('is the ambient one of runAs, through awaits, timers and parallel work, and gone outside', async () => {
    const seen = await Promise.all(
      [ANN, BEN, ANN, BEN].map((identity) =>
        db.runAs(identity, async () => {
          await after(1);
          const first = await ids(db);
          const [second, third] = await Promise.all([
            new Promise<unknown>((resolve) => setTimeout(() => resolve(ids(db)), 1)),
            db.transaction((tx) => tx.select('notes', { columns: ['id'] })),
          ]);
          return [first, second, third];
        }),
      ),
    );
    expect(seen).toEqual([1, 2, 1, 2].map((id) => [[id], [id], [{ id }]]));
    await expect(ids(db)).rejects.toMatchObject({ code: 'IDENTITY_REQUIRED' });
    expect(db.runAs(ANN, () => 'what fn returns')).toBe('what fn returns');
  });

  it('is the innermost ambient one, and the explicit one before any', async () => {
    await db.runAs(ANN, async () => {
      expect(await ids(db)).toEqual([1]);
      expect(await db.runAs(BEN, () => ids(db))).toEqual([2]);
      expect(await ids(db)).toEqual([1]);
      const ben = db.as(BEN);
      expect(await ids(ben)).toEqual([2]);
      expect(await ids(ben.schema('public'))).toEqual([2]);
      expect(await ben.transaction((tx) => tx.count('notes', { filters: { id: 2 } }))).toBe(1);
    });
    expect(() => db.runAs(user({ role: 'postgres' }), () => {})).toThrow(
      expect.objectContaining({ code: 'ROLE_NOT_ALLOWED' }),
    );
  });

  it.each([
    { kind: 'service' },
    { kind: 'user', claims: { sub: 'me' } },
    { kind: 'anonymous' },
    null,
    'service',
    undefined,
  ])('is never that of parsed JSON, such as %j', (parsed) => {
    const refused = expect.objectContaining({ code: 'INVALID_IDENTITY' });
    expect(() => db.as(parsed as never)).toThrow(refused);
    expect(() => db.runAs(parsed as never, () => {})).toThrow(refused);
  });

  it('is, for a stream, the one of where it was asked for, wherever it is read', async () => {
    const rows = db.runAs(ANN, () => db.stream('notes', { columns: ['id'] }));
    const seen: unknown[] = [];
    await db.runAs(BEN, async () => {
      for await (const row of rows) seen.push(row);
    });
    expect(seen).toEqual([{ id: 1 }]);
  });

  it('is, for the handler of a notification, that of nobody else who listens', async () => {
    // The first to listen opens the connection, and what arrives on it arrives in its context.
    const mine = await db.runAs(ANN, () => db.as(service()).listen('ann', () => {}));
    const asked = Promise.withResolvers<unknown>();
    const others = await db.as(service()).listen('ben', () => {
      ids(db).then(asked.resolve, asked.resolve);
    });
    await db.as(service()).notify('ben');
    expect(await asked.promise).toMatchObject({ code: 'IDENTITY_REQUIRED' });
    await Promise.all([mine.unsubscribe(), others.unsubscribe()]);
  });

  it.each(['direct', 'session', 'transaction'] as const)(
    'service() has a login of its own, in %s mode',
    async (mode) => {
      const login = (handle: DatabaseHandle) =>
        handle.sql({ mode })<{
          login: string;
          role: string;
        }>`select session_user::text as login, current_user::text as role`;
      expect(await login(db.as(service()))).toEqual([
        { login: readConnectionUrl(database.service[mode]).login.user, role: 'service_role' },
      ]);
      expect(await login(db.as(ANN))).toEqual([
        { login: readConnectionUrl(database.user[mode]).login.user, role: 'authenticated' },
      ]);
      expect(await login(db.as(anonymous()))).toEqual([
        { login: readConnectionUrl(database.user[mode]).login.user, role: 'anon' },
      ]);
      await expect(
        db.as(ANN).sql({ mode })`select set_config('role', 'service_role', true)`,
      ).rejects.toMatchObject({ sqlState: '42501' });
    },
  );

  it('is nobody who climbs: SQL cannot leave its role behind for the next caller', async () => {
    for (const mode of ['direct', 'session', 'transaction'] as const) {
      const ann = db.as(ANN);
      await ann.sql({
        mode,
      })`select set_config('request.jwt.claim.sub', '00000000-0000-4000-8000-00000000000b', false), set_config('search_path', 'pg_temp', false)`;
      expect(await db.as(ANN).select('notes', { columns: ['id'], mode })).toEqual([{ id: 1 }]);
    }
  });

  it('refuses a privileged login in production, before any statement', async () => {
    const refused = { code: 'PRIVILEGED_LOGIN', name: 'ConfigurationError' };
    const cases = [
      { direct: database.adminUrl, service: { direct: database.service.direct } },
      { direct: sharedUrl, service: { direct: database.service.direct } },
    ];
    for (const urls of cases) {
      await using production = createDatabaseService({ ...urls, production: true });
      await expect(production.as(ANN).select('notes')).rejects.toMatchObject(refused);
      await expect(production.as(ANN).sql`select 1`).rejects.toMatchObject(refused);
      await expect(production.as(ANN).transaction(async () => {})).rejects.toMatchObject(refused);
    }
    expect(() => createDatabaseService({ direct: database.user.direct, production: true })).toThrow(
      expect.objectContaining(refused),
    );
    await using least = createDatabaseService({
      ...database.user,
      service: database.service,
      production: true,
    });
    expect(await ids(least.as(ANN))).toEqual([1]);
    expect(await ids(least.as(service()))).toEqual([1, 2]);
  });

  it('warns of a privileged login elsewhere, once', async () => {
    const warnings: string[] = [];
    await using shared = createDatabaseService({
      direct: sharedUrl,
      onWarning: (message) => warnings.push(message),
    });
    await shared.as(service()).select('notes');
    await expect(shared.as(ANN).select('notes')).resolves.toEqual(expect.anything());
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.join()).toMatch(/service_role/);
  });
});
