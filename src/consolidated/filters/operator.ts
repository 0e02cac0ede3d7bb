import { UsageError, ValidationError } from '../../contract/errors.ts';
import { keepShape } from '../../contract/kept-shapes.ts';
import { isMadeByCode } from '../../contract/made-by-code.ts';
import { own } from '../../contract/own-property.ts';
import { Condition } from './condition.ts';

/** Operators that compare with one value of the column's own type. */
type ComparisonName = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte';
type PatternName = 'like' | 'ilike' | 'match' | 'imatch';
type ContainmentName = 'contains' | 'containedBy' | 'overlaps';
type RangeName = 'rangeGt' | 'rangeGte' | 'rangeLt' | 'rangeLte' | 'rangeAdjacent';

/** How `op.textSearch` reads its query. */
interface TextSearchOptions {
  /**
   * How the query is read: `plain` as words that all must occur, `phrase` as words in this order,
   * `websearch` as people type into search boxes. Without it: the syntax of `to_tsquery`, whose syntax
   * errors fail the statement.
   */
  readonly type?: 'plain' | 'phrase' | 'websearch';
  /** Text search configuration, such as `english`. Without it: the database's own. */
  readonly config?: string;
}

/** The content of an operator, for the compiler. */
export type OperatorNode =
  | {
      readonly kind: 'value';
      readonly name: ComparisonName | PatternName | ContainmentName | RangeName | 'isDistinct';
      readonly value: unknown;
    }
  | { readonly kind: 'is'; readonly value: null | boolean }
  | { readonly kind: 'in'; readonly values: readonly unknown[] }
  | { readonly kind: 'textSearch'; readonly query: string; readonly options: TextSearchOptions }
  | { readonly kind: 'not'; readonly operator: OperatorNode; readonly depth: number };

/**
 * What a column is compared with, made by the functions of `op`.
 *
 * The brand is a private field, so that no parsed JSON can be an operator: the body of a request can
 * be used as filter values without becoming an operator.
 *
 * @typeParam T type of the values that it compares with
 */
export class Operator<out T = unknown> {
  readonly #node: OperatorNode;
  declare protected readonly accepts: T;

  constructor(node: OperatorNode) {
    this.#node = node;
  }

  /** The node of a real operator; undefined for everything else, including similar objects. */
  static read(value: unknown): OperatorNode | undefined {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : undefined;
  }
}

keepShape(new Operator({ kind: 'value', name: 'eq', value: null }));

type ValueName = (OperatorNode & { kind: 'value' })['name'];

function valued<T>(name: ValueName, value: T): Operator<T> {
  if (value === undefined) throw new UsageError(`The value of op.${name} must not be undefined.`);
  if (value === null && name !== 'isDistinct') {
    throw new ValidationError(
      `The value of op.${name} must not be null, which equals nothing. Use null itself, op.is(null) or op.isDistinct(null).`,
    );
  }
  return new Operator<T>({ kind: 'value', name, value });
}

/** What no request contains is a fault of the code. */
function faultOf(value: unknown): typeof UsageError | typeof ValidationError {
  return isMadeByCode(value) ? UsageError : ValidationError;
}

function textual(name: PatternName, pattern: string): Operator<string> {
  if (typeof pattern !== 'string') {
    throw new (faultOf(pattern))(
      `The pattern of op.${name} must be a string. It was of type ${typeof pattern}.`,
    );
  }
  return new Operator<string>({ kind: 'value', name, value: pattern });
}

function combined<F>(kind: 'or' | 'and', parts: readonly unknown[]): Condition<F> {
  if (parts.length === 0) throw new UsageError(`op.${kind} needs at least one filter object or condition.`);
  return new Condition<F>({ kind, parts: [...parts] });
}

const MAX_NOTS = 32;

function not<T>(operator: Operator<T>): Operator<T>;
function not<F>(condition: Condition<F>): Condition<F>;
function not(negated: Operator | Condition): Operator | Condition {
  const operator = Operator.read(negated);
  if (operator !== undefined) {
    const depth = operator.kind === 'not' ? operator.depth + 1 : 1;
    if (depth > MAX_NOTS) throw new ValidationError(`op.not can be nested at most ${MAX_NOTS} times.`);
    return new Operator({ kind: 'not', operator, depth });
  }
  if (Condition.read(negated) !== undefined) {
    return new Condition({ kind: 'not', part: negated as Condition });
  }
  throw new UsageError('op.not needs an operator or a condition, such as op.not(op.in([1, 2])).');
}

const TEXT_SEARCH_TYPES: readonly unknown[] = ['plain', 'phrase', 'websearch', undefined];

