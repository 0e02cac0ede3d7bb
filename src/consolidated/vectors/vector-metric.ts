import { quotedName } from '../../contract/quoted-name.ts';
import type { Catalog } from '../catalog/model.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';

/**
 * How the distance of two vectors is measured, and the `similarity` of each metric; higher is nearer in all of them.
 *
 * | metric | operator | similarity | range |
 * |---|---|---|---|
 * | `cosine` | `<=>` | 1 - distance | -1 to 1 |
 * | `l2` | `<->` | 1 / (1 + distance) | 0 to 1 |
 * | `innerProduct` | `<#>` | the inner product | any |
 * | `l1` | `<+>` | 1 / (1 + distance) | 0 to 1 |
 */
export type VectorMetric = 'cosine' | 'l2' | 'innerProduct' | 'l1';

const SYMBOLS: Readonly<Record<VectorMetric, string>> = {
  cosine: '<=>',
  l2: '<->',
  innerProduct: '<#>',
  l1: '<+>',
};

export const VECTOR_METRICS = Object.keys(SYMBOLS) as VectorMetric[];

/** `one <=> other`, whatever the search path is. */
export function distanceSql(
  catalog: Catalog,
  column: ShapedColumn,
  metric: VectorMetric,
  one: string,
  other: string,
): string {
  return `${one} operator(${vectorSchema(catalog, column)}.${SYMBOLS[metric]}) ${other}`;
}

/** The similarity that belongs to a distance. */
export function similaritySql(metric: VectorMetric, distance: string): string {
  switch (metric) {
    case 'cosine':
      return `1 - ${distance}`;
    case 'l2':
    case 'l1':
      return `1 / (1 + ${distance})`;
    case 'innerProduct':
      return `- ${distance}`;
  }
}

/** Quoted schema of the extension's operators and functions, which may not be in the search path. */
export function vectorSchema(catalog: Catalog, column: ShapedColumn): string {
  return quotedName(catalog.extensionSchema('vector') ?? column.type.schema);
}
