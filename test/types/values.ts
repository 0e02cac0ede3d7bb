import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import {
  createDatabaseService,
  type DatabaseServiceOptions,
  json,
  type LargeNumbersAsText,
  type Overrides,
  op,
  path,
  type Querying,
  type ReadWrite,
} from '../../src/index.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const at: Date;
declare const bytes: Uint8Array;
declare const numbers: readonly number[];
declare const optional: string | undefined;
declare const text: string;

export async function everyFormOfAValueCompilesWhereTheServiceTakesIt(): Promise<void> {
  await db.insert('profiles', { id: 'p', email: 'a@example.org', created_at: at });
  await db.insert('api_keys', [{ key_hash: bytes, user_id: 'p', revoked_at: at }]);
  await db.insert('destinations', { country: 'PT', name: 'Faro', embedding: numbers, population: 10n });
  await db.insert('destinations', { country: 'PT', name: 'Faro', embedding: new Float32Array(3) });
  await db.upsert('destinations', { id: 7n, country: 'PT', name: 'Faro', embedding: [1, 2, 3] });
  await db.update('trips', { budget: 12n, tags: ['sea'], meta: json(null) }, { filters: { id: 't' } });
  await db.update('api_keys', { revoked_at: at }, { filters: { key_hash: bytes, revoked_at: null } });
  await db.delete('api_keys', { filters: { revoked_at: op.lt(at), id: op.in(['a']) } });
  await db.select('trips', { filters: { seats: 2n, budget: op.gte(10n), title: op.neq('x') } });
  await db.select('profiles', { filters: { created_at: op.not(op.gt(at)) } });
  await db.select('destinations', { filters: { embedding: op.neq([1, 2, 3]) } });
  await db.select('profiles', { orderBy: ['created_at', 'id'], after: { created_at: at, id: 'p' } });
  await db.select('trips', { orderBy: 'seats', after: { seats: 3n } });
  await db.select('trips', { filters: [path('meta', 'at').as('timestamptz').where(op.gte(at))] });
  await db.select('trips', { filters: [path('meta', 'guests').as('bigint').where(3n)] });
  await db.vectorSearch('destinations', { vector: new Float32Array(3) });
  await db.hybridSearch('destinations', { text: 'a', textColumn: 'name', vector: new Float32Array(3) });
  await db.rpc('add_numbers', { a: 1n });
  await db.rpc('find_trip', { title: 'x', lim: 3n });
  await db.rpc('vari', { a: [1n, 2] });
  await db.build.insert('profiles', { id: 'p', email: 'a@example.org', created_at: at });
}

export async function jsonTakesWhatIsWrittenAsJson(): Promise<void> {
  await db.update('trips', { meta: { at, list: [at, { deep: at }] } }, { filters: { id: 't' } });
  await db.update('trips', { meta: json({ any: 'thing' }) }, { filters: { meta: json(null) } });
  await db.select('trips', { filters: { meta: op.contains(json([1])) } });
  await db.select('trips', { filters: { meta: op.contains({ since: at }) } });
  await db.rpc('do_it', { x: json(null) });
  // @ts-expect-error a bigint is not JSON
  await db.update('trips', { meta: { n: 1n } }, { filters: { id: 't' } });
  // @ts-expect-error a function is not JSON
  await db.update('trips', { meta: { run: () => 1 } }, { filters: { id: 't' } });
  // @ts-expect-error a Map is not JSON
  await db.update('trips', { meta: new Map([['a', 1]]) }, { filters: { id: 't' } });
  // @ts-expect-error a Promise is not JSON
  await db.update('trips', { meta: { a: Promise.resolve(1) } }, { filters: { id: 't' } });
  // @ts-expect-error an operator is not JSON
  await db.update('trips', { meta: { a: op.gte(1) } }, { filters: { id: 't' } });
  // @ts-expect-error json(…) is a whole value
  await db.update('trips', { meta: { a: json(1) } }, { filters: { id: 't' } });
  // @ts-expect-error undefined in a list would be lost
  await db.update('trips', { meta: [optional] }, { filters: { id: 't' } });
  // @ts-expect-error text is not JSON
  await db.insert('profiles', { id: 'p', email: json('a') });
}

