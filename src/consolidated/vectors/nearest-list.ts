import { whereClause } from '../compile/assemble.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { aliases } from '../compile/wrap-document.ts';
import { efSearchFor } from './ef-search.ts';
import { similaritySql, type VectorMetric } from './vector-metric.ts';

/** What the list of the rows that are nearest to a vector is made of. */
interface NearestList {
  /** `"public"."trips"`; its alias is `t`. */
  readonly target: string;
  readonly key: readonly ShapedColumn[];
  readonly column: ShapedColumn;
  readonly metric: VectorMetric;
  /** The expression that the rows are ordered by. */
  readonly distance: string;
  /** Conditions of the rows, '' for none. */
  readonly where: string;
  /** Parameter of the least similarity, '' for none. */
  readonly threshold: string;
  /** Parameter of the number of rows. */
  readonly candidates: string;
}

/**
 * The rows nearest to a vector with their places from 1, as `(k0, …, place)`: for FROM. Rows without a vector, or without a
 * direction that the cosine needs, have no place.
 *
 * The inner query is ordered only by the distance, so that an index can be used. What an index returns is sorted again,
 * because in `relaxed_order` it is nearly in order; `+ 0` keeps the planner from taking it for sorted.
 */
export function nearestListSql({ key, column, metric, distance, threshold, ...list }: NearestList): string {
  const columns = aliases(key.length, 'k').join(', ');
  const notNull = column.nullable ? `${column.expression} is not null` : '';
  const where = whereClause(notNull, list.where);
  const nearest = `select ${key.map(({ expression }) => expression).join(', ')}, ${distance} from ${list.target} as t${where} order by ${distance} limit ${list.candidates}`;
  // NaN sorts as larger than all numbers, so that it takes the place of none.
  const kept = whereClause(
    `d.distance <> 'NaN'::float8`,
    threshold === '' ? '' : `${similaritySql(metric, 'd.distance')} >= ${threshold}`,
  );
  return `select ${columns}, row_number() over (order by d.distance + 0, ${columns}) from (${nearest}) as d(${columns}, distance)${kept}`;
}

/** For the batch of a list that an index may serve: a filter or a policy runs after the index, and would shorten it. */
export function nearestListSettings(candidates: number): readonly (readonly [name: string, value: string])[] {
  return [
    ['hnsw.iterative_scan', 'relaxed_order'],
    ['hnsw.ef_search', String(efSearchFor(candidates))],
  ];
}
