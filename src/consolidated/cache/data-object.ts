import { types } from 'node:util';
import type { Asking } from '../call/ready-statement.ts';

/**
 * Reading it again gives the same, as long as nobody writes to it. What a getter or a proxy answered when the key of a question
 * was made, it may not answer when the statement is compiled: the answer would be kept for another question.
 */
export function isOfData({ options, value }: Asking): boolean {
  const { columns, filters } = options as { readonly columns?: unknown; readonly filters?: unknown };
  return [columns, filters, value].every(isData);
}

function isData(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (types.isProxy(value)) return false;
  return Object.values(Object.getOwnPropertyDescriptors(value)).every((property) =>
    Object.hasOwn(property, 'value'),
  );
}