export async function otherFormsStillDoNotCompile(): Promise<void> {
  // @ts-expect-error a title is text
  await db.update('trips', { title: 1 }, { filters: { id: 't' } });
  // @ts-expect-error a title is text
  await db.update('trips', { title: ['a'] }, { filters: { id: 't' } });
  // @ts-expect-error seats are a number
  await db.update('trips', { seats: '1' }, { filters: { id: 't' } });
  // @ts-expect-error seats are a number
  await db.update('trips', { seats: at }, { filters: { id: 't' } });
  // @ts-expect-error a label is a label
  await db.update('trips', { status: at }, { filters: { id: 't' } });
  // @ts-expect-error a truth is no number
  await db.schema('billing').update('invoices', { paid: 1n }, { filters: { id: 1 } });
  // @ts-expect-error a list needs an operator
  await db.select('destinations', { filters: { embedding: [1, 2, 3] } });
  // @ts-expect-error seats are a number
  await db.select('trips', { orderBy: 'seats', after: { seats: at } });
  // @ts-expect-error a is a number
  await db.rpc('add_numbers', { a: at });
}

export async function largeNumbersAsTextChangeTheRows(): Promise<void> {
  await using exact = createDatabaseService<Database>({ embedded: true, largeNumbers: 'string' });
  type _Service = Expect<
    Equal<typeof exact, ConsolidatedDatabaseService<LargeNumbersAsText<Database>, 'public'>>
  >;
  const rows = await exact.select('destinations', { columns: ['id', 'name', 'population'] });
  type _Rows = Expect<
    Equal<typeof rows, { id: number | string; name: string; population: number | string | null }[]>
  >;
  const [written] = await exact.update(
    'trips',
    { budget: '1.5', seats: 2, seq: undefined as never },
    { all: true },
  );
  type _Written = Expect<Equal<NonNullable<typeof written>['budget'], number | string | null>>;
  type _Json = Expect<
    Equal<NonNullable<typeof written>['meta'], Database['public']['Tables']['trips']['Row']['meta']>
  >;
  const sum = await exact.rpc('add_numbers', { a: '1', b: 2n });
  type _Sum = Expect<Equal<typeof sum, number | string>>;
  const top = await exact.rpc('top', { n: 3 });
  type _Top = Expect<Equal<typeof top, { n: number | string; title: string }[]>>;
  const guests = await exact.selectOne('trips', { columns: [path('meta', 'guests').as('bigint')] });
  type _Guests = Expect<Equal<typeof guests, { guests: number | string | null }>>;
  const count = await exact.count('trips', { filters: { budget: op.gt('1.5') } });
  type _Count = Expect<Equal<typeof count, number>>;
  await exact.transaction(async (tx) => {
    const seats = (await tx.selectOne('trips')).seats;
    type _Seats = Expect<Equal<typeof seats, number | string>>;
    await exactTotal(tx);
  });
  // @ts-expect-error no such table
  await exact.select('tripz');
  await using untyped = createDatabaseService({ embedded: true, largeNumbers: 'string' });
  const any = await untyped.selectOne('anything');
  type _Any = Expect<Equal<typeof any, Record<string, unknown>>>;
  await using usual = createDatabaseService<Database>({ embedded: true, largeNumbers: 'throw' });
  type _Usual = Expect<Equal<typeof usual, ConsolidatedDatabaseService<Database, 'public'>>>;
  const options: DatabaseServiceOptions = { embedded: true };
  await using unknown = createDatabaseService<Database>(options);
  type _Unknown = Expect<Equal<typeof unknown, ConsolidatedDatabaseService<Database, 'public'>>>;
}

async function exactTotal(tx: Querying<LargeNumbersAsText<Database>['public']>): Promise<string> {
  return String((await tx.selectOne('trips', { columns: ['budget'] })).budget);
}

