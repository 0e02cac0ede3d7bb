import { fragment } from '../../src/consolidated/raw-sql/fragment.ts';
import type { DatabaseHandle } from '../../src/consolidated/typed/database-handle.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { Querying } from '../../src/consolidated/typed/querying.ts';
import type { Identity } from '../../src/contract/identity.ts';
import type { Answer, Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const identity: Identity;
type Profile = Database['public']['Tables']['profiles']['Row'];

export async function batchAnswersWithATuple(): Promise<void> {
  const results = await db.batch([
    db.build.insert('profiles', { id: 'p', email: 'a@example.org' }),
    db.build.upsert('profiles', { id: 'p', email: 'a@example.org' }, { ignoreDuplicates: true }),
    db.build.select('profiles', { columns: ['id'], count: 'exact' }),
    db.build.count('trips'),
    db.build.delete('api_keys', { all: true, returning: false }),
    db.build.rpc('version_of'),
  ]);
  type _Results = Expect<
    Equal<
      typeof results,
      [Profile, Profile | undefined, { rows: { id: string }[]; count: number }, number, number, string]
    >
  >;
  const many = ['a', 'b'].map((id) => db.build.update('profiles', { display_name: id }, { filters: { id } }));
  const all = await db.batch(many, { mode: 'session' });
  type _All = Expect<Equal<typeof all, Profile[][]>>;
  // @ts-expect-error a promise is sent already
  await db.batch([db.count('trips')]);
  // @ts-expect-error limits belong to the batch
  db.build.count('trips', { timeoutMs: 100 });
  // @ts-expect-error nothing was described
  await db.batch([{}]);
}

export async function sqlRowsAreWhatTheCallerSays(): Promise<void> {
  const typed = await db.sql<{ n: number }>`select count(*)::int as n from trips where seats > ${2}`;
  type _Typed = Expect<Equal<typeof typed, { n: number }[]>>;
  const untyped = await db.sql`select 1`;
  type _Untyped = Expect<Equal<typeof untyped, Record<string, unknown>[]>>;
  const limited = await db.sql({ access: 'read', timeoutMs: 50, mode: 'direct' })<{
    n: number;
  }>`select 1 as n`;
  type _Limited = Expect<Equal<typeof limited, { n: number }[]>>;
  // @ts-expect-error no such access
  db.sql({ access: 'append' });
  // @ts-expect-error SQL is a template, never a string
  db.sql('select 1');
}

export async function streamYieldsRows(): Promise<void> {
  const stream = db.stream('profiles', { columns: ['id'], orderBy: 'id', batchSize: 100, timeoutMs: 1000 });
  type _Stream = Expect<Equal<Answer<typeof stream>, { id: string }>>;
  const ids = db.stream<{ id: string }>(fragment`select id from trips where seats > ${2}`, { batchSize: 10 });
  type _Ids = Expect<Equal<Answer<typeof ids>, { id: string }>>;
  // @ts-expect-error text is no fragment
  db.stream<{ id: string }>('select id from trips');
  // @ts-expect-error no such table
  db.stream('profilez');
  // @ts-expect-error a stream has no count
  db.stream('profiles', { count: 'exact' });
}

export async function transactionsOfferTheSameMethods(): Promise<void> {
  const id = await db.transaction(
    async (tx) => {
      const profile = await tx.selectOne('profiles', { filters: { id: 'p' } });
      const invoices = await tx.schema('billing').count('invoices');
      await tx.transaction(async (inner) => inner.update('trips', { seats: invoices }, { all: true }));
      await tx.batch([tx.build.count('trips')]);
      await countTrips(tx);
      return profile.id;
    },
    { isolation: 'serializable', readOnly: false, retries: 2, mode: 'session' },
  );
  type _Id = Expect<Equal<typeof id, string>>;
  // @ts-expect-error a pooler in transaction mode holds no open transaction
  await db.transaction(async () => 1, { mode: 'transaction' });
  // @ts-expect-error no such level
  await db.transaction(async () => 1, { isolation: 'snapshot' });
  // @ts-expect-error an identity cannot change within a transaction
  await db.transaction(async (tx) => tx.as(identity));
}

async function countTrips(db: Querying<Database['public']>): Promise<number> {
  return db.count('trips');
}

export async function handlesAreTheDatabaseAsSomebody(): Promise<void> {
  await countTrips(db);
  await countTrips(db.as(identity));
  const handle = db.withToken('token').as(identity);
  type _Handle = Expect<Equal<typeof handle, DatabaseHandle<Database, 'public'>>>;
  const ran = await db.runAs(identity, async () => 1);
  type _Ran = Expect<Equal<typeof ran, number>>;
  await using subscription = await db.listen('trips', (payload) => payload.length);
  type _Channel = Expect<Equal<typeof subscription.channel, string>>;
  await db.notify('trips', 'changed');
  await db.explain(fragment`select 1`);
  const plan = await db.explain(db.build.select('trips'), { analyze: true });
  type _Plan = Expect<Equal<typeof plan, string>>;
  // @ts-expect-error a handle does not own the connections
  await handle.close();
  await db.refreshCatalog();
  await db.close({ drainMs: 100 });
}
