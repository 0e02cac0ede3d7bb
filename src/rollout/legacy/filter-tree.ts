import { Condition } from '../../consolidated/filters/condition.ts';
import { Operator, type OperatorNode } from '../../consolidated/filters/operator.ts';
import { encodeLoose } from '../../consolidated/values/encode-loose.ts';
import { isPlainObject } from '../../consolidated/values/plain-object.ts';
import { assertSendable } from '../../consolidated/values/sendable-text.ts';
import { UsageError, ValidationError } from '../../contract/errors.ts';
import { likeAsRegex } from './like-as-regex.ts';
import { quotedColumn, quotedText } from './url-names.ts';

/** As deep as the service takes them. */
const MAX_DEPTH = 32;

/**
 * The option `filters` as a tree of PostgREST's grammar, such as `and("a".eq."1","b".is.null)`; undefined if it is absent or has
 * no condition.
 *
 * There is one way for all filters: inside a tree, where a value in quotes ends at its quote. So no character of a value has a
 * meaning, and there is one rule of escaping in place of one for each operator.
 */
export function filterTree(options: { readonly filters?: unknown }): string | undefined {
  if (!Object.hasOwn(options, 'filters')) return undefined;
  if (options.filters === undefined) {
    throw new UsageError(
      "The option 'filters' is undefined, which would match every row. Leave the property out to read all rows, or give all: true to change all.",
    );
  }
  const { filters } = options;
  const texts = Array.isArray(filters)
    ? filters.flatMap((part) => conditions(part, 1))
    : conditions(filters, 1);
  return texts.length === 0 ? undefined : together(texts);
}

function together(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `and(${texts.join(',')})`;
}

/** Those of a filter object or a condition, which must all match. */
function conditions(part: unknown, depth: number): readonly string[] {
  const node = Condition.read(part);
  if (node === undefined) {
    if (!isPlainObject(part)) {
      throw new UsageError(
        'Filters must be an object by column name, or a list of such objects and conditions (op.or, op.and, op.not).',
      );
    }
    return Object.entries(part).map(([name, filter]) => comparison(name, filter));
  }
  if (depth > MAX_DEPTH) {
    throw new ValidationError(`Filters can have at most ${MAX_DEPTH} levels of op.or, op.and and op.not.`);
  }
  switch (node.kind) {
    case 'not':
      return [negated(required(node.part, depth + 1, 'not'))];
    case 'or':
    case 'and': {
      const texts = node.parts.map((one) => required(one, depth + 1, node.kind));
      return texts.length === 1 ? texts : [`${node.kind}(${texts.join(',')})`];
    }
    case 'path':
      throw new UsageError(
        'The Data API cannot filter by path(…). Filter by a column, or read by a function.',
        {
          code: 'NOT_OVER_DATA_API',
        },
      );
  }
}

/** Within `or`, a part without conditions would match every row. */
function required(part: unknown, depth: number, name: string): string {
  const texts = conditions(part, depth);
  if (texts.length > 0) return together(texts);
  throw new UsageError(`op.${name} has a filter object without conditions: it would match every row.`);
}

function negated(text: string): string {
  return `not.and(${text})`;
}

function comparison(name: string, filter: unknown): string {
  const column = quotedColumn(name);
  const where = `the filter on column "${name}"`;
  if (filter === null) return `${column}.is.null`;
  if (filter === undefined) {
    throw new UsageError(
      `The filter on column "${name}" is undefined. Leave it out, or use null for IS NULL.`,
      {
        field: name,
      },
    );
  }
  const operator = Operator.read(filter);
  if (operator !== undefined) return operation(column, operator, where);
  if (Array.isArray(filter)) {
    throw new ValidationError(
      `The filter on column "${name}" is an array. Use op.in([…]) for one of several values, op.eq([…]) for an equal array.`,
      { field: name },
    );
  }
  return `${column}.eq.${quotedValue(filter, where)}`;
}

/** By the names of the operators here: those of PostgREST. */
const TOKENS: Readonly<Record<Exclude<(OperatorNode & { kind: 'value' })['name'], 'isDistinct'>, string>> = {
  eq: 'eq',
  neq: 'neq',
  gt: 'gt',
  gte: 'gte',
  lt: 'lt',
  lte: 'lte',
  like: 'like',
  ilike: 'ilike',
  match: 'match',
  imatch: 'imatch',
  contains: 'cs',
  containedBy: 'cd',
  overlaps: 'ov',
  rangeGt: 'sr',
  rangeGte: 'nxl',
  rangeLt: 'sl',
  rangeLte: 'nxr',
  rangeAdjacent: 'adj',
};

const SEARCHES = { plain: 'plfts', phrase: 'phfts', websearch: 'wfts' } as const;

function operation(column: string, node: OperatorNode, where: string): string {
  switch (node.kind) {
    case 'not':
      return negated(operation(column, node.operator, where));
    case 'is':
      return `${column}.is.${node.value}`;
    case 'in':
      return oneOf(column, node.values, where);
    case 'textSearch': {
      const { query, options } = node;
      const config = options.config === undefined ? '' : `(${languageName(options.config)})`;
      const search = options.type === undefined ? 'fts' : SEARCHES[options.type];
      return `${column}.${search}${config}.${quotedText(assertSendable(query, where))}`;
    }
    case 'value':
      return valued(column, node, where);
  }
}

function valued(column: string, { name, value }: OperatorNode & { kind: 'value' }, where: string): string {
  switch (name) {
    case 'isDistinct':
      if (value === null) return `${column}.not.is.null`;
      return `or(${column}.is.null,${column}.neq.${quotedValue(value, where)})`;
    case 'like':
    case 'ilike':
      if (typeof value === 'string' && value.includes('*')) {
        const regex = quotedText(likeAsRegex(assertSendable(value, where)));
        return `${column}.${name === 'like' ? 'match' : 'imatch'}.${regex}`;
      }
  }
  return `${column}.${TOKENS[name]}.${quotedValue(value, where)}`;
}

function oneOf(column: string, values: readonly unknown[], where: string): string {
  if (values.some((value) => value === null)) {
    throw new ValidationError(
      `op.in of ${where} must not contain null, which equals nothing. Add op.is(null) with op.or.`,
    );
  }
  const texts = values.map((value) => quotedValue(value, where));
  // A list of lists would be taken for one list of more dimensions.
  if (values.some(Array.isArray)) return `or(${texts.map((text) => `${column}.eq.${text}`).join(',')})`;
  // The Data API takes a list of one empty text for an empty list.
  if (texts.length === 1 && texts[0] === '""') return `${column}.eq.""`;
  return `${column}.in.(${texts.join(',')})`;
}

function quotedValue(value: unknown, where: string): string {
  return quotedText(encodeLoose(value, where) ?? '');
}

function languageName(config: string): string {
  if (/^[\p{L}\p{N}_]+$/u.test(config)) return config;
  throw new UsageError(
    "The option 'config' of op.textSearch must be a name of letters, digits and underscores to go over the Data API.",
  );
}
