import type { Condition, Conditions } from '../operation.ts';
import type { Row, Value } from './rows.ts';

/** Whether a row meets all conditions. As in SQL, nothing can be said of a null but that it is one. */
export function matches(row: Row, where: Conditions): boolean {
  return Object.entries(where).every(([column, condition]) => meets(row[column] ?? null, condition));
}

function meets(value: Value, condition: Condition): boolean {
  if (typeof condition === 'object' && condition !== null && 'oneOf' in condition) {
    const values: readonly unknown[] = Array.isArray(condition.oneOf) ? condition.oneOf : [];
    return values.includes(value);
  }
  if (typeof condition === 'object' && condition !== null && 'not' in condition) {
    return value !== null && value !== condition.not;
  }
  return value === condition;
}

/** The columns that a statement names in its conditions. */
export function picked(row: Row, columns: readonly string[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));
}
