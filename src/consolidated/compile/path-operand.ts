import { ServiceError, UsageError } from '../../contract/errors.ts';
import { PATH_TYPES, type PathNode } from '../filters/path.ts';
import { encoderFor } from '../values/encode.ts';
import { assertSendable } from '../values/sendable-text.ts';
import type { TypeInfo } from '../values/type-info.ts';
import type { Operand } from './relation-shape.ts';
import { type StatementScope, shapedColumn } from './statement-scope.ts';

/**
 * A path inside a json or jsonb column as an operand. Its steps are bound as one text array.
 *
 * Throws UsageError if the column is neither json nor jsonb.
 */
export function pathOperand(scope: StatementScope, path: PathNode): Operand {
  const column = shapedColumn(scope, path.column);
  if (column.type.name !== 'json' && column.type.name !== 'jsonb') {
    throw new UsageError(
      `path("${path.column}") works only on json and jsonb. The type of ${column.place} is ${column.type.sql}.`,
      { field: path.column },
    );
  }
  const place = `a path in ${column.place}`;
  const steps = scope.binding.addTexts(path.steps.map((step) => assertSendable(step, place)));
  const type = builtinType(scope, PATH_TYPES[path.type]);
  const read =
    path.type === 'jsonb'
      ? `(${column.expression} #> ${steps}::text[])`
      : `(${column.expression} #>> ${steps}::text[])`;
  const expression =
    path.type === 'text' || (path.type === 'jsonb' && column.type.name === 'jsonb')
      ? read
      : `${read}::${type.sql}`;
  return {
    name: path.name,
    expression,
    type,
    cast: `::${type.sql}`,
    nullable: true,
    place,
    encode: encoderFor(type),
    modifier: -1,
  };
}

function builtinType(scope: StatementScope, oid: number): TypeInfo {
  const type = scope.catalog.type(oid);
  if (type === undefined) {
    throw new ServiceError(`The catalog has no built-in type with OID ${oid}. Call refreshCatalog().`);
  }
  return type;
}