function textSearch(query: string, options: TextSearchOptions = {}): Operator<string> {
  if (typeof query !== 'string') {
    throw new (faultOf(query))(
      `The query of op.textSearch must be a string. It was of type ${typeof query}.`,
    );
  }
  const type = own(options, 'type');
  const config = own(options, 'config');
  if (!TEXT_SEARCH_TYPES.includes(type)) {
    throw new UsageError("The option 'type' of op.textSearch must be plain, phrase or websearch.");
  }
  if (config !== undefined && typeof config !== 'string') {
    throw new UsageError(
      "The option 'config' of op.textSearch must be the name of a text search configuration.",
    );
  }
  return new Operator<string>({
    kind: 'textSearch',
    query,
    options: { ...(type !== undefined && { type }), ...(config !== undefined && { config }) },
  });
}

/**
 * The operators of filters, named as in supabase-js.
 *
 * All values are bound; none becomes SQL. A comparison with a null column is neither true nor false,
 * so such rows are left out, also by `neq` and `not`. `isDistinct` treats null as a value.
 *
 * @example
 * ```ts
 * await db.select('trips', {
 *   filters: [
 *     { status: op.in(['planning', 'booked']), budget: op.gte(500), ends_on: null },
 *     op.or({ visibility: 'public' }, { owner_id: me }),
 *   ],
 * });
 * ```
 */
export const op = {
  /** Equal. The same as a plain value; needed for arrays. */
  eq: <T>(value: T): Operator<T> => valued('eq', value),
  /** Not equal. Leaves out nulls; see `isDistinct`. */
  neq: <T>(value: T): Operator<T> => valued('neq', value),
  /** Greater than. */
  gt: <T>(value: T): Operator<T> => valued('gt', value),
  /** Greater than or equal. */
  gte: <T>(value: T): Operator<T> => valued('gte', value),
  /** Less than. */
  lt: <T>(value: T): Operator<T> => valued('lt', value),
  /** Less than or equal. */
  lte: <T>(value: T): Operator<T> => valued('lte', value),
  /** SQL `like`: `%` stands for any text, `_` for one character, `\` makes the next one plain. */
  like: (pattern: string): Operator<string> => textual('like', pattern),
  /** Case-insensitive `like`. */
  ilike: (pattern: string): Operator<string> => textual('ilike', pattern),
  /** POSIX regular expression, `~`. */
  match: (pattern: string): Operator<string> => textual('match', pattern),
  /** Case-insensitive POSIX regular expression, `~*`. */
  imatch: (pattern: string): Operator<string> => textual('imatch', pattern),
  /** `is null`, `is true`, `is false`: the result is never null. */
  is: <T extends boolean | null>(value: T): Operator<T> => {
    if (value !== null && typeof value !== 'boolean') {
      throw new (faultOf(value))(
        `The value of op.is must be null, true or false. It was of type ${typeof value}.`,
      );
    }
    return new Operator<T>({ kind: 'is', value });
  },
  /** `is distinct from`: not equal, where null is a value like others. */
  isDistinct: <T>(value: T): Operator<T> => valued('isDistinct', value),
  /** Equal to one of the values; an empty list matches no row. All are bound as one array. */
  in: <T>(values: readonly T[]): Operator<T> => {
    if (!Array.isArray(values)) {
      throw new (faultOf(values))(
        `The values of op.in must be an array. They were ${values === null ? 'null' : `of type ${typeof values}`}.`,
      );
    }
    return new Operator<T>({ kind: 'in', values: [...values] });
  },
  /** The array, range or jsonb of the column contains the given one, `@>`. */
  contains: <T>(value: T): Operator<T> => valued('contains', value),
  /** The given array, range or jsonb contains the column's, `<@`. */
  containedBy: <T>(value: T): Operator<T> => valued('containedBy', value),
  /** The arrays or ranges overlap, `&&`. */
  overlaps: <T>(value: T): Operator<T> => valued('overlaps', value),
  /** The column's range is completely to the right, `>>`. */
  rangeGt: <T>(range: T): Operator<T> => valued('rangeGt', range),
  /** The column's range does not extend further left, `&>`. */
  rangeGte: <T>(range: T): Operator<T> => valued('rangeGte', range),
  /** The column's range is completely to the left, `<<`. */
  rangeLt: <T>(range: T): Operator<T> => valued('rangeLt', range),
  /** The column's range does not extend further right, `&<`. */
  rangeLte: <T>(range: T): Operator<T> => valued('rangeLte', range),
  /** The ranges are adjacent and do not overlap, `-|-`. */
  rangeAdjacent: <T>(range: T): Operator<T> => valued('rangeAdjacent', range),
  /** Full text search in a tsvector or text column. */
  textSearch,
  /** Negates an operator or a condition. */
  not,
  /** At least one of the filter objects or conditions matches. Within one object all columns must match. */
  or: <F = Readonly<Record<string, unknown>>>(
    ...filters: readonly (NoInfer<F> | Condition<NoInfer<F>>)[]
  ): Condition<F> => combined('or', filters),
  /** All of the filter objects and conditions match; for use within `op.or`. */
  and: <F = Readonly<Record<string, unknown>>>(
    ...filters: readonly (NoInfer<F> | Condition<NoInfer<F>>)[]
  ): Condition<F> => combined('and', filters),
} as const;
