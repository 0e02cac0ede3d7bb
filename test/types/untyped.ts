import { op } from '../../src/consolidated/filters/operator.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { DatabaseShape, UntypedDatabase } from '../../src/consolidated/typed/schema-names.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService;
type Row = Record<string, unknown>;

export async function everyNameIsAcceptedWithoutADatabase(): Promise<void> {
  const rows = await db.select('anything', {
    filters: [{ a: 1, b: op.gt(2), c: null }, op.or({ d: 'x' }, { e: op.like('y%') })],
    orderBy: ['a', { column: 'b', direction: 'desc' }],
    after: { a: 1, b: 2 },
  });
  type _Rows = Expect<Equal<typeof rows, Row[]>>;
  const narrowed = await db.select('anything', { columns: ['id'], count: 'exact' });
  type _Narrowed = Expect<Equal<typeof narrowed, { rows: { id: unknown }[]; count: number }>>;
  const one = await db.selectOne('anything', { filters: { id: 1 } });
  type _One = Expect<Equal<typeof one, Row>>;
  const inserted = await db.insert('anything', { a: 1 });
  type _Inserted = Expect<Equal<typeof inserted, Row>>;
  const several = await db.insert('anything', [{ a: 1 }, { b: 2 }], { returning: ['a'] });
  type _Several = Expect<Equal<typeof several, { a: unknown }[]>>;
  await db.upsert('anything', { id: 1 }, { onConflict: ['id'] });
  await db.update('anything', { a: 1 }, { filters: { id: 1 } });
  await db.delete('anything', { all: true });
  const answer = await db.rpc('any_function', { a: 1 });
  type _Answer = Expect<Equal<typeof answer, unknown>>;
  await db.rpc('any_function');
  const near = await db.vectorSearch('anything', { near: { id: 1 }, columns: ['id'], info: true });
  type _Near = Expect<Equal<typeof near.rows, { id: unknown; similarity: number }[]>>;
  const lists = await db.vectorSearch('anything', { vectors: [[1]], columns: ['id'] });
  type _Lists = Expect<Equal<typeof lists, { id: unknown; similarity: number }[][]>>;
  const found = await db.vectorSearch('anything', { column: 'embedding', vector: [1], columns: ['id'] });
  type _Found = Expect<Equal<typeof found, { id: unknown; similarity: number }[]>>;
  const both = await db.hybridSearch('anything', {
    text: 'a',
    textColumn: 'b',
    vector: [1],
    columns: ['id'],
  });
  type _Both = Expect<
    Equal<typeof both, { id: unknown; score: number; similarity: number | null; textRank: number | null }[]>
  >;
  const told = await db.hybridSearch('anything', { text: 'a', vector: [1], columns: ['id'], info: true });
  type _Told = Expect<Equal<typeof told.rows, typeof both>>;
  await db.schema('another').count('anything');
  // @ts-expect-error without a Database, too, it must say which rows
  await db.update('anything', { a: 1 }, {});
  // @ts-expect-error without a Database, too, options are known
  await db.select('anything', { where: { a: 1 } });
}

declare function create<DB extends DatabaseShape<DB> = UntypedDatabase>(): ConsolidatedDatabaseService<DB>;

export async function aFactoryPassesTheDatabaseOn(): Promise<void> {
  await using typed = create<Database>();
  type _Typed = Expect<Equal<typeof typed, ConsolidatedDatabaseService<Database>>>;
  await using untyped = create();
  type _Untyped = Expect<Equal<typeof untyped, ConsolidatedDatabaseService>>;
}

// @ts-expect-error one schema is not a Database
export type OfASchema = ConsolidatedDatabaseService<Database['public']>;
