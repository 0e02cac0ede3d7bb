import { afterAll, beforeAll, expect, it } from 'vitest';
import { anonymous, createDatabaseService, service, user } from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';

const ME = user({ sub: '00000000-0000-4000-8000-000000000001' });

describeFullStack('a table that the options call public', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase({
      sql: `create table trips (id int primary key, owner uuid);
        alter table trips enable row level security;
        create policy own on trips to authenticated using (owner = (select auth.uid()));
        create policy all_of_them on trips to anon using (true);
        create table places (id int primary key);
        create view mine with (security_invoker) as select id from trips;
        create function secret() returns boolean language plpgsql stable as 'begin return true; end';
        create table hidden (id int primary key);
        alter table hidden enable row level security;
        create policy secret on hidden using (secret());
        grant all on trips, places, mine, hidden to anon, authenticated, service_role`,
    });
  });
  afterAll(() => database.drop());

  it('whose reads depend on claims is kept for each identity, and that is told once for each role', async () => {
    const warnings: string[] = [];
    await using db = createDatabaseService({
      ...database.user,
      service: database.service,
      onWarning: (message) => warnings.push(message),
      cache: { public: ['trips', 'places', 'mine', 'hidden'], functions: { secret: { reads: [] } } },
    });
    for (const identity of [anonymous(), service(), ME]) {
      await db.as(identity).count('places', { cache: true });
    }
    for (const identity of [anonymous(), service()]) await db.as(identity).count('trips', { cache: true });
    expect(warnings).toEqual([]);
    for (const filters of [{ id: 1 }, { id: 2 }]) {
      await db.as(ME).select('trips', { filters, cache: true });
      await db.as(user({ sub: '00000000-0000-4000-8000-000000000002' })).count('trips', { cache: true });
      await db.refreshCatalog();
    }
    const told = `The option 'cache.public' names "public.trips", but what the role "authenticated" reads of it depends on claims (sub): each identity has answers of its own.`;
    expect(warnings).toEqual([told]);
    await db.as(ME).count('mine', { cache: true });
    await db.as(ME).count('hidden', { cache: true });
    expect(warnings).toEqual([
      told,
      told.replace('trips', 'mine'),
      told.replace('trips', 'hidden').replace(' (sub)', ''),
    ]);
    const { cacheable, ...report } = await db.as(ME).explainCache(db.build.select('trips'));
    expect([cacheable, report]).toEqual([true, expect.objectContaining({ sharedBy: 'identity' })]);
  });
});
