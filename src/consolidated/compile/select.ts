import { ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { JsonPath } from '../filters/path.ts';
import type { CountMethod } from '../typed/read-options.ts';
import type { Codec } from '../values/codec.ts';
import { documentRow } from '../values/document.ts';
import {
  compiled,
  countedPlan,
  countedQuery,
  oneRowAnswer,
  queryPlan,
  rowsAnswer,
  whereClause,
} from './assemble.ts';
import type { Binding } from './binding.ts';
import { checkOptions, oneOf, optionNames, wholeNumber } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compositeTail } from './composite-tail.ts';
import { assertPlannable, COUNT_METHODS, estimatePlans, estimateStatements } from './count.ts';
import { assertKey } from './key-option.ts';
import { keysetCondition } from './keyset.ts';
import { matchOneRow } from './one-row.ts';
import { orderClause, readOrder } from './order.ts';
import { compiledPlan } from './plan.ts';
import type { KeptPlan } from './plan-cache.ts';
import { type ResultList, resultColumns, withCodecs } from './result-columns.ts';
import { statementScope } from './statement-scope.ts';
import { writeWhere } from './where.ts';
import { documentOf } from './wrap-document.ts';

export interface SelectOptions {
  /** All columns of the relation, in its order, unless given. */
  readonly columns?: readonly (string | JsonPath)[] | undefined;
  readonly filters?: unknown;
  readonly orderBy?: unknown;
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Keyset paging: the values that the last row seen has in the columns of `orderBy`. */
  readonly after?: Readonly<Record<string, unknown>> | undefined;
  /** Adds the number of all rows that match the filters, whatever `limit`, `offset` and `after` are. */
  readonly count?: CountMethod | undefined;
  /** Columns that must be a key of the table. */
  readonly key?: unknown;
}

const KNOWN = optionNames(
  'select',
  'columns',
  'filters',
  'orderBy',
  'limit',
  'offset',
  'after',
  'count',
  'key',
  'cache',
);

/**
 * Reads rows of a table or view.
 *
 * It asks for at most `maxRows` + 1 rows of the context: the reader of the reply notices
 * a larger result, and the server never sends more.
 */
export function compileSelect(
  context: CompileContext,
  relation: string,
  options: SelectOptions = {},
): Compiled {
  checkOptions(options, KNOWN);
  const scope = statementScope(context, relation);
  const { shape, binding } = scope;
  assertKey(options, scope);
  const { count } = options;
  if (count !== undefined && oneOf(count, 'count', COUNT_METHODS) !== 'exact')
    assertPlannable(context, shape);
  // Parameters of the filters come first: the statements of an estimated total have only those.
  const where = writeWhere(options, scope);
  const whereValues = binding.values.length;
  const list = resultColumns(options.columns, scope);
  const order = readOrder(options.orderBy, scope);
  const keyset = options.after === undefined ? '' : keysetCondition(options.after, order, scope);
  const limit = effectiveLimit(options.limit, context.maxRows);
  // One row needs no order and no limit. Most rows are read by a key, and planning these clauses takes time.
  const isOneRow =
    !comesInParts(context) &&
    limit > 0 &&
    options.offset === undefined &&
    options.after === undefined &&
    count === undefined &&
    matchOneRow(options.filters, shape);
  const tail = isOneRow ? '' : `${orderClause(order)}${limitClause(limit, options.offset, binding)}`;
  const key = `select ${shape.key} ${context.decode.largeNumbers} ${count ?? ''}\n${list.key}\n${where}\n${keyset}\n${tail}`;

  const keep = (): KeptPlan => {
    const columns = withCodecs(list, context.decode);
    const filtered = `from ${shape.target} as t${whereClause(where)}`;
    const from = `from ${shape.target} as t${whereClause(where, keyset)}${tail}`;
    const values = binding.values.length;
    if (count === 'exact') {
      const rows = `select ${['true', list.text].filter((text) => text !== '').join(', ')} ${from}`;
      const counted = (behind: string) =>
        countedQuery(`select count(*) ${filtered}`, rows, columns.length, behind);
      return { ...countedPlan(counted, columns, values, 'read'), further: [] };
    }
    const codecs = columns.map(({ codec }) => codec);
    const composites = compositeTail(columns, (index) => list.columns[index]!.expression);
    const query = `select ${list.text} ${from}`;
    const typed = `select ${list.text}${composites.text} ${from}`;
    return {
      // If rows are sorted, an outer query makes the document from the rows after the limit.
      plan:
        order.length > 0 && !isOneRow
          ? queryPlan(query, codecs, values, typed)
          : compiledPlan(typed, documentOf(documentRow(documentColumns(list, codecs)), from, values), 'read'),
      answer: isOneRow ? oneRowAnswer(columns) : rowsAnswer(columns, count),
      further: count === undefined ? [] : estimatePlans(count, filtered, whereValues),
    };
  };

  const kept = context.plans.get(key) ?? context.plans.set(key, keep());
  const statement = compiled(context, shape, 'select', kept, binding.values);
  if (kept.further.length === 0) return statement;
  return {
    ...statement,
    further: estimateStatements(kept.further, binding.values.slice(0, whereValues), shape),
  };
}

function documentColumns({ columns }: ResultList, codecs: readonly Codec[]): readonly string[] {
  return columns.map(({ expression }, index) => codecs[index]!.documentExpression(expression));
}

function limitClause(limit: number, offset: number | undefined, binding: Binding): string {
  const limited = ` limit ${binding.add(String(limit))}::int8`;
  return offset === undefined
    ? limited
    : `${limited} offset ${binding.add(String(wholeNumber(offset, 'offset', 0, ValidationError)))}::int8`;
}

/** A part of the rows does not say how many there are. */
function comesInParts(context: CompileContext): boolean {
  return own(context, 'inParts') === true;
}

function effectiveLimit(limit: unknown, maxRows: number): number {
  return limit === undefined
    ? maxRows + 1
    : Math.min(wholeNumber(limit, 'limit', 0, ValidationError), maxRows + 1);
}
