import { AuthorizationError, type DatabaseOperations, op, ValidationError } from '../../src/index.ts';
import type { Database } from '../support/database.generated.ts';
import type { Alter } from './posing-side.ts';

/** A read, and what a consolidated side that has a fault would make of it. */
interface PlantedDifference {
  readonly name: string;
  ask(ana: DatabaseOperations<Database['public']>): Promise<unknown>;
  readonly alter: Alter;
  /** What is told of it. */
  readonly difference: object;
}

type Row = Record<string, unknown>;

const rows =
  (change: (rows: Row[]) => unknown): Alter =>
  async (_, ask) =>
    change((await ask()) as Row[]);
/** Of the row that has this title. */
const changed = (title: string, column: string, change: (value: unknown) => unknown): Alter =>
  rows((all) => all.map((row) => (row.title === title ? { ...row, [column]: change(row[column]) } : row)));
const failing =
  (error: Error): Alter =>
  () =>
    Promise.reject(error);

const all: PlantedDifference['ask'] = (ana) => ana.select('trips');
const rowsOf = (columns: readonly string[]) => ({ kind: 'rows', missing: 1, extra: 1, columns });

/** Twenty of them. */
export const PLANTED: readonly PlantedDifference[] = [
  {
    name: 'a row too few',
    ask: all,
    alter: rows((given) => given.slice(1)),
    difference: { kind: 'rows', missing: 1, extra: 0 },
  },
  {
    name: 'a row too many',
    ask: all,
    alter: rows((given) => [...given, { ...given[0], id: '00000000-0000-4000-8000-000000000000' }]),
    difference: { kind: 'rows', missing: 0, extra: 1 },
  },
  {
    name: 'the same row twice',
    ask: all,
    alter: rows((given) => [...given, given[0]]),
    difference: { kind: 'rows', missing: 0, extra: 1 },
  },
  {
    name: 'another text',
    ask: all,
    alter: changed('trip 3', 'description', () => 'wrong'),
    difference: rowsOf(['description']),
  },
  {
    name: 'another number',
    ask: all,
    alter: changed('trip 3', 'budget', (n) => Number(n) + 0.01),
    difference: rowsOf(['budget']),
  },
  {
    name: 'null for a value',
    ask: all,
    alter: changed('trip 3', 'starts_on', () => null),
    difference: rowsOf(['starts_on']),
  },
  {
    name: 'a value for null',
    ask: all,
    alter: changed('trip 3', 'ends_on', () => '2030-01-01'),
    difference: rowsOf(['ends_on']),
  },
  {
    name: 'another moment',
    ask: all,
    alter: changed('trip 3', 'created_at', () => '2020-01-01T00:00:00Z'),
    difference: rowsOf(['created_at']),
  },
  {
    name: 'another day',
    ask: all,
    alter: changed('trip 3', 'starts_on', () => '2030-02-01'),
    difference: rowsOf(['starts_on']),
  },
  {
    name: 'another value in json',
    ask: all,
    alter: changed('trip 3', 'metadata', () => ({ from: { code: 'OPO' } })),
    difference: rowsOf(['metadata']),
  },
  {
    name: 'another order of a list',
    ask: all,
    alter: changed('trip 3', 'tags', () => ['b', 'a']),
    difference: rowsOf(['tags']),
  },
  {
    name: 'a column too few',
    ask: all,
    alter: rows((given) => given.map(({ description: _, ...others }) => others)),
    difference: { kind: 'rows', columns: ['description'] },
  },
  {
    name: 'values of two rows exchanged',
    ask: all,
    alter: rows((given) => {
      const [one, other, ...rest] = given;
      return [{ ...one, title: other?.title }, { ...other, title: one?.title }, ...rest];
    }),
    difference: { kind: 'rows', missing: 2, extra: 2 },
  },
  {
    name: 'another order',
    ask: (ana) =>
      ana.select('trips', { orderBy: { column: 'budget', direction: 'desc' }, columns: ['title'] }),
    alter: rows((given) => given.toReversed()),
    difference: { kind: 'order' },
  },
  {
    name: 'a filter that is left out',
    ask: (ana) => ana.select('trips', { filters: { budget: op.lt(6) } }),
    alter: rows((given) => [...given, { ...given[0], title: 'wrong' }]),
    difference: { kind: 'rows', missing: 0, extra: 1 },
  },
  {
    name: 'a page that begins at another row',
    ask: (ana) => ana.select('trips', { orderBy: 'budget', limit: 5, offset: 2 }),
    alter: rows((given) => given.map((row) => ({ ...row, budget: Number(row.budget) + 1.5 }))),
    difference: { kind: 'rows' },
  },
  {
    name: 'another count',
    ask: (ana) => ana.select('trips', { count: 'exact', limit: 2, orderBy: 'budget' }),
    alter: async (_, ask) => ({ ...((await ask()) as object), count: 11 }),
    difference: { kind: 'count' },
  },
  {
    name: 'an error for an answer',
    ask: all,
    alter: failing(new AuthorizationError('no')),
    difference: { kind: 'error', legacy: 'answer', consolidated: 'AuthorizationError' },
  },
  {
    name: 'an error of another class',
    ask: (ana) => ana.selectOne('trips', { filters: { title: 'none' } }),
    alter: failing(new ValidationError('no')),
    difference: { kind: 'error', legacy: 'NotFoundError', consolidated: 'ValidationError' },
  },
  {
    name: 'another neighbour of a vector',
    ask: (ana) =>
      ana.vectorSearch('destinations', {
        vector: Array.from({ length: 16 }, (_, n) => n + 1),
        ...{ columns: ['name'], limit: 5 },
      }),
    alter: rows((given) => given.map((row, at) => (at === 0 ? { ...row, similarity: 0.1 } : row))),
    difference: { kind: 'rows' },
  },
];
