import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import { path, type SearchInfo } from '../../src/index.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database, Json } from './sample-database.ts';

declare const firstPage: undefined;
declare const db: ConsolidatedDatabaseService<Database>;
type Trip = Database['public']['Tables']['trips']['Row'];
/** The generator lists the computed field among the columns; the service does not read it. */
type TripColumns = { [Column in Exclude<keyof Trip, 'title_upper'>]: Trip[Column] };

export async function selectAnswersWithRows(): Promise<void> {
  const whole = await db.select('trips');
  type _Whole = Expect<Equal<typeof whole, TripColumns[]>>;
  const json = whole[0]?.meta;
  type _Json = Expect<Equal<typeof json, NonNullable<Json> | undefined>>;

  const narrowed = await db.select('profiles', { columns: ['id', 'display_name'] });
  type _Narrowed = Expect<Equal<typeof narrowed, { id: string; display_name: string | null }[]>>;

  const withPaths = await db.select('trips', {
    columns: ['id', path('meta', 'from'), path('meta', 'guests').as('integer')],
  });
  type _WithPaths = Expect<
    Equal<typeof withPaths, { id: string; from: string | null; guests: number | null }[]>
  >;
  const pathsAlone = await db.selectOne('trips', { columns: [path('meta', 'stops', 0, 'id')] });
  type _PathsAlone = Expect<Equal<typeof pathsAlone, { id: string | null }>>;
  // @ts-expect-error a path begins with a column of the table
  await db.select('trips', { columns: [path('nope', 'x')] });

  const ofOptions = { columns: ['id'] } as const;
  const fromVariable = await db.select('profiles', ofOptions);
  type _FromVariable = Expect<Equal<typeof fromVariable, { id: string }[]>>;

  const view = await db.select('trip_totals', { columns: ['trips'] });
  type _View = Expect<Equal<typeof view, { trips: number | null }[]>>;
}

export async function countComesBesideThePage(): Promise<void> {
  const page = await db.select('profiles', { columns: ['id'], count: 'exact', limit: 10 });
  type _Page = Expect<Equal<typeof page, { rows: { id: string }[]; count: number }>>;
  const total = await db.count('trips', { filters: { status: 'done' }, method: 'planned' });
  type _Total = Expect<Equal<typeof total, number>>;
  // @ts-expect-error there is no such way to count
  await db.select('profiles', { count: 'roughly' });
  // @ts-expect-error there is no such way to count
  await db.count('trips', { method: 'roughly' });
}

export async function oneRowOrMaybeOne(): Promise<void> {
  const one = await db.selectOne('profiles', { filters: { id: 'p' }, columns: ['email'] });
  type _One = Expect<Equal<typeof one, { email: string }>>;
  const maybe = await db.selectMaybe('profiles', { filters: { id: 'p' }, timeoutMs: 100 });
  type _Maybe = Expect<Equal<typeof maybe, Database['public']['Tables']['profiles']['Row'] | undefined>>;
  // @ts-expect-error there is one row, so there is nothing to order
  await db.selectOne('profiles', { orderBy: 'id' });
  // @ts-expect-error there is one row, so there is nothing to limit
  await db.selectOne('profiles', { limit: 1 });
}

export async function wrongNamesDoNotCompile(): Promise<void> {
  // @ts-expect-error no such table
  await db.select('tripz');
  // @ts-expect-error a table of another schema
  await db.select('invoices');
  // @ts-expect-error no such column
  await db.select('trips', { columns: ['id', 'titel'] });
  // @ts-expect-error a computed field is no column
  await db.select('trips', { columns: ['title_upper'] });
  // @ts-expect-error no such option
  await db.select('trips', { where: { id: 't' } });
  // @ts-expect-error no such mode
  await db.select('trips', { mode: 'pooled' });
}

export async function orderAndPaging(): Promise<void> {
  await db.select('trips', { orderBy: 'title' });
  await db.select('trips', { orderBy: { column: 'title', direction: 'desc', nulls: 'last' } });
  await db.select('trips', {
    orderBy: ['title', { column: 'seats', direction: 'desc' }, 'id'],
    after: { title: 'Lisbon', seats: 2, id: 't' },
  });
  await db.select('trips', { orderBy: 'id', after: firstPage, limit: firstPage, signal: firstPage });
  // @ts-expect-error a filter that got lost must not mean all rows
  await db.select('trips', { filters: firstPage });
  // @ts-expect-error no such column
  await db.select('trips', { orderBy: 'titel' });
  // @ts-expect-error no such column
  await db.select('trips', { orderBy: ['title', { column: 'titel' }] });
  // @ts-expect-error no such direction
  await db.select('trips', { orderBy: { column: 'title', direction: 'down' } });
  // @ts-expect-error seats is a number
  await db.select('trips', { orderBy: 'seats', after: { seats: '2' } });
  // @ts-expect-error no such column
  await db.select('trips', { orderBy: 'seats', after: { seat: 2 } });
}

