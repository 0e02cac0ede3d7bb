import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const optional: string | undefined;

export async function plainValuesAndOperatorsOfTheColumnsType(): Promise<void> {
  await db.select('trips', {
    filters: {
      id: 't',
      status: 'planned',
      budget: null,
      seats: op.gte(2),
      title: op.ilike('%lisbon%'),
      tags: op.contains(['sea']),
      title_len: op.not(op.in([1, 2, 3])),
      at: op.is(null),
      during: op.overlaps('[2026-01-01,2026-02-01)'),
      meta: op.contains({ from: 'LIS' }),
    },
  });
  await db.select('trips', { filters: { status: op.in(['planned', 'done']), tags: op.eq(['a', 'b']) } });
  await db.select('trips', { filters: { status: op.neq('done'), budget: op.isDistinct(null) } });
  await db.select('trips', { filters: { title: op.textSearch('old & town') } });
  await db.count('trips', { filters: { budget: op.lt(100), meta: { from: 'LIS' } } });
}

export async function conditionsAcrossColumns(): Promise<void> {
  await db.select('trips', { filters: [{ status: 'planned' }, { seats: op.gt(1) }] });
  await db.select('trips', {
    filters: [
      { user_id: 'p' },
      op.or({ status: 'planned' }, { seats: op.gt(4) }, op.and({ title: 'x' }, { budget: null })),
      op.not(op.or({ title: 'x' }, { title: 'y' })),
      path('meta', 'from').where('LIS'),
      path('meta', 'guests').as('integer').where(op.gte(4)),
    ],
  });
  await db.select('trips', { orderBy: [path('meta', 'guests').as('integer'), 'id'] });
}

export async function wrongColumnsDoNotCompile(): Promise<void> {
  // @ts-expect-error no such column
  await db.select('trips', { filters: { seat: 1 } });
  // @ts-expect-error no such column, in a list
  await db.select('trips', { filters: [{ status: 'planned' }, { seat: 1 }] });
  // @ts-expect-error no such column, in a condition
  await db.select('trips', { filters: [op.or({ status: 'planned' }, { seat: 1 })] });
  // @ts-expect-error no such column, in a path
  await db.select('trips', { filters: [path('mata', 'from').where('LIS')] });
  // @ts-expect-error no such column, in an order
  await db.select('trips', { orderBy: path('mata', 'from') });
  // @ts-expect-error a computed field is no column
  await db.select('trips', { filters: { title_upper: 'X' } });
}

export async function wrongValuesDoNotCompile(): Promise<void> {
  // @ts-expect-error seats is a number
  await db.select('trips', { filters: { seats: '1' } });
  // @ts-expect-error seats is a number
  await db.select('trips', { filters: { seats: op.gt('1') } });
  // @ts-expect-error seats are numbers
  await db.select('trips', { filters: { seats: op.in([1, '2']) } });
  // @ts-expect-error seats is never null
  await db.select('trips', { filters: { seats: null } });
  // @ts-expect-error seats is never null
  await db.select('trips', { filters: { seats: op.is(null) } });
  // @ts-expect-error no label of the enum
  await db.select('trips', { filters: { status: 'dreamt' } });
  // @ts-expect-error no label of the enum
  await db.select('trips', { filters: { status: op.neq('dreamt') } });
  // @ts-expect-error several values are op.in
  await db.select('trips', { filters: { id: ['a', 'b'] } });
  // @ts-expect-error an array column says op.eq or op.contains
  await db.select('trips', { filters: { tags: ['a'] } });
  // @ts-expect-error tags are text
  await db.select('trips', { filters: { tags: op.contains([1]) } });
  // @ts-expect-error a filter is never undefined
  await db.select('trips', { filters: { id: optional } });
  // @ts-expect-error an integer is a number
  await db.select('trips', { filters: [path('meta', 'guests').as('integer').where('4')] });
  // @ts-expect-error seats is a number, in a condition
  await db.select('trips', { filters: [op.or({ seats: '1' }, { seats: 2 })] });
}

export async function undefinedFiltersDoNotCompile(): Promise<void> {
  const absent = {};
  await db.select('trips', absent);
  // @ts-expect-error filters are never undefined
  await db.select('trips', { filters: undefined });
  // @ts-expect-error filters are never undefined
  await db.count('trips', { filters: undefined });
  // @ts-expect-error filters are never undefined
  await db.delete('trips', { filters: undefined });
  // @ts-expect-error filters are never undefined
  await db.delete('trips', { all: true, filters: undefined });
}

export async function wrongOperatorsDoNotCompile(): Promise<void> {
  // @ts-expect-error a number is not like a pattern
  await db.select('trips', { filters: { seats: op.like('1%') } });
  // @ts-expect-error a number is not searched as text
  await db.select('trips', { filters: { seats: op.textSearch('one') } });
  // @ts-expect-error a number matches no regular expression
  await db.select('trips', { filters: { budget: op.match('^1') } });
  // @ts-expect-error an enum is not like a pattern
  await db.select('trips', { filters: { status: op.like('pl%') } });
  // @ts-expect-error text is neither true nor false
  await db.select('trips', { filters: { title: op.is(true) } });
  // @ts-expect-error a condition is about no one column
  await db.select('trips', { filters: { title: op.or({ title: 'x' }) } });
  // @ts-expect-error an operator belongs to a column
  await db.select('trips', { filters: [op.eq('x')] });
}
