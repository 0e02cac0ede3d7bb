import { own } from '../../contract/own-property.ts';
import { isPlainObject } from '../values/plain-object.ts';
import type { RelationShape } from './relation-shape.ts';

/** True when the filters give a value to each column of a unique key, so that no more than one row can match. */
export function matchOneRow(filters: unknown, shape: RelationShape): boolean {
  if (!isPlainObject(filters)) return false;
  return shape.relation.singleRowKeys.some(
    (key) => key.length > 0 && key.every((name) => isValue(own(filters, name))),
  );
}

/** Values that `where` compares with `=`. */
function isValue(filter: unknown): boolean {
  switch (typeof filter) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return true;
    default:
      return false;
  }
}
