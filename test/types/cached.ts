import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import { type CacheOptions, type Frozen, fragment, path, type SearchInfo } from '../../src/index.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database, Json } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const untyped: ConsolidatedDatabaseService;
declare const sometimes: boolean;
declare const given: CacheOptions | undefined;
type Profile = Database['public']['Tables']['profiles']['Row'];
type Ids = { id: string }[];
type FrozenIds = readonly { readonly id: string }[];
const columns = ['id'] as const;

export async function rowsOfACachedSelectAreFrozen(): Promise<void> {
  const kept = await db.select('profiles', { columns, cache: true });
  type _Kept = Expect<Equal<typeof kept, FrozenIds>>;
  const timed = await db.select('profiles', { columns, cache: { ttlMs: 1000, swrMs: 0, tags: ['a'] } });
  type _Timed = Expect<Equal<typeof timed, FrozenIds>>;
  const maybe = await db.select('profiles', { columns, cache: sometimes });
  type _Maybe = Expect<Equal<typeof maybe, FrozenIds>>;
  const passedOn = await db.select('profiles', { columns, cache: given });
  type _PassedOn = Expect<Equal<typeof passedOn, FrozenIds>>;
  const page = await db.select('profiles', { columns, cache: true, count: 'exact' });
  type _Page = Expect<Equal<typeof page, { readonly rows: FrozenIds; readonly count: number }>>;
  const whole = await db.select('profiles', { cache: true });
  type _Whole = Expect<Equal<typeof whole, readonly Readonly<Profile>[]>>;
  // @ts-expect-error others get the same array
  kept.push({ id: 'p' });
  // @ts-expect-error others get the same row
  whole[0]!.email = 'b@example.org';
  const title: string | undefined = whole.map(({ email }) => email)[0];
  void title;
}

export async function rowsOfOthersAreAsBefore(): Promise<void> {
  const without = await db.select('profiles', { columns });
  type _Without = Expect<Equal<typeof without, Ids>>;
  const off = await db.select('profiles', { columns, cache: false });
  type _Off = Expect<Equal<typeof off, Ids>>;
  const absent = await db.select('profiles', { columns, cache: undefined });
  type _Absent = Expect<Equal<typeof absent, Ids>>;
  const one = await db.selectOne('profiles', { columns, cache: false });
  type _One = Expect<Equal<typeof one, { id: string }>>;
}

export async function soIsWhatOtherReadsAnswer(): Promise<void> {
  const one = await db.selectOne('profiles', { filters: { id: 'p' }, columns, cache: true });
  type _One = Expect<Equal<typeof one, { readonly id: string }>>;
  const maybe = await db.selectMaybe('profiles', { filters: { id: 'p' }, columns, cache: { ttlMs: 1 } });
  type _Maybe = Expect<Equal<typeof maybe, { readonly id: string } | undefined>>;
  const total = await db.count('trips', { cache: true });
  type _Total = Expect<Equal<typeof total, number>>;
  const near = await db.vectorSearch('destinations', { vector: [1], columns: ['name'], cache: true });
  type _Near = Expect<Equal<typeof near, readonly { readonly name: string; readonly similarity: number }[]>>;
  const told = await db.vectorSearch('destinations', { near: { id: 1 }, columns, info: true, cache: true });
  type _NearRow = { readonly id: number; readonly similarity: number };
  type _Told = Expect<
    Equal<typeof told, { readonly rows: readonly _NearRow[]; readonly search: Readonly<SearchInfo> }>
  >;
  const lists = await db.vectorSearch('destinations', { vectors: [[1]], columns, cache: true });
  type _Lists = Expect<Equal<typeof lists, readonly (readonly _NearRow[])[]>>;
  const both = await db.hybridSearch('destinations', {
    ...{ text: 'a', textColumn: 'name', vector: [1] },
    ...{ columns: ['name'], cache: true },
  } as const);
  type _Both = Expect<
    Equal<
      typeof both,
      readonly {
        readonly name: string;
        readonly score: number;
        readonly similarity: number | null;
        readonly textRank: number | null;
      }[]
    >
  >;
  const bothTold = await db.hybridSearch('destinations', {
    ...{ text: 'a', textColumn: 'name', vector: [1] },
    ...{ columns: ['id'], info: true, cache: true },
  } as const);
  const plan: SearchInfo['plan'] = bothTold.search.plan;
  // @ts-expect-error a cached answer is shared
  bothTold.search.plan = plan;
  const rows = await db.rpc('top', { n: 3 }, { cache: true });
  type _Rows = Expect<Equal<typeof rows, readonly { readonly n: number; readonly title: string }[]>>;
  const version = await db.rpc('version_of', {}, { cache: { tags: ['version'] } });
  type _Version = Expect<Equal<typeof version, string>>;
  const notKept = await db.rpc('top', { n: 3 }, { writes: ['trips'] });
  type _NotKept = Expect<Equal<typeof notKept, { n: number; title: string }[]>>;
  const any = await untyped.select('anything', { cache: true });
  type _Any = Expect<Equal<typeof any, readonly { readonly [column: string]: unknown }[]>>;
}

