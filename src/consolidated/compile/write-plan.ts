import { UsageError } from '../../contract/errors.ts';
import { checkedCount, checkedPresence, EXPECTATION_MARK } from '../../contract/expectation.ts';
import type { StatementKind } from '../../contract/statement.ts';
import { documentRow } from '../values/document.ts';
import { compiled, countCodec, countedPlan, countedQuery, NONE, rowsAnswer } from './assemble.ts';
import type { Binding } from './binding.ts';
import { wholeNumber } from './check-options.ts';
import type { CompileContext, Compiled } from './compiled.ts';
import { compositeTail } from './composite-tail.ts';
import { compiledPlan } from './plan.ts';
import { askedBy, type KeptPlan } from './plan-cache.ts';
import { allColumns, type ResultList, resultColumns, withCodecs } from './result-columns.ts';
import type { StatementScope } from './statement-scope.ts';
import { aliases, aliasList, countDocument, documentOf, wrapQuery } from './wrap-document.ts';

export interface WriteOptions {
  /**
   * true: all columns of the written rows; an array of names: these columns; false: only the number of rows.
   * @defaultValue true
   */
  readonly returning?: boolean | readonly string[] | undefined;
  /** The number of rows that must be affected. With any other number the statement fails and nothing is written. */
  readonly expect?: number | undefined;
  /** Given: at least one row must be affected. */
  readonly unchanged?: unknown;
}

/**
 * Makes a statement from `insert …`, `update …` or `delete …` text.
 *
 * - Without `expect` the text is the write itself.
 * - With it the write is in a WITH, and counting its rows fails unless the number is the expected one; see
 *   `checkedCount`. The check is in the select list of an aggregate, which is computed even without
 *   rows.
 * - The document form always needs the WITH. A WITH that writes must be at the top, so the wrapping follows it.
 *
 * `returning 1` names no column, so that a caller who may write but not read can write.
 *
 * @param rowCheck SQL that is computed for each affected row, in RETURNING, and fails where the row is not as it should be
 */
export function compileWrite(
  context: CompileContext,
  scope: StatementScope,
  kind: StatementKind,
  write: string,
  options: WriteOptions,
  rowCheck?: string,
): Compiled {
  const list = returningList(options.returning, scope);
  const { binding, shape } = scope;
  const check = boundCheck(options, binding);
  const returningKey = list?.key ?? '';
  const asked = `${write}\n${returningKey}\n${check ?? ''}\n${rowCheck ?? ''}`;
  const key = `${kind} ${shape.key} ${context.decode.largeNumbers}\n${asked}`;
  const kept =
    context.plans.get(key) ??
    context.plans.set(
      key,
      askedBy(asked, keep(context, write, list, { check, rowCheck }, binding.values.length)),
    );
  return compiled(context, shape, kind, kept, binding.values);
}

/** The count of the written rows, which fails unless it is the expected one. Undefined where any number is right. */
function boundCheck({ expect, unchanged }: WriteOptions, binding: Binding): string | undefined {
  if (expect === undefined) {
    return unchanged === undefined ? undefined : checkedPresence(`${binding.add(EXPECTATION_MARK)}::text`);
  }
  const expected = `${binding.add(String(wholeNumber(expect, 'expect')))}::int8`;
  return checkedCount(expected, `${binding.add(EXPECTATION_MARK)}::text`);
}

function keep(
  context: CompileContext,
  write: string,
  list: ResultList | undefined,
  { check, rowCheck }: { readonly check: string | undefined; readonly rowCheck: string | undefined },
  values: number,
): KeptPlan {
  const further = NONE;
  if (list === undefined) {
    const before = `with w(c0) as (${write} returning ${rowCheck ?? 1}) `;
    if (check === undefined) {
      const document = `${before}${countDocument('from w', values)}`;
      return { plan: compiledPlan(write, document, 'write'), further, answer: { kind: 'none' } };
    }
    const query = `select ${check} from w`;
    const document = wrapQuery(query, [countCodec], values, before);
    return { plan: compiledPlan(before + query, document, 'write'), further, answer: { kind: 'count' } };
  }
  const columns = withCodecs(list, context.decode);
  const text = `${write} returning ${list.text}`;
  const checkedRow = rowCheck === undefined ? '' : `, ${rowCheck}`;
  const expressionOf = (index: number) => list.columns[index]!.expression;
  if (check === undefined) {
    const row = documentRow(columns.map(({ codec }, index) => codec.documentExpression(expressionOf(index))));
    // The rows of the document are made in RETURNING: the columns as columns of the WITH cost the server a tenth of the write.
    const before = `with w(r) as (${write} returning ${row}${checkedRow}) `;
    const document = `${before}${documentOf('w.r', 'from w', values)}`;
    const { text: tail } = compositeTail(columns, expressionOf);
    return { plan: compiledPlan(text + tail, document, 'write'), further, answer: rowsAnswer(columns) };
  }
  const width = columns.length + (rowCheck === undefined ? 0 : 1);
  const before = `with w${aliasList(width)} as (${text}${checkedRow}) `;
  const rows = `select true, ${aliases(columns.length).join(', ')} from w`;
  const counted = (tail: string) => countedQuery(`select ${check} from w`, rows, columns.length, tail);
  return { ...countedPlan(counted, columns, values, 'write', before), further };
}

function returningList(returning: unknown, scope: StatementScope): ResultList | undefined {
  if (returning === false) return undefined;
  if (returning !== undefined && returning !== true && !Array.isArray(returning)) {
    throw new UsageError("The option 'returning' must be true, false, or an array of column names.");
  }
  const list = returning === true ? allColumns(scope.shape) : resultColumns(returning, scope, 'returning');
  // A relation without columns has nothing to return.
  return list.columns.length === 0 ? undefined : list;
}
