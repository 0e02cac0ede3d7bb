import { UsageError, ValidationError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { OperatorNode } from '../filters/operator.ts';
import { assertSendable } from '../values/sendable-text.ts';
import type { TypeInfo } from '../values/type-info.ts';
import { type Binding, textArray } from './binding.ts';
import { isBuiltin, isText } from './operand-types.ts';
import type { Operand } from './relation-shape.ts';

type ValueNode = OperatorNode & { kind: 'value' };
type ValueName = ValueNode['name'];

const SYMBOLS: Readonly<Record<Exclude<ValueName, 'isDistinct'>, string>> = {
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
  contains: '@>',
  containedBy: '<@',
  overlaps: '&&',
  rangeGt: '>>',
  rangeGte: '&>',
  rangeLt: '<<',
  rangeLte: '&<',
  rangeAdjacent: '-|-',
};

const isRange = (type: TypeInfo): boolean => type.kind === 'range' || type.kind === 'multirange';

/** The column types that an operator works on; those that are not listed work on any type. */
const FITS: Partial<Record<ValueName, readonly [fits: (type: TypeInfo) => boolean, allowed: string]>> = {
  like: [isText, 'text'],
  ilike: [isText, 'text'],
  match: [isText, 'text'],
  imatch: [isText, 'text'],
  contains: [
    (type) => type.kind === 'array' || isRange(type) || isBuiltin(type, 'jsonb') || type.name === 'hstore',
    'arrays, ranges, jsonb and hstore',
  ],
  containedBy: [
    (type) => type.kind === 'array' || isRange(type) || isBuiltin(type, 'jsonb') || type.name === 'hstore',
    'arrays, ranges, jsonb and hstore',
  ],
  overlaps: [(type) => type.kind === 'array' || isRange(type), 'arrays and ranges'],
  rangeGt: [isRange, 'ranges'],
  rangeGte: [isRange, 'ranges'],
  rangeLt: [isRange, 'ranges'],
  rangeLte: [isRange, 'ranges'],
  rangeAdjacent: [isRange, 'ranges'],
};

const QUERY_FUNCTIONS = {
  plain: 'plainto_tsquery',
  phrase: 'phraseto_tsquery',
  websearch: 'websearch_to_tsquery',
} as const;

/** Writes one operator as SQL on its operand; values go to the binding. */
export function operatorSql(operand: Operand, node: OperatorNode, binding: Binding): string {
  switch (node.kind) {
    case 'value':
      return valueSql(operand, node, binding);
    case 'is':
      if (node.value === null) return `${operand.expression} is null`;
      if (!isBuiltin(operand.type, 'bool'))
        throw unfit('is', operand, 'booleans, and op.is(null) on any column');
      return `${operand.expression} is ${node.value ? 'true' : 'false'}`;
    case 'in':
      return inSql(operand, node.values, binding);
    case 'textSearch':
      return textSearchSql(operand, node, binding);
    case 'not':
      return `not (${operatorSql(operand, node.operator, binding)})`;
  }
}

/** `operand = value`, the value encoded for the operand's type. */
export function equalitySql(operand: Operand, value: unknown, binding: Binding): string {
  assertComparable(operand, 'eq');
  return `${operand.expression} = ${bound(operand, value, binding)}`;
}

function bound(operand: Operand, value: unknown, binding: Binding): string {
  return binding.add(operand.encode(value, operand.place, operand.modifier), operand) + operand.cast;
}

function valueSql(operand: Operand, { name, value }: ValueNode, binding: Binding): string {
  const requirement = own(FITS, name);
  if (requirement === undefined) assertComparable(operand, name);
  else if (!requirement[0](operand.type)) throw unfit(name, operand, requirement[1]);
  if (name === 'isDistinct') {
    return value === null
      ? `${operand.expression} is not null`
      : `${operand.expression} is distinct from ${bound(operand, value, binding)}`;
  }
  const pattern = requirement?.[0] === isText;
  const parameter = pattern
    ? `${binding.add(assertSendable(value as string, operand.place), operand, true)}::text`
    : bound(operand, value, binding);
  return `${operand.expression} ${SYMBOLS[name]} ${parameter}`;
}

/** All values are one array parameter, so that the text does not change with their number. */
function inSql(operand: Operand, values: readonly unknown[], binding: Binding): string {
  assertComparable(operand, 'in');
  const texts = values.map((value, index) => {
    if (value === null) {
      throw new ValidationError(
        `op.in on ${operand.place} must not contain null, which equals nothing. Add op.is(null) with op.or.`,
      );
    }
    return operand.encode(value, `value ${index + 1} of op.in on ${operand.place}`, operand.modifier);
  });
  if (operand.type.kind === 'array') {
    // `any` would compare with the elements of nested arrays.
    const parameter = binding.addTexts(texts, operand);
    return `${operand.expression} in (select v.c${operand.cast} from unnest(${parameter}::text[]) as v(c))`;
  }
  return `${operand.expression} = any(${binding.add(textArray(texts, operand.type.delimiter), operand)}${operand.cast}[])`;
}

function textSearchSql(
  operand: Operand,
  { query, options }: OperatorNode & { kind: 'textSearch' },
  binding: Binding,
): string {
  const isVector = isBuiltin(operand.type, 'tsvector');
  if (!isVector && !isText(operand.type)) throw unfit('textSearch', operand, 'tsvector and text');
  const config =
    options.config === undefined
      ? ''
      : `${binding.add(assertSendable(options.config, 'The configuration of op.textSearch'))}::regconfig, `;
  const makeQuery = options.type === undefined ? 'to_tsquery' : QUERY_FUNCTIONS[options.type];
  const vector = isVector ? operand.expression : `to_tsvector(${config}${operand.expression})`;
  return `${vector} @@ ${makeQuery}(${config}${binding.add(assertSendable(query, operand.place), operand)}::text)`;
}

/** Postgres has no equality and no order for json. */
export function assertComparable(operand: Operand, name: string): void {
  if (isBuiltin(operand.type, 'json')) {
    throw new UsageError(
      `op.${name} does not work on ${operand.place}: Postgres cannot compare json. Compare a path(…) in it, or make the column jsonb.`,
    );
  }
}

function unfit(name: string, operand: Operand, allowed: string): UsageError {
  return new UsageError(
    `op.${name} works only on ${allowed}. The type of ${operand.place} is ${operand.type.sql}.`,
    {
      field: operand.name,
    },
  );
}
