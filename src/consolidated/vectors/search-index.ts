import type { Catalog, Relation } from '../catalog/model.ts';
import type { VectorIndex } from '../catalog/vector-index.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { distanceSql, type VectorMetric, vectorSchema } from './vector-metric.ts';

/**
 * The indexes that a search by this metric can use, the one that loses least first; empty where none is known. All of them order
 * by the same expression, so that the planner decides which of them is used.
 */
export function searchIndexes(
  relation: Relation,
  column: ShapedColumn,
  metric: VectorMetric,
): readonly VectorIndex[] {
  const all = relation.searchable?.vectorIndexes.filter(
    (index) => index.column === column.name && serves(index, metric),
  );
  if (all === undefined || all.length < 2) return all ?? NONE;
  const [best] = all.sort((one, other) => rank(one) - rank(other));
  return all.filter(({ form }) => isSame(form, best!.form));
}

const NONE: readonly VectorIndex[] = [];

function isSame(one: VectorIndex['form'], other: VectorIndex['form']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The bits of two vectors agree where their angle is small. */
function serves(index: VectorIndex, metric: VectorMetric): boolean {
  if (index.form.kind !== 'binary') return index.metric === metric;
  return index.metric === 'hamming' && (metric === 'cosine' || metric === 'innerProduct');
}

const FORMS = ['whole', 'halfvec', 'subvector', 'binary'];

function rank({ isPartial, form, method }: VectorIndex): number {
  return (isPartial ? 8 : 0) + 2 * FORMS.indexOf(form.kind) + (method === 'hnsw' ? 0 : 1);
}

/** What the index orders by, as its definition has it: otherwise Postgres would not use it. */
export function candidateSql(
  catalog: Catalog,
  column: ShapedColumn,
  metric: VectorMetric,
  vector: string,
  index: VectorIndex | undefined,
): string {
  const schema = vectorSchema(catalog, column);
  const compared = (one: string, other: string) => distanceSql(catalog, column, metric, one, other);
  const form: VectorIndex['form'] = index?.form ?? { kind: 'whole' };
  switch (form.kind) {
    case 'whole':
      return compared(column.expression, vector);
    case 'halfvec': {
      const type = `${schema}.halfvec(${form.dimensions})`;
      return compared(`${column.expression}::${type}`, `${vector}::${type}`);
    }
    case 'subvector': {
      const part = (of: string) =>
        `${schema}.subvector(${of}, ${form.start}, ${form.dimensions})::${column.type.sql}(${form.dimensions})`;
      return compared(part(column.expression), part(vector));
    }
    case 'binary': {
      const bits = (of: string) => `${schema}.binary_quantize(${of})::bit(${form.dimensions})`;
      return `${bits(column.expression)} operator(${schema}.<~>) ${bits(vector)}`;
    }
  }
}
