import { UsageError, ValidationError } from '../../contract/errors.ts';
import { isVectorType } from '../catalog/vector-index.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { mayName, type StatementScope, shapedColumn } from '../compile/statement-scope.ts';
import { encodeVector } from '../values/encode-vector.ts';
import { faultOf } from '../values/refuse.ts';
import type { VectorMetric } from './vector-metric.ts';

/** The column that a search names, or the only one that it can mean. */
export function vectorColumn(scope: StatementScope, name: unknown): ShapedColumn {
  const { shape } = scope;
  const vectors = [...shape.columns.values()].filter(({ type }) => isVectorType(type));
  const names = vectors
    .filter((column) => mayName(scope, column.name))
    .map((column) => `"${column.name}"`)
    .join(', ');
  if (name === undefined) {
    const [only, ...others] = vectors;
    if (only === undefined) {
      throw new UsageError(`"${shape.relation.name}" has no vector or halfvec column to search.`);
    }
    if (others.length > 0) {
      throw new UsageError(
        `"${shape.relation.name}" has several vector columns. Name one of them in the option 'column'${names === '' ? '' : `: ${names}`}.`,
      );
    }
    return only;
  }
  if (typeof name !== 'string') throw new UsageError("The option 'column' must be a column name.");
  const column = shapedColumn(scope, name);
  if (!isVectorType(column.type)) {
    throw new UsageError(
      `A search by vectors works only on vector and halfvec. The type of ${column.place} is ${column.type.sql}.${names === '' ? '' : ` Available: ${names}.`}`,
      { field: name },
    );
  }
  return column;
}

/** The vector of a search as the column's type reads it. */
export function encodeQuery(
  vector: unknown,
  column: ShapedColumn,
  metric: VectorMetric,
  option = 'vector',
): string {
  const place = `The option '${option}' for ${column.place}`;
  if (
    typeof vector !== 'string' &&
    !Array.isArray(vector) &&
    !(vector instanceof Float32Array) &&
    !(vector instanceof Float64Array)
  ) {
    throw new (faultOf(vector))(`${place} must be an array of numbers.`);
  }
  const text = encodeVector(vector as ArrayLike<number> | string, column.modifier, place);
  if (metric === 'cosine' && !/[1-9]/.test(text)) {
    throw new ValidationError(`${place} must not be a vector of zeros: it has no direction, so no cosine.`);
  }
  return text;
}
