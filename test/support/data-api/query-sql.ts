import { quoteName } from '../../../stack/sql-session.ts';
import type { Filter, Logic, OrderTerm } from './url-grammar.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  eq: '=',
  neq: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
  cs: '@>',
  cd: '<@',
  ov: '&&',
  sl: '<<',
  sr: '>>',
  nxl: '&>',
  nxr: '&<',
  adj: '-|-',
  isdistinct: 'is distinct from',
};

const SEARCHES: Readonly<Record<string, string>> = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
};

/** Values of a statement: bound without a type, so that Postgres takes that of the other side, as of PostgREST's literals. */
export class Values {
  readonly list: string[] = [];

  add(value: string): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

/**
 * A condition as PostgREST writes it (`pgFmtFilter` and `pgFmtLogicTree` of its `Query/SqlFragment.hs`), its oddities included:
 * in patterns of `like` a star means `%`, and a list with one empty text is an empty list.
 *
 * @param isVector whether a column is a tsvector; of others a text search takes `to_tsvector`
 */
export function conditionSql(
  condition: Filter | Logic,
  source: string,
  isVector: (column: string) => boolean,
  values: Values,
): string {
  if (condition.kind !== 'filter') {
    const parts = condition.parts.map((part) => conditionSql(part, source, isVector, values));
    return `${condition.negated ? 'not ' : ''}(${parts.join(` ${condition.kind} `)})`;
  }
  const { column, operator, operand, config, negated } = condition;
  const field = `${source}.${quoteName(column)}`;
  const not = negated ? 'not ' : '';
  switch (operand.kind) {
    case 'is':
      return `${not}${field} is ${operand.value}`;
    case 'list': {
      const { values: items } = operand;
      const isEmpty = items.length === 1 && items[0] === '';
      return `${not}${field} = any(${values.add(isEmpty ? '{}' : arrayLiteral(items))})`;
    }
    case 'value': {
      const search = SEARCHES[operator];
      if (search === undefined) {
        const isPattern = operator === 'like' || operator === 'ilike';
        const value = isPattern ? operand.value.replaceAll('*', '%') : operand.value;
        return `${not}${field} ${SYMBOLS[operator]} ${values.add(value)}`;
      }
      const language = config === undefined ? '' : `${values.add(config)}::regconfig, `;
      const searched = isVector(column) ? field : `to_tsvector(${language}${field})`;
      return `${not}${searched} @@ ${search}(${language}${values.add(operand.value)})`;
    }
  }
}

function arrayLiteral(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

export function orderSql(terms: readonly OrderTerm[], source: string): string {
  if (terms.length === 0) return '';
  const texts = terms.map(({ column, direction, nulls }) => {
    const position = nulls === undefined ? '' : ` nulls ${nulls}`;
    return `${source}.${quoteName(column)} ${direction ?? ''}${position}`;
  });
  return ` order by ${texts.join(', ')}`;
}
