import { NotFoundError, UsageError } from '../../contract/errors.ts';
import { matchOneRow } from '../compile/one-row.ts';
import type { ShapedColumn } from '../compile/relation-shape.ts';
import { mayName, type StatementScope } from '../compile/statement-scope.ts';
import { writeWhere } from '../compile/where.ts';
import { distanceSql, type VectorMetric } from './vector-metric.ts';

/** The row whose vector is compared with, in place of a vector that is sent. */
interface Near {
  /** Query for its vector. */
  readonly origin: string;
  /** Leaves the row itself out. */
  readonly condition: string;
  missing(): NotFoundError;
}

/** The option `near`: values of a unique key, bound once for both of its uses. */
export function readNear(
  near: unknown,
  scope: StatementScope,
  column: ShapedColumn,
  metric: VectorMetric,
): Near {
  const { shape } = scope;
  if (!matchOneRow(near, shape)) throw noKey(scope);
  const equal = writeWhere({ filters: near }, scope);
  const own = distanceSql(scope.catalog, column, metric, column.expression, column.expression);
  // NaN, where there is no direction.
  const directed = metric === 'cosine' ? ` and ${own} <> 'NaN'::float8` : '';
  return {
    origin: `select ${column.expression} from ${shape.target} as t where ${equal}${directed}`,
    condition: `(${equal}) is not true`,
    missing: () =>
      new NotFoundError(
        `The option 'near' names no row of "${shape.relation.name}" that has a vector${metric === 'cosine' ? ' with a direction, not of zeros,' : ''} and that the caller may see.`,
      ),
  };
}

function noKey(scope: StatementScope): UsageError {
  const { relation } = scope.shape;
  const keys = relation.singleRowKeys
    .filter((key) => key.length > 0 && key.every((name) => mayName(scope, name)))
    .map((key) => `{ ${key.join(', ')} }`)
    .join(' or ');
  return new UsageError(
    `The option 'near' must give a value to each column of a unique key of "${relation.name}"${keys === '' ? '' : `: ${keys}`}.`,
  );
}
