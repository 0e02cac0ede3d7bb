import { createRepository } from '../../src/business/create-repository.ts';
import type { Page, Repository } from '../../src/business/repository.ts';
import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import type { DatabaseHandle } from '../../src/consolidated/typed/database-handle.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const mine: DatabaseHandle<Database>;
declare const untyped: ConsolidatedDatabaseService;
type Public = Database['public'];
type Profile = Public['Tables']['profiles']['Row'];
type Key = Public['Tables']['api_keys']['Row'];

const profiles = createRepository(mine, 'profiles');
const keys = createRepository(db, 'api_keys', { key: ['user_id', 'key_hash'] });

export async function itIsOfATableAndItsKey(): Promise<void> {
  type _Default = Expect<Equal<typeof profiles, Repository<Public, 'profiles', 'id'>>>;
  type _Several = Expect<
    Equal<typeof keys, Repository<Public, 'api_keys', readonly ['user_id', 'key_hash']>>
  >;
  createRepository(db, 'profiles', {});
  createRepository(db, 'profiles', { key: 'email' });
  createRepository(db, 'trip_titles');
  createRepository(db.schema('billing'), 'invoices');
  // @ts-expect-error no such table
  createRepository(db, 'profile');
  // @ts-expect-error no such column
  createRepository(db, 'profiles', { key: 'emial' });
  // @ts-expect-error no such column
  createRepository(db, 'profiles', { key: ['id', 'emial'] });
  // @ts-expect-error a key has columns
  createRepository(db, 'profiles', { key: [] });
  // @ts-expect-error the view takes no writes
  createRepository(db, 'trip_totals', { key: 'user_id' });
  // @ts-expect-error no such option
  createRepository(db, 'profiles', { keys: 'email' });
  // @ts-expect-error it is no table of the schema
  createRepository(db, 'invoices');
}

export async function oneRow(): Promise<void> {
  const row = await profiles.find('p');
  type _Row = Expect<Equal<typeof row, Profile | undefined>>;
  const got = await profiles.get('p', { columns: ['email'], timeoutMs: 100 });
  type _Got = Expect<Equal<typeof got, { email: string }>>;
  const kept = await profiles.find('p', { columns: ['id'], cache: true });
  type _Kept = Expect<Equal<typeof kept, { readonly id: string } | undefined>>;
  const ofKey = await keys.get({ user_id: 'u', key_hash: 'h' });
  type _OfKey = Expect<Equal<typeof ofKey, Key>>;
  await createRepository(db.schema('billing'), 'invoices').find(7n);
  // @ts-expect-error an undefined key is no row
  await profiles.find(undefined);
  // @ts-expect-error neither is null
  await profiles.find(null);
  // @ts-expect-error an id is text
  await profiles.find(7);
  // @ts-expect-error a key is a value
  await profiles.find(op.neq('p'));
  // @ts-expect-error one column has a value, no object
  await profiles.find({ id: 'p' });
  // @ts-expect-error the key has two columns
  await keys.find({ user_id: 'u' });
  // @ts-expect-error the key has only two columns
  await keys.find({ user_id: 'u', key_hash: 'h', id: 'k' });
  // @ts-expect-error the key is the filter
  await profiles.find('p', { filters: { email: 'e' } });
  // @ts-expect-error no such column
  await profiles.find('p', { columns: ['emial'] });
}

export async function pages(): Promise<void> {
  const page = await profiles.list({
    filters: { email: op.like('a%') },
    orderBy: ['display_name'],
    limit: 3,
  });
  type _Page = Expect<Equal<typeof page, Page<Profile, Profile[], never>>>;
  type _Rows = Expect<Equal<typeof page.rows, Profile[]>>;
  await profiles.list({ after: page.next });
  await profiles.list({ after: { display_name: null, id: 'p' } });
  const counted = await profiles.list({ columns: ['id'], count: 'exact', cache: { ttlMs: 5 } });
  type _Counted = Expect<Equal<typeof counted.count, number>>;
  type _Kept = Expect<Equal<typeof counted.rows, readonly { readonly id: string }[]>>;
  // @ts-expect-error it was not counted
  page.count;
  // @ts-expect-error pages have no offset
  await profiles.list({ offset: 3 });
  // @ts-expect-error no such column
  await profiles.list({ orderBy: 'emial' });
  // @ts-expect-error no such column
  await profiles.list({ orderBy: { column: 'emial' } });
  // @ts-expect-error pages cannot be ordered by a path
  await createRepository(db, 'trips').list({ orderBy: path('meta', 'from') });
  // @ts-expect-error no such column
  await profiles.list({ filters: { emial: 'e' } });
  // @ts-expect-error no such column
  await profiles.list({ after: { emial: 'e' } });
}

