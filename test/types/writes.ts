import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
type Profile = Database['public']['Tables']['profiles']['Row'];
type NewProfile = Database['public']['Tables']['profiles']['Insert'];
declare const draft: NewProfile;
declare const drafts: NewProfile[];
declare const oneOrMany: NewProfile | NewProfile[];

export async function insertAnswersWithWhatItWasGiven(): Promise<void> {
  const row = await db.insert('profiles', { id: 'p', email: 'a@example.org' });
  type _Row = Expect<Equal<typeof row, Profile>>;
  const rows = await db.insert('profiles', [draft, { id: 'q', email: 'b@example.org', display_name: null }]);
  type _Rows = Expect<Equal<typeof rows, Profile[]>>;
  const fromVariable = await db.insert('profiles', drafts, { returning: ['id'], expect: 2 });
  type _FromVariable = Expect<Equal<typeof fromVariable, { id: string }[]>>;
  const narrowed = await db.insert('profiles', draft, { returning: ['id', 'email'], timeoutMs: 500 });
  type _Narrowed = Expect<Equal<typeof narrowed, { id: string; email: string }>>;
  const written = await db.insert('profiles', drafts, { returning: false });
  type _Written = Expect<Equal<typeof written, number>>;
  const either = await db.insert('profiles', oneOrMany);
  type _Either = Expect<Equal<typeof either, Profile | Profile[]>>;
  const view = await db.insert('trip_titles', { title: 'Lisbon' }, { returning: ['id'] });
  type _View = Expect<Equal<typeof view, { id: string }>>;
}

export async function writesTakeAKey(): Promise<void> {
  const idempotencyKey = 'k';
  const row = await db.insert('profiles', draft, { idempotencyKey });
  type _Row = Expect<Equal<typeof row, Profile>>;
  await db.update('profiles', { email: 'e' }, { filters: { id: 'p' }, idempotencyKey });
  await db.delete('profiles', { all: true, returning: false, idempotencyKey });
  await db.upsert('profiles', draft, { idempotencyKey });
  await db.rpc('version_of', undefined, { idempotencyKey });
  await db.batch([db.build.insert('profiles', draft)], { idempotencyKey });
  await db.sql({ idempotencyKey })`delete from trips`;
  const value = await db.transaction(async (tx) => (await tx.insert('profiles', draft)).id, {
    idempotencyKey,
  });
  type _Value = Expect<Equal<typeof value, string>>;
  // @ts-expect-error the key belongs to the batch
  db.build.insert('profiles', draft, { idempotencyKey });
  // @ts-expect-error a read needs none
  await db.select('profiles', { idempotencyKey });
  // @ts-expect-error a key is a text
  await db.insert('profiles', draft, { idempotencyKey: 7 });
}

export async function insertRefusesWhatDoesNotFit(): Promise<void> {
  // @ts-expect-error no such column
  await db.insert('profiles', { id: 'p', email: 'a@example.org', emial: '' });
  // @ts-expect-error no such column, in a row of several
  await db.insert('profiles', [draft, { id: 'p', email: 'a@example.org', emial: '' }]);
  // @ts-expect-error the email has no default
  await db.insert('profiles', { id: 'p' });
  // @ts-expect-error a title is text
  await db.insert('trips', { title: 1, user_id: 'p' });
  // @ts-expect-error the title cannot be null
  await db.insert('trips', { title: null, user_id: 'p' });
  // @ts-expect-error no label of the enum
  await db.insert('trips', { title: 't', user_id: 'p', status: 'dreamt' });
  // @ts-expect-error the database generates it
  await db.insert('trips', { title: 't', user_id: 'p', seq: 1 });
  // @ts-expect-error the view takes no writes
  await db.insert('trip_totals', { trips: 1 });
  // @ts-expect-error no such column to return
  await db.insert('profiles', draft, { returning: ['emial'] });
  // @ts-expect-error no such option
  await db.insert('profiles', draft, { onConflict: ['id'] });
  // @ts-expect-error expect is a number of rows
  await db.insert('profiles', draft, { expect: '1' });
}