type TripId = string & { readonly of: 'trip' };
interface TripMeta {
  readonly stops: readonly { readonly city: string; readonly nights: number }[];
}
type AppDatabase = Overrides<
  Database,
  {
    public: {
      Tables: {
        trips: { id: TripId; meta: TripMeta; budget: string };
        destinations: { embedding: ReadWrite<string, readonly number[]> };
      };
      Views: { trip_titles: { id: TripId } };
      Functions: { find_trip: { Args: { id: TripId } }; add_numbers: { Returns: 1 | 2 } };
    };
  }
>;
declare const app: ConsolidatedDatabaseService<AppDatabase>;
declare const tripId: TripId;
declare const meta: TripMeta;

export async function overridesRefineColumns(): Promise<void> {
  const trip = await app.selectOne('trips', { columns: ['id', 'meta', 'budget', 'title'] });
  type _Trip = Expect<
    Equal<typeof trip, { id: TripId; meta: TripMeta; budget: string | null; title: string }>
  >;
  await app.insert('trips', { id: tripId, title: 't', user_id: 'p', meta });
  await app.update('trips', { meta: { stops: [{ city: 'Faro', nights: 2 }] } }, { filters: { id: tripId } });
  await app.update('trips', { meta: json(null) }, { filters: { id: op.in([tripId]), meta: op.eq(meta) } });
  await app.update('destinations', { embedding: [1, 2], population: 3n }, { filters: { id: 1 } });
  const embedding = (await app.selectOne('destinations')).embedding;
  type _Embedding = Expect<Equal<typeof embedding, string | null>>;
  const view = await app.selectOne('trip_titles', { columns: ['id'] });
  type _View = Expect<Equal<typeof view, { id: TripId }>>;
  await app.rpc('find_trip', { id: tripId });
  const sum = await app.rpc('add_numbers', { a: 1 });
  type _Sum = Expect<Equal<typeof sum, 1 | 2>>;
  const untouched = await app.selectOne('profiles', { columns: ['id'] });
  type _Untouched = Expect<Equal<typeof untouched, { id: string }>>;
  const invoice = await app.schema('billing').selectOne('invoices', { columns: ['paid'] });
  type _Invoice = Expect<Equal<typeof invoice, { paid: boolean }>>;
  // @ts-expect-error any text is no id of a trip
  await app.select('trips', { filters: { id: text } });
  // @ts-expect-error any text is no id of a trip
  await app.insert('trips', { id: text, title: 't', user_id: 'p' });
  // @ts-expect-error the shape has stops
  await app.update('trips', { meta: { stop: [] } }, { filters: { id: tripId } });
  // @ts-expect-error a vector is written as numbers
  await app.update('destinations', { embedding: '[1,2]' }, { filters: { id: 1 } });
  // @ts-expect-error any text is no id of a trip
  await app.rpc('find_trip', { id: text });
}

export async function overridesStandBesideLargeNumbers(): Promise<void> {
  await using exact = createDatabaseService<AppDatabase>({ embedded: true, largeNumbers: 'string' });
  const trip = await exact.selectOne('trips', { columns: ['budget', 'meta', 'seats'] });
  type _Trip = Expect<Equal<typeof trip, { budget: string | null; meta: TripMeta; seats: number | string }>>;
  const sum = await exact.rpc('add_numbers', { a: 1 });
  type _Sum = Expect<Equal<typeof sum, 1 | 2>>;
}

// @ts-expect-error no such schema
export type NoSchema = Overrides<Database, { publik: { Tables: { trips: { id: TripId } } } }>;
// @ts-expect-error no such kind
export type NoKind = Overrides<Database, { public: { Table: { trips: { id: TripId } } } }>;
// @ts-expect-error no such table
export type NoTable = Overrides<Database, { public: { Tables: { tripz: { id: TripId } } } }>;
// @ts-expect-error no such column
export type NoColumn = Overrides<Database, { public: { Tables: { trips: { idd: TripId } } } }>;
// @ts-expect-error no such function
export type NoFunction = Overrides<Database, { public: { Functions: { find: { Returns: 1 } } } }>;
// @ts-expect-error no such argument
export type NoArgument = Overrides<Database, { public: { Functions: { find_trip: { Args: { idd: 1 } } } } }>;
// @ts-expect-error no such part
export type NoPart = Overrides<Database, { public: { Functions: { find_trip: { Return: 1 } } } }>;