export async function vectorSearchAddsSimilarity(): Promise<void> {
  const found = await db.vectorSearch('destinations', {
    column: 'embedding',
    vector: [0.1, 0.2, 0.3],
    metric: 'l2',
    filters: { country: 'PT' },
    columns: ['id', 'name'],
    similarityThreshold: 0.5,
    limit: 5,
    efSearch: 200,
  });
  type _Found = Expect<Equal<typeof found, { id: number; name: string; similarity: number }[]>>;
  const whole = await db.vectorSearch('destinations', { vector: [1, 2, 3], exact: true });
  type Destination = Database['public']['Tables']['destinations']['Row'];
  const row: Destination & { similarity: number } = whole[0]!;
  void row;
  // @ts-expect-error the vector is what it searches for
  await db.vectorSearch('destinations', { limit: 3 });
  // @ts-expect-error a number is no vector column
  await db.vectorSearch('destinations', { column: 'population', vector: [1] });
  // @ts-expect-error a vector is numbers
  await db.vectorSearch('destinations', { vector: ['1'] });
  // @ts-expect-error no such metric
  await db.vectorSearch('destinations', { vector: [1], metric: 'manhattan' });
  // @ts-expect-error no such column
  await db.vectorSearch('destinations', { vector: [1], columns: ['nmae'] });
  await db.vectorSearch('destinations', { vector: [1], recall: 'fast', limit: firstPage });
  // @ts-expect-error no such recall
  await db.vectorSearch('destinations', { vector: [1], recall: 'all' });
}

export async function oneSearchStartsFromOneThing(): Promise<void> {
  const columns = ['id'] as const;
  type Rows = { id: number; similarity: number }[];
  const near = await db.vectorSearch('destinations', { near: { id: 1 }, columns });
  type _Near = Expect<Equal<typeof near, Rows>>;
  const several = await db.vectorSearch('destinations', { vectors: [[1], new Float32Array(3)], columns });
  type _Several = Expect<Equal<typeof several, Rows[]>>;
  const vectors: readonly (readonly number[])[] = [];
  const ofVariable = await db.vectorSearch('destinations', { vectors, columns });
  type _OfVariable = Expect<Equal<typeof ofVariable, Rows[]>>;
  // @ts-expect-error near which row
  await db.vectorSearch('destinations', { near: 1 });
  // @ts-expect-error no such column
  await db.vectorSearch('destinations', { near: { idd: 1 } });
  // @ts-expect-error the id is a number
  await db.vectorSearch('destinations', { near: { id: '1' } });
  // @ts-expect-error one vector is no list of them
  await db.vectorSearch('destinations', { vectors: [1, 2, 3] });
  // @ts-expect-error a vector is numbers
  await db.vectorSearch('destinations', { vectors: [['1']] });
  // @ts-expect-error a vector or a row
  await db.vectorSearch('destinations', { vector: [1], near: { id: 1 } });
  // @ts-expect-error one vector or several
  await db.vectorSearch('destinations', { vector: [1], vectors: [[1]] });
  // @ts-expect-error a row or several vectors
  await db.vectorSearch('destinations', { near: { id: 1 }, vectors: [[1]] });
  // @ts-expect-error a hybrid search has a text for one vector
  await db.hybridSearch('destinations', { text: 'a', textColumn: 'name', vectors: [[1]] });
}

export async function infoTellsHowRowsWereFound(): Promise<void> {
  const columns = ['id'] as const;
  type Told = { rows: { id: number; similarity: number }[]; search: SearchInfo };
  const told = await db.vectorSearch('destinations', { vector: [1], columns, info: true });
  type _Told = Expect<Equal<typeof told, Told>>;
  const near = await db.vectorSearch('destinations', { near: { id: 1 }, columns, info: true });
  type _Near = Expect<Equal<typeof near, Told>>;
  const several = await db.vectorSearch('destinations', { vectors: [[1]], columns, info: true });
  type _Several = Expect<Equal<typeof several, Told[]>>;
  const untold = await db.vectorSearch('destinations', { vector: [1], columns, info: false });
  type _Untold = Expect<Equal<typeof untold, Told['rows']>>;
  const plan: 'exact' | 'index' | 'index, then exact' = told.search.plan;
  // @ts-expect-error views are not counted
  const scanned: number = told.search.scanned;
  void [plan, scanned];
  const [built, lists] = await db.batch([
    db.build.vectorSearch('destinations', { vector: [1], columns, info: true }),
    db.build.vectorSearch('destinations', { vectors: [[1]], columns }),
  ]);
  type _Built = Expect<Equal<typeof built, Told>>;
  type _Lists = Expect<Equal<typeof lists, Told['rows'][]>>;
  await db.transaction(async (tx) => {
    const inside = await tx.vectorSearch('destinations', { vectors: [[1]], columns, info: true });
    type _Inside = Expect<Equal<typeof inside, Told[]>>;
  });
  // @ts-expect-error true or false
  await db.vectorSearch('destinations', { vector: [1], info: 'plan' });
}

