import { quoteName } from '../../../stack/sql-session.ts';
import { type ApiAnswer, readAnswer } from './api-answer.ts';
import type { Query } from './api-database.ts';
import type { ApiRequest } from './api-request.ts';
import { conditionSql, orderSql, Values } from './query-sql.ts';
import type { ApiFunction } from './schema-cache.ts';

const SOURCE = 'pgrst_source';

/** Answers a call of a function with arguments by name, as JSON. */
export async function answerForFunction(
  query: Query,
  schema: string,
  name: string,
  fn: ApiFunction,
  args: Readonly<Record<string, unknown>>,
  request: ApiRequest,
  maxRows: number,
): Promise<ApiAnswer> {
  const values = new Values();
  const given = fn.names.filter((argument) => Object.hasOwn(args, argument));
  const body = values.add(JSON.stringify(args));
  const defined = given.map((argument) => `${quoteName(argument)} ${fn.types[fn.names.indexOf(argument)]}`);
  const from =
    given.length === 0 ? '(select 1) a' : `json_to_record(${body}::json) as a(${defined.join(', ')})`;
  const passed = given.map((argument, index) => {
    const variadic = fn.isVariadic && index === given.length - 1 ? 'variadic ' : '';
    return `${variadic}${quoteName(argument)} => a.${quoteName(argument)}`;
  });
  const call = `${quoteName(schema)}.${quoteName(name)}(${passed.join(', ')})`;
  const unused = given.length === 0 ? ` where ${body}::text is not null` : '';
  const { isComposite, returnsSet } = fn;
  const source = isComposite
    ? `select f.* from ${from}, lateral ${call} f${unused}`
    : `select f.pgrst_scalar from ${from}, lateral (select ${call} as pgrst_scalar) f${unused}`;
  const isRows = returnsSet && isComposite;
  const where = isRows
    ? request.conditions.map((one) => conditionSql(one, SOURCE, () => false, values)).join(' and ')
    : '';
  const selected = isRows
    ? request.select.map((column) => (column === '*' ? `${SOURCE}.*` : `${SOURCE}.${quoteName(column)}`))
    : [`${SOURCE}.*`];
  const limit = returnsSet
    ? ` limit ${Math.min(request.limit ?? maxRows, maxRows)} offset ${request.offset}`
    : '';
  const rows = `select ${selected.join(', ')} from ${SOURCE}${where === '' ? '' : ` where ${where}`}${isRows ? orderSql(request.order, SOURCE) : ''}${limit}`;
  const item = isComposite ? '_postgrest_t' : '_postgrest_t.pgrst_scalar';
  const [found] = await query<{ body: string; page: string }>(
    `with ${SOURCE} as (${source}) select coalesce(json_agg(${item})${returnsSet ? '' : '->0'}, ${returnsSet ? "'[]'" : "'null'"})::text as body, count(*) as page from (${rows}) _postgrest_t`,
    values.list,
  );
  if (fn.isVoid) return { status: 204, headers: {}, body: '' };
  const { body: text, page } = found!;
  return readAnswer(request, { body: text, page: Number(page), total: undefined });
}