export async function whatRowsHoldIsFrozenToo(): Promise<void> {
  const trip = await db.selectOne('trips', { cache: true });
  // @ts-expect-error an array within a row
  trip.tags.push('x');
  // @ts-expect-error a composite within a row
  if (trip.at !== null) trip.at.lat = 1;
  const { meta, starts } = { meta: trip.meta, starts: trip.title };
  type _Starts = Expect<Equal<typeof starts, string>>;
  type _Meta = Expect<Equal<typeof meta, Frozen<NonNullable<Json>>>>;
  if (typeof meta === 'object' && !Array.isArray(meta) && 'from' in meta) {
    // @ts-expect-error json within a row
    meta.from = 'Lisbon';
  }
  const { stops } = await db.selectOne('trips', { columns: [path('meta', 'stops')], cache: true });
  type _Stops = Expect<Equal<typeof stops, string | null>>;
}

type FrozenJson =
  | string
  | number
  | boolean
  | null
  | { readonly [key: string]: FrozenJson | undefined }
  | readonly FrozenJson[];

export const jsonIsAsDeepAsItIs = (json: Frozen<Json>): FrozenJson => json;
export const andBack = (json: FrozenJson): Frozen<Json> => json;

export type FrozenKeepsWhatItGets = [
  Expect<Equal<Frozen<[number, { a: string }]>, readonly [number, { readonly a: string }]>>,
  Expect<Equal<Frozen<[a: number, b?: string]>, readonly [a: number, b?: string]>>,
  Expect<Equal<Frozen<readonly string[]>, readonly string[]>>,
  Expect<Equal<Frozen<string[] | null>, readonly string[] | null>>,
  Expect<Equal<Frozen<'a' | 'b' | undefined>, 'a' | 'b' | undefined>>,
  Expect<Equal<Frozen<{ a?: number[] }>, { readonly a?: readonly number[] }>>,
  Expect<Equal<Frozen<unknown>, unknown>>,
];

export async function cacheIsForReadsThatAreSent(): Promise<void> {
  // @ts-expect-error a write
  await db.insert('profiles', { id: 'p', email: 'a@example.org' }, { cache: true });
  // @ts-expect-error a write
  await db.upsert('profiles', { id: 'p', email: 'a@example.org' }, { cache: true });
  // @ts-expect-error a write
  await db.update('profiles', { display_name: 'A' }, { all: true, cache: true });
  // @ts-expect-error a write
  await db.delete('profiles', { all: true, cache: true });
  // @ts-expect-error raw SQL
  await db.sql({ access: 'read', cache: true })`select 1`;
  // @ts-expect-error a batch
  await db.batch([db.build.count('trips')], { cache: true });
  // @ts-expect-error a stream
  db.stream('profiles', { cache: true });
  // @ts-expect-error a stream
  db.stream(fragment`select 1`, { cache: true });
  // @ts-expect-error it is not sent
  db.build.select('profiles', { cache: true });
  // @ts-expect-error it is not sent
  db.build.count('profiles', { cache: true });
  // @ts-expect-error it is not sent
  db.build.vectorSearch('destinations', { vector: [1], cache: true });
  // @ts-expect-error it is not sent
  db.build.hybridSearch('destinations', { text: 'a', vector: [1], cache: true });
  // @ts-expect-error it is not sent
  db.build.rpc('version_of', {}, { cache: true });
  db.build.rpc('version_of', {}, { writes: ['trips'] });
  // @ts-expect-error not sent to be kept
  await db.explain(db.build.count('trips'), { cache: true });
}

export async function itsOptionsAreThese(): Promise<void> {
  // @ts-expect-error a time is a number of milliseconds
  await db.select('profiles', { cache: 1000 });
  // @ts-expect-error no such option
  await db.select('profiles', { cache: { ttl: 1000 } });
  // @ts-expect-error a list of names
  await db.select('profiles', { cache: { tags: 'a' } });
  // @ts-expect-error no such option
  db.cache.invalidate({ table: ['trips'] });
  const { invalidations, refused } = db.cache.stats();
  type _Invalidations = Expect<Equal<(typeof invalidations)['by hand'], number>>;
  type _Refused = Expect<Equal<(typeof refused)[string], number>>;
  const report = await db.explainCache(db.build.select('trips'));
  if (report.cacheable) report.dependsOn.includes('public.trips');
  else report.reason.trim();
}