export async function hybridSearchTellsHowARowWasFound(): Promise<void> {
  const found = await db.hybridSearch('destinations', {
    text: 'old town',
    textColumns: ['name', 'country'],
    language: 'english',
    column: 'embedding',
    vector: [0.1, 0.2, 0.3],
    metric: 'l2',
    filters: { country: 'PT' },
    columns: ['id', 'name'],
    weights: { text: 1, vector: 2 },
    rankConstant: 60,
    candidates: 200,
    similarityThreshold: 0.5,
    limit: 5,
  });
  type _Found = Expect<
    Equal<
      typeof found,
      { id: number; name: string; score: number; similarity: number | null; textRank: number | null }[]
    >
  >;
  const whole = await db.hybridSearch('destinations', { text: 'a', textColumn: 'name', vector: [1, 2, 3] });
  type Destination = Database['public']['Tables']['destinations']['Row'];
  const row: Destination & { score: number; similarity: number | null } = whole[0]!;
  void row;
  await db.hybridSearch('destinations', {
    text: 'a',
    textColumn: 'name',
    vector: [1],
    language: 'public.ours',
  });
  const [built] = await db.batch([
    db.build.hybridSearch('destinations', { text: 'a', textColumn: 'name', vector: [1], columns: ['id'] }),
  ]);
  const id: number | undefined = built[0]?.id;
  void id;
  const asked = { text: 'a', textColumn: 'name', vector: [1], columns: ['id'] } as const;
  type HybridRow = { id: number; score: number; similarity: number | null; textRank: number | null };
  type Told = { rows: HybridRow[]; search: SearchInfo };
  const told = await db.hybridSearch('destinations', { ...asked, info: true, recall: 'fast' });
  type _Told = Expect<Equal<typeof told, Told>>;
  const untold = await db.hybridSearch('destinations', { ...asked, info: false });
  type _Untold = Expect<Equal<typeof untold, HybridRow[]>>;
  const [first] = await db.batch([db.build.hybridSearch('destinations', { ...asked, info: true })]);
  type _First = Expect<Equal<typeof first, Told>>;
  await db.transaction(async (tx) => {
    const inside = await tx.hybridSearch('destinations', { ...asked, info: true });
    type _Inside = Expect<Equal<typeof inside, Told>>;
  });
  // @ts-expect-error true or false
  await db.hybridSearch('destinations', { ...asked, info: 'plan' });
  // @ts-expect-error no such recall
  await db.hybridSearch('destinations', { ...asked, recall: 'all' });
  // @ts-expect-error the text is what it searches for
  await db.hybridSearch('destinations', { vector: [1] });
  // @ts-expect-error and the vector too
  await db.hybridSearch('destinations', { text: 'a' });
  // @ts-expect-error a number is no text
  await db.hybridSearch('destinations', { text: 'a', textColumn: 'population', vector: [1] });
  // @ts-expect-error no such column
  await db.hybridSearch('destinations', { text: 'a', textColumns: ['nmae'], vector: [1] });
  // @ts-expect-error no such language
  await db.hybridSearch('destinations', { text: 'a', vector: [1], language: 'en' });
  // @ts-expect-error no such list
  await db.hybridSearch('destinations', { text: 'a', vector: [1], weights: { words: 1 } });
  // @ts-expect-error no such option
  await db.hybridSearch('destinations', { text: 'a', vector: [1], efSearch: 40 });
}

export async function schemasAreReachedByName(): Promise<void> {
  const invoices = await db.schema('billing').select('invoices', { columns: ['paid'] });
  type _Invoices = Expect<Equal<typeof invoices, { paid: boolean }[]>>;
  // @ts-expect-error no such schema
  db.schema('biling');
  // @ts-expect-error it is no schema
  db.schema('__InternalSupabase');
  // @ts-expect-error a table of public
  await db.schema('billing').select('trips');
}
