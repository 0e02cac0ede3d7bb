import type { TypeInfo } from '../values/type-info.ts';
import type { VectorIndexRow } from './introspection.ts';

/** An index of pgvector on a vector or halfvec column. It serves one metric only, by one expression only. */
export interface VectorIndex {
  readonly method: 'hnsw' | 'ivfflat';
  /** The column of the relation that it indexes. */
  readonly column: string;
  readonly form: VectorIndexForm;
  readonly metric: IndexMetric;
  /** It has a predicate: the planner decides whether a search can use it. */
  readonly isPartial: boolean;
  /** Of ivfflat. */
  readonly lists: number | undefined;
  /** Of all that are so, in all parts of the relation; empty where these are too many. */
  readonly oids: readonly number[];
}

/**
 * What of the column is indexed, as one writes it in `create index`:
 *
 * - `whole`: `(embedding vector_cosine_ops)`
 * - `halfvec`: `((embedding::halfvec(n)) halfvec_cosine_ops)`
 * - `binary`: `((binary_quantize(embedding)::bit(n)) bit_hamming_ops)`
 * - `subvector`: `((subvector(embedding, start, n)::vector(n)) vector_cosine_ops)`, with the type of the column
 */
type VectorIndexForm =
  | { readonly kind: 'whole' }
  | { readonly kind: 'halfvec'; readonly dimensions: number }
  | { readonly kind: 'binary'; readonly dimensions: number }
  | { readonly kind: 'subvector'; readonly start: number; readonly dimensions: number };

type IndexMetric = 'cosine' | 'l2' | 'innerProduct' | 'l1' | 'hamming' | 'jaccard';

const METRICS: Readonly<Record<string, IndexMetric>> = {
  cosine: 'cosine',
  l2: 'l2',
  ip: 'innerProduct',
  l1: 'l1',
  hamming: 'hamming',
  jaccard: 'jaccard',
};
const OPERATOR_CLASS = /^(vector|halfvec|bit)_(cosine|l2|ip|l1|hamming|jaccard)_ops$/;

/** What pgvector takes where an ivfflat index does not say. */
export const DEFAULT_LISTS = 100;

const NAME = '(?:"(?:[^"]|"")+"|[a-z_][a-z0-9_]*)';
/** The server writes the schema where it is not in the search path. */
const SCHEMA = `(?:${NAME}\\.)?`;
const COLUMN = `(?<column>${NAME})`;
const FORMS = {
  halfvec: new RegExp(`^\\(\\(${COLUMN}\\)::${SCHEMA}halfvec\\((?<dimensions>\\d+)\\)\\)$`),
  binary: new RegExp(`^\\(\\(${SCHEMA}binary_quantize\\(${COLUMN}\\)\\)::bit\\((?<dimensions>\\d+)\\)\\)$`),
  subvector: new RegExp(
    `^\\(\\(${SCHEMA}subvector\\(${COLUMN}, (?<start>\\d+), (?<dimensions>\\d+)\\)\\)` +
      `::${SCHEMA}(?:vector|halfvec)\\(\\k<dimensions>\\)\\)$`,
  ),
};

/** A column of it can be searched. */
export function isVectorType({ kind, name }: TypeInfo): boolean {
  return kind === 'base' && (name === 'vector' || name === 'halfvec');
}

/** Of each vector of the column; undefined for another column, and for one without a number of dimensions. */
export function vectorBytes({
  type,
  modifier,
}: {
  readonly type: TypeInfo;
  /** Its number of dimensions; -1 when none. */
  readonly modifier: number;
}): number | undefined {
  if (!isVectorType(type) || modifier < 0) return undefined;
  return modifier * (type.name === 'halfvec' ? 2 : 4) + 8;
}

/**
 * @param columns the vector columns of the relation, with the names of their types
 * @returns undefined for an index that no search asks for: of another expression, or of another column
 */
export function linkVectorIndex(
  row: VectorIndexRow,
  columns: ReadonlyMap<string, string>,
): VectorIndex | undefined {
  const [method, operatorClass, key, expression, isPartial, lists, oids] = row;
  const [, operand, metric] = OPERATOR_CLASS.exec(operatorClass) ?? [];
  const indexed = key === null ? read(expression ?? '') : { column: key, form: WHOLE };
  if (indexed === undefined || metric === undefined) return undefined;
  const { column, form } = indexed;
  const type = columns.get(column);
  if (type === undefined || operand !== (OPERANDS[form.kind] ?? type)) return undefined;
  return {
    method,
    column,
    form,
    metric: METRICS[metric]!,
    isPartial,
    lists: lists ?? undefined,
    oids: oids ?? [],
  };
}

const WHOLE: VectorIndexForm = { kind: 'whole' };

/** The type that is compared, where it is not that of the column. */
const OPERANDS: Readonly<Partial<Record<VectorIndexForm['kind'], string>>> = {
  halfvec: 'halfvec',
  binary: 'bit',
};

/** @param expression as the server writes it, without line breaks, and with all parentheses */
function read(expression: string): Pick<VectorIndex, 'column' | 'form'> | undefined {
  for (const kind of ['halfvec', 'binary', 'subvector'] as const) {
    const { column, dimensions, start } = FORMS[kind].exec(expression)?.groups ?? {};
    if (column === undefined) continue;
    const size = { dimensions: Number(dimensions) };
    const form = kind === 'subvector' ? { kind, start: Number(start), ...size } : { kind, ...size };
    return { column: unquoted(column), form };
  }
  return undefined;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
