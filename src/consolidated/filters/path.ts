import { UsageError, ValidationError } from '../../contract/errors.ts';
import { Condition } from './condition.ts';
import type { Operator } from './operator.ts';

/** The types that a JSON path can be read as: what their values are in rows, and what filters compare them with. */
interface PathTypes {
  text: { read: string; given: string };
  integer: { read: number; given: number | bigint };
  bigint: { read: number; given: number | bigint };
  numeric: { read: number; given: number | bigint };
  'double precision': { read: number; given: number | bigint };
  boolean: { read: boolean; given: boolean };
  date: { read: string; given: string | Date };
  timestamptz: { read: string; given: string | Date };
  uuid: { read: string; given: string };
  jsonb: { read: unknown; given: unknown };
}

type PathType = keyof PathTypes;

/** OIDs of the types, which are the same in every database. */
export const PATH_TYPES: Readonly<Record<PathType, number>> = {
  text: 25,
  integer: 23,
  bigint: 20,
  numeric: 1700,
  'double precision': 701,
  boolean: 16,
  date: 1082,
  timestamptz: 1184,
  uuid: 2950,
  jsonb: 3802,
};

/** A path as it is compiled. */
export interface PathNode {
  readonly column: string;
  readonly steps: readonly string[];
  readonly type: PathType;
  /** Name of the path as a result column and as a key of `after`: its last step. */
  readonly name: string;
}

/**
 * A place inside a json or jsonb column, made by `path`. Use `where` to filter by it. It can also replace a
 * column in `columns` and `orderBy`, where its name is its last step.
 */
export class JsonPath<
  C extends string = string,
  out T = unknown,
  out Name extends string = string,
  out Given = T,
> {
  readonly #node: PathNode;
  declare protected readonly reads: readonly [C, T, Name, Given];

  constructor(node: PathNode) {
    this.#node = node;
  }

  /**
   * Reads the value as another type than text. A value that is not of that type fails the statement.
   *
   * @example
   * ```ts
   * path('metadata', 'guests').as('integer').where(op.gte(4));
   * ```
   */
  as<N extends PathType>(type: N): JsonPath<C, PathTypes[N]['read'], Name, PathTypes[N]['given']> {
    if (!Object.hasOwn(PATH_TYPES, type)) {
      throw new UsageError(
        `The type of a path must be one of ${Object.keys(PATH_TYPES).join(', ')}. It was ${typeof type === 'string' ? `"${type}"` : `of type ${typeof type}`}.`,
      );
    }
    return new JsonPath({ ...this.#node, type });
  }

  /**
   * A condition on the value, as for a column: a plain value means equality, null means that there is no
   * value (or JSON null), an operator means itself.
   *
   * @example
   * ```ts
   * filters: [{ owner_id: me }, path('metadata', 'from').where('Lisbon')];
   * ```
   */
  where(filter: Given | null | Operator<Given | null>): Condition<{ readonly [K in C]?: never }> {
    return new Condition({ kind: 'path', path: this, filter });
  }

  /** The node of a real path; undefined for everything else. */
  static read(value: unknown): PathNode | undefined {
    return typeof value === 'object' && value !== null && #node in value ? value.#node : undefined;
  }
}

type LastStep<Steps> = Steps extends readonly [...unknown[], infer Last extends string | number]
  ? `${Last}`
  : string;

/**
 * A place inside a json or jsonb column. Steps are keys of objects, or positions in arrays from 0 (from the
 * end when negative); they are bound as values and never become SQL. It is read as text unless `.as(type)` is used.
 *
 * Throws UsageError if there is no step, ValidationError if a step is neither text nor a whole number.
 *
 * @example
 * ```ts
 * path('metadata', 'stops', 0, 'city');
 * ```
 */
export function path<C extends string, const Steps extends readonly (string | number)[]>(
  column: C,
  ...steps: Steps
): JsonPath<C, string, LastStep<Steps>> {
  if (typeof column !== 'string' || column === '') {
    throw new UsageError('path needs the name of a column, then the steps into its JSON.');
  }
  if (steps.length === 0) throw new UsageError(`path("${column}") needs at least one step.`);
  const texts = steps.map((step: unknown) => {
    if (typeof step === 'string') return step;
    if (typeof step === 'number' && Number.isSafeInteger(step)) return String(step);
    throw new ValidationError(
      `The steps of path("${column}") must be keys (strings) or positions (whole numbers).`,
    );
  });
  return new JsonPath({ column, steps: texts, type: 'text', name: texts.at(-1)! });
}
