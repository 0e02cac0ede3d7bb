import { expect, it } from 'vitest';
import { anonymous, type DatabaseHandle, op, path, type SerializedDatabaseError } from '../../src/index.ts';
import { describeFourModes } from './four-modes.ts';
import { SEED, STATEMENT_SQL } from './statement-schema.ts';

type Case = readonly [
  name: string,
  run: (db: DatabaseHandle) => Promise<unknown>,
  expected: Partial<SerializedDatabaseError>,
];

/** Refused by the server. */
const SERVER: readonly Case[] = [
  ['a primary key that exists', (db) => db.insert('notes', { id: 1, slug: 'x' }), { name: 'UniqueConstraintError', code: 'UNIQUE_VIOLATION', sqlState: '23505', constraint: 'notes_pkey', field: 'id' }], // biome-ignore format: one case a line
  ['a unique column', (db) => db.insert('notes', { id: 10, slug: 'first' }), { name: 'UniqueConstraintError', field: 'slug', relation: 'notes', statusCode: 409 }], // biome-ignore format: one case a line
  ['a unique key of two columns, among many rows', (db) => db.insert('comments', [{ note_id: 2, text: 'x' }, { note_id: 1, text: 'nice' }]), { name: 'UniqueConstraintError', constraint: 'comments_note_id_text_key' }], // biome-ignore format: one case a line
  ['a foreign key', (db) => db.insert('comments', { note_id: 99, text: 'x' }), { name: 'ForeignKeyError', sqlState: '23503', constraint: 'comments_note_id_fkey' }], // biome-ignore format: one case a line
  ['null where there must be a value', (db) => db.update('notes', { slug: null }, { filters: { id: 1 } }), { name: 'NotNullError', sqlState: '23502', field: 'slug' }], // biome-ignore format: one case a line
  ['a check', (db) => db.update('notes', { slug: 'x'.repeat(40) }, { filters: { id: 1 } }), { name: 'CheckError', sqlState: '23514', constraint: 'short_slug' }], // biome-ignore format: one case a line
  ['an exclusion', (db) => db.insert('files', [{ id: 1, span: '[1,3)' }, { id: 2, span: '[2,4)' }]), { name: 'UniqueConstraintError', code: 'EXCLUSION_VIOLATION', sqlState: '23P01' }], // biome-ignore format: one case a line
  [
    'the check of a view',
    (db) => db.insert('recent', { id: 0, slug: 'zero' }),
    { name: 'CheckError', sqlState: '44000' },
  ],
  [
    'a number that is none',
    (db) => db.insert('notes', { id: 10, slug: 'x', score: 'many' }),
    { name: 'ValidationError' },
  ],
  ['a timestamp that is none', (db) => db.insert('notes', { id: 10, slug: 'x', created: 'yesterday evening' }), { name: 'ValidationError', sqlState: '22007' }], // biome-ignore format: one case a line
  [
    'a range out of order',
    (db) => db.insert('files', { id: 1, span: '[3,1]' }),
    { name: 'ValidationError', sqlState: '22000' },
  ],
  ['another number of rows than expected', (db) => db.update('notes', { body: 'x' }, { filters: { id: 99 }, expect: 1 }), { name: 'NotFoundError', code: 'EXPECTATION_FAILED' }], // biome-ignore format: one case a line
  ['more rows than expected', (db) => db.delete('notes', { all: true, expect: 1, returning: false }), { name: 'NotFoundError', code: 'EXPECTATION_FAILED' }], // biome-ignore format: one case a line
  [
    'a value that looks like a failed expectation',
    (db) => db.sql`select ${'cdb:expect:0:1'}::uuid as id`,
    { name: 'ValidationError', code: 'INVALID_VALUE' },
  ],
  [
    'a table without a grant',
    (db) => db.select('secrets'),
    { name: 'AuthorizationError', code: 'FORBIDDEN', sqlState: '42501' },
  ],
  [
    'a function without a grant',
    (db) => db.rpc('not_for_you'),
    { name: 'AuthorizationError', sqlState: '42501' },
  ],
  ['a row that a policy refuses', (db) => db.insert('guarded', { id: 3, owner: '00000000-0000-4000-8000-000000000002' }), { name: 'AuthorizationError', sqlState: '42501' }], // biome-ignore format: one case a line
  ['a stable function that writes', (db) => db.rpc('sneaky'), { sqlState: '0A000' }],
  [
    'a schema that is not there',
    (db) => db.sql`select nowhere.sneaky()`,
    { name: 'UsageError', code: 'INVALID_STATEMENT', sqlState: '3F000' },
  ],
  [
    'a read that writes',
    (db) => db.sql({ access: 'read' })`delete from notes`,
    { name: 'UsageError', code: 'READ_ONLY', sqlState: '25006' },
  ],
  ['an exception of a function', (db) => db.rpc('complain', { what: 'not now' }), { name: 'ValidationError', code: 'RAISED', sqlState: 'P0001' }], // biome-ignore format: one case a line
  [
    'a division by zero',
    (db) => db.sql`select 1 / ${0}::int as n`,
    { name: 'ValidationError', sqlState: '22012' },
  ],
  [
    'a table that SQL does not find',
    (db) => db.sql`select * from nowhere`,
    { name: 'UsageError', sqlState: '42P01' },
  ],
  [
    'a column that SQL does not find',
    (db) => db.sql`select nothing from notes`,
    { name: 'UsageError', sqlState: '42703' },
  ],
  ['SQL that cannot be read', (db) => db.sql`select 1 +`, { name: 'UsageError', sqlState: '42601' }],
  ['a path that is no number', (db) => db.select('notes', { filters: [path('meta', 'from').as('integer').where(1)] }), { name: 'ValidationError', sqlState: '22P02' }], // biome-ignore format: one case a line
  ['a regular expression that is none', (db) => db.select('notes', { filters: { slug: op.match('(') } }), { name: 'ValidationError', sqlState: '2201B' }], // biome-ignore format: one case a line
  ['an upsert that meets a row twice', (db) => db.upsert('notes', [{ id: 10, slug: 'a' }, { id: 10, slug: 'b' }]), { name: 'ValidationError', sqlState: '21000' }], // biome-ignore format: one case a line
  ['a batch, one of whose statements is refused', (db) => db.batch([db.build.delete('notes', { all: true }), db.build.insert('comments', { note_id: 1, text: 'x' })]), { name: 'ForeignKeyError' }], // biome-ignore format: one case a line
];

