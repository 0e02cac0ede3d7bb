import type { Plan, StatementKind } from '../../contract/statement.ts';
import type { Codec } from '../values/codec.ts';
import { identity, valueCodec } from '../values/codec.ts';
import { type ResultColumn, rowDecoder } from '../values/row-decoder.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compositeTail } from './composite-tail.ts';
import { DescribedColumns } from './described-columns.ts';
import { compiledPlan } from './plan.ts';
import type { KeptPlan } from './plan-cache.ts';
import type { RelationShape } from './relation-shape.ts';
import type { PlannerTotal, ReplyShape } from './reply-shape.ts';
import { aliases, wrapQuery } from './wrap-document.ts';

/** Counts are bigint, and smaller than 2^53. */
export const countCodec: Codec = valueCodec(Number);
const presentCodec: Codec = valueCodec(identity);

export const NONE: readonly never[] = Object.freeze([]);

/** ` where …`, the conditions joined; '' without any. */
export function whereClause(...conditions: readonly string[]): string {
  const given = conditions.filter((condition) => condition !== '');
  return given.length === 0 ? '' : ` where ${given.join(' and ')}`;
}

export function rowsAnswer(columns: readonly ResultColumn[], total?: PlannerTotal): ReplyShape {
  const answer = rowsOf('rows', columns, 0);
  return total === undefined ? answer : { ...answer, total };
}

/** For what a unique key finds, so that it was sent without limit and order. */
export function oneRowAnswer(columns: readonly ResultColumn[]): ReplyShape {
  return { ...rowsOf('rows', columns, 0), oneRow: true };
}

function rowsOf(
  kind: 'rows' | 'counted',
  columns: readonly ResultColumn[],
  before: number,
): Extract<ReplyShape, { readonly kind: 'rows' | 'counted' }> {
  const described = new DescribedColumns(columns, before);
  return { kind, decoder: rowDecoder(columns, described.tail), width: columns.length, described };
}

/**
 * A plan of a query that may stand in FROM.
 *
 * @param typed the query for typed rows, where it has more columns
 */
export function queryPlan(query: string, codecs: readonly Codec[], values: number, typed = query): Plan {
  return compiledPlan(typed, wrapQuery(query, codecs, values), 'read');
}

/**
 * A count and rows in one statement: each row starts with the count and with true. If there are no
 * rows, one row with nulls is returned. The join has one row on its left and keeps the order of those on its right.
 *
 * @param rows FROM item that lists its columns as `present, c0, c1, …`
 * @param tail of the select list, which may name these columns as `p.c0`
 */
export function countedQuery(count: string, rows: string, width: number, tail = ''): string {
  const columns = ['n.total', 'p.present', ...aliases(width).map((alias) => `p.${alias}`)];
  const list = ['present', ...aliases(width)].join(', ');
  return `select ${columns.join(', ')}${tail} from (${count}) as n(total) left join (${rows}) as p(${list}) on true`;
}

export function countedPlan(
  counted: (tail: string) => string,
  columns: readonly ResultColumn[],
  values: number,
  intent: Plan['intent'],
  before = '',
): { readonly plan: Plan; readonly answer: ReplyShape } {
  const codecs = [countCodec, presentCodec, ...columns.map(({ codec }) => codec)];
  const { text: tail } = compositeTail(columns, (index) => `p.c${index}`);
  return {
    plan: compiledPlan(before + counted(tail), wrapQuery(counted(''), codecs, values, before), intent),
    answer: rowsOf('counted', columns, 2),
  };
}

/** A kept plan with the values of one call. */
export function compiled(
  context: CompileContext,
  { tables, qualified }: Pick<RelationShape, 'tables' | 'qualified'>,
  kind: StatementKind,
  kept: KeptPlan,
  values: readonly (string | null)[],
): Compiled {
  return {
    statement: { plan: kept.plan, values },
    further: NONE,
    answer: kept.answer,
    kind,
    tables,
    target: qualified,
    settings: undefined,
    schema: context.schema,
  };
}
