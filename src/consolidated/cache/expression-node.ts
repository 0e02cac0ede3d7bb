import type { RefusalReason } from './refusal.ts';

/** `current_date` and its kin, by their number in a parse tree. */
const VALUES: ReadonlyMap<number, 'time' | 'role' | 'setting'> = new Map([
  // current_date, current_time, current_timestamp, localtime, localtimestamp, and those with a precision
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((op) => [op, 'time'] as const),
  // current_role, current_user, user, current_catalog
  ...[9, 10, 11, 13].map((op) => [op, 'role'] as const),
  // session_user, current_schema
  ...[12, 14].map((op) => [op, 'setting'] as const),
]);

/** What a value of SQL depends on; undefined for another node. */
export function sqlValue(node: string): 'time' | 'role' | 'setting' | undefined {
  const [, op] = /^SQLVALUEFUNCTION :op (\d+)$/.exec(node) ?? [];
  return op === undefined ? undefined : (VALUES.get(Number(op)) ?? 'setting');
}

/** Of a node whose answer cannot be told from what it is given. */
export function uncommonNode(node: string): { readonly reason: RefusalReason; readonly does: string } {
  if (node === 'TABLESAMPLECLAUSE') return { reason: 'volatile function', does: 'takes a sample of a table' };
  if (node === 'NEXTVALUEEXPR') return { reason: 'volatile function', does: 'takes numbers of a sequence' };
  if (node.startsWith('QUERY'))
    return { reason: 'volatile function', does: 'holds a statement that does not select' };
  return { reason: 'unknown expression', does: `holds an expression of a kind that is not known (${node})` };
}