/** Refused before anything is sent. */
const OURS: readonly Case[] = [
  [
    'no row for selectOne',
    (db) => db.selectOne('notes', { filters: { id: 99 } }),
    { name: 'NotFoundError', code: 'NOT_FOUND' },
  ],
  ['two rows for selectOne', (db) => db.selectOne('notes'), { name: 'UsageError', code: 'NOT_UNIQUE' }],
  ['no columns', (db) => db.select('notes', { columns: [] }), { name: 'UsageError' }],
  ['an unknown table', (db) => db.select('note'), { code: 'UNKNOWN_RELATION' }],
  ['an unknown column', (db) => db.select('notes', { columns: ['slugg'] }), { code: 'UNKNOWN_COLUMN' }],
  ['an unknown function', (db) => db.rpc('ad', { a: 1 }), { code: 'UNKNOWN_FUNCTION' }],
  [
    'an update without a filter',
    (db) => db.update('notes', { body: 'x' }, {} as never),
    { code: 'FILTER_REQUIRED' },
  ],
  ['limit: -1', (db) => db.select('notes', { limit: -1 }), { name: 'ValidationError' }],
  [
    'a label that the enum lacks',
    (db) => db.insert('notes', { id: 10, slug: 'x', mood: 'meh' }),
    { name: 'ValidationError' },
  ],
  [
    'a vector of another dimension',
    (db) => db.vectorSearch('places', { column: 'at', vector: [1] }),
    { name: 'ValidationError' },
  ],
  [
    'a hybrid search of a table without a key',
    (db) => db.hybridSearch('nothing', { text: 'a', vector: [1, 0, 0] }),
    { code: 'WRONG_CALL' },
  ],
  [
    'a language that the database does not have',
    (db) =>
      db.hybridSearch('places', {
        text: 'a',
        textColumn: 'name',
        column: 'at',
        vector: [1, 0, 0],
        language: 'public.none',
      }),
    { name: 'UsageError', code: 'UNKNOWN_LANGUAGE' },
  ],
  ['two statements in one', (db) => db.sql`select 1; select 2`, { code: 'MULTIPLE_STATEMENTS' }],
];

describeFourModes('errors are the same in every mode', STATEMENT_SQL, (modes) => {
  it.each(SERVER)('%s', async (_name, run, expected) => {
    const error = await modes.alikeError(run, { reset: SEED });
    expect(error).toMatchObject({ outcome: 'not-applied', ...expected });
    expect(await modes.alike((db) => db.count('notes'))).toBe(5);
  });

  it.each(OURS)('%s', async (_name, run, expected) => {
    const error = await modes.alikeError(run, { reset: SEED });
    expect(error).toMatchObject({ outcome: 'not-applied', ...expected });
  });

  it('a caller without a grant, among those who have one', async () => {
    const error = await modes.alikeError((db) => db.select('secrets'), { identity: anonymous() });
    expect(error.code).toBe('FORBIDDEN');
  });

  it('a deferred constraint, which fails at the end of the transaction', async () => {
    const error = await modes.alikeError((db) => db.insert('later', { note_id: 99 }), { reset: SEED });
    expect(error).toMatchObject({ name: 'ForeignKeyError', sqlState: '23503', outcome: 'not-applied' });
    expect(await modes.alike((db) => db.count('later'))).toBe(0);
  });
});