export async function upsertMayLeaveOutASingleRow(): Promise<void> {
  const row = await db.upsert('profiles', draft, { onConflict: ['email'], update: ['display_name'] });
  type _Row = Expect<Equal<typeof row, Profile>>;
  const ignored = await db.upsert('profiles', draft, { ignoreDuplicates: true, returning: ['id'] });
  type _Ignored = Expect<Equal<typeof ignored, { id: string } | undefined>>;
  const rows = await db.upsert('profiles', drafts, { ignoreDuplicates: true });
  type _Rows = Expect<Equal<typeof rows, Profile[]>>;
  const written = await db.upsert('profiles', draft, { returning: false, expect: 1 });
  type _Written = Expect<Equal<typeof written, number>>;
  await db.upsert('profiles', drafts, { onConflict: 'email' });
  // @ts-expect-error no such column
  await db.upsert('profiles', draft, { onConflict: ['emial'] });
  // @ts-expect-error no such column
  await db.upsert('profiles', draft, { onConflict: 'emial' });
  // @ts-expect-error no such column
  await db.upsert('profiles', draft, { update: ['emial'] });
}

export async function updateSaysWhichRows(): Promise<void> {
  const rows = await db.update('profiles', { display_name: null }, { filters: { id: 'p' }, expect: 1 });
  type _Rows = Expect<Equal<typeof rows, Profile[]>>;
  const all = await db.update('profiles', { display_name: 'x' }, { all: true, returning: ['id'] });
  type _All = Expect<Equal<typeof all, { id: string }[]>>;
  const written = await db.update('trip_titles', { title: 'x' }, { filters: { id: 't' }, returning: false });
  type _Written = Expect<Equal<typeof written, number>>;
  const unchanged = { email: 'a@example.org', display_name: null };
  await db.update('profiles', { display_name: 'x' }, { filters: { id: 'p' }, unchanged, returning: false });
  await db.delete('profiles', { filters: { id: 'p' }, unchanged: { email: 'a@example.org' } });
  // @ts-expect-error no such column
  await db.update('profiles', { display_name: 'x' }, { filters: { id: 'p' }, unchanged: { emial: 'x' } });
  // @ts-expect-error an email is text
  await db.update('profiles', { display_name: 'x' }, { filters: { id: 'p' }, unchanged: { email: 3 } });
  // @ts-expect-error it speaks of the rows that filters find
  await db.update('profiles', { display_name: 'x' }, { all: true, unchanged: { email: 'x' } });
  // @ts-expect-error it does not say which rows
  await db.update('profiles', { display_name: 'x' });
  // @ts-expect-error it does not say which rows
  await db.update('profiles', { display_name: 'x' }, { returning: false });
  // @ts-expect-error all or some, not both
  await db.update('profiles', { display_name: 'x' }, { filters: { id: 'p' }, all: true });
  // @ts-expect-error all is true or absent
  await db.update('profiles', { display_name: 'x' }, { all: false });
  // @ts-expect-error no such column
  await db.update('profiles', { displayName: 'x' }, { all: true });
  // @ts-expect-error the database generates it
  await db.update('trips', { title_len: 3 }, { all: true });
  // @ts-expect-error the view takes no writes
  await db.update('trip_totals', { trips: 1 }, { all: true });
}

export async function deleteSaysWhichRows(): Promise<void> {
  const rows = await db.delete('profiles', { filters: { id: 'p' } });
  type _Rows = Expect<Equal<typeof rows, Profile[]>>;
  const gone = await db.delete('profiles', { all: true, returning: false });
  type _Gone = Expect<Equal<typeof gone, number>>;
  // @ts-expect-error it does not say which rows
  await db.delete('profiles');
  // @ts-expect-error it does not say which rows
  await db.delete('profiles', {});
  // @ts-expect-error no such column
  await db.delete('profiles', { filters: { emial: 'x' } });
  // @ts-expect-error the view takes no writes
  await db.delete('trip_totals', { all: true });
}