export async function writes(): Promise<void> {
  const row = await profiles.create({ id: 'p', email: 'e' });
  type _Row = Expect<Equal<typeof row, Profile>>;
  const rows = await profiles.create([{ id: 'p', email: 'e' }], { returning: ['id'] });
  type _Rows = Expect<Equal<typeof rows, { id: string }[]>>;
  const changed = await profiles.update('p', { email: 'f' }, { unchanged: { email: 'e' } });
  type _Changed = Expect<Equal<typeof changed, Profile>>;
  const narrowed = await profiles.update('p', { email: 'f' }, { returning: ['id'] });
  type _Narrowed = Expect<Equal<typeof narrowed, { id: string }>>;
  const written = await profiles.update('p', { email: 'f' }, { returning: false });
  type _Written = Expect<Equal<typeof written, number>>;
  const nothing = await profiles.remove('p', { unchanged: { email: 'e' }, idempotencyKey: 'k' });
  type _Nothing = Expect<Equal<typeof nothing, void>>;
  // @ts-expect-error the email has no default
  await profiles.create({ id: 'p' });
  // @ts-expect-error no such column
  await profiles.create({ id: 'p', email: 'e', emial: 'e' });
  // @ts-expect-error no such column
  await profiles.update('p', { emial: 'e' });
  // @ts-expect-error it is one row
  await profiles.update('p', { email: 'e' }, { all: true });
  // @ts-expect-error it is one row
  await profiles.update('p', { email: 'e' }, { expect: 2 });
  // @ts-expect-error no such column
  await profiles.update('p', { email: 'e' }, { unchanged: { emial: 'e' } });
  // @ts-expect-error an undefined key is no row
  await profiles.remove(undefined);
}

export async function transactions(): Promise<void> {
  const email = await profiles.withTransaction(
    async (inside, tx) => {
      type _Same = Expect<Equal<typeof inside, typeof profiles>>;
      await keys.with(tx).list();
      await createRepository(tx, 'trips').list();
      await inside.withTransaction(async (nested) => nested.remove('p'));
      return (await inside.get('p')).email;
    },
    { isolation: 'serializable', retries: 3 },
  );
  type _Email = Expect<Equal<typeof email, string>>;
  await db.transaction(async (tx) => {
    const inside = createRepository(tx, 'profiles');
    type _Same = Expect<Equal<typeof inside, typeof profiles>>;
    await profiles.with(tx).find('p');
  });
  profiles.with(db);
}

export async function withoutADatabase(): Promise<void> {
  const anything = createRepository(untyped, 'anything');
  const row = await anything.find(7);
  type _Row = Expect<Equal<typeof row, Record<string, unknown> | undefined>>;
  const { rows, next } = await anything.list({
    orderBy: { column: 'a', direction: 'desc' },
    after: { a: 1 },
  });
  type _Rows = Expect<Equal<typeof rows, Record<string, unknown>[]>>;
  await anything.list({ after: next });
  const several = createRepository(untyped, 'anything', { key: ['a', 'b'] });
  await several.update({ a: 1, b: 2 }, { c: 3 });
  // @ts-expect-error the key has two columns
  await several.find({ a: 1 });
  // @ts-expect-error an undefined key is no row
  await anything.find(undefined);
}

export async function aKeyThatACallReliesOn(): Promise<void> {
  await mine.selectMaybe('profiles', { filters: { email: 'e' }, key: 'email' });
  await mine.select('profiles', { orderBy: 'email', key: ['email'] });
  await mine.update('profiles', { email: 'f' }, { filters: { id: 'p' }, key: 'id' });
  await mine.delete('profiles', { filters: { id: 'p' }, key: ['id'] });
  // @ts-expect-error a key is named
  await mine.select('profiles', { key: { id: 'p' } });
  // @ts-expect-error a stream has none
  mine.stream('profiles', { key: 'id' });
}
