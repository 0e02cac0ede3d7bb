import { UsageError } from '../../contract/errors.ts';

/**
 * The name of a table or function, which becomes a part of the path: one that could lead to another path is refused, where the
 * database could only say that it does not exist.
 */
export function pathName(kind: 'table' | 'function', name: unknown): string {
  if (typeof name === 'string' && /^[\p{L}\p{N}_$][\p{L}\p{N}_$ -]*$/u.test(name)) return name;
  throw new UsageError(
    `The name of a ${kind} must be made of letters, digits, "_", "$", "-" and spaces to go over the Data API. It was ${shown(name)}.`,
  );
}

/**
 * The name of a column. Quotes and backslashes are refused: supabase-js does not escape them where it lists the columns of
 * rows itself.
 */
export function columnName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && !/["\\\p{Cc}]/u.test(name) && name.isWellFormed())
    return name;
  throw new UsageError(
    `The name of a column must be text without quotes, backslashes and control characters to go over the Data API. It was ${shown(name)}.`,
    typeof name === 'string' ? { field: name } : {},
  );
}

/** In quotes no character has a meaning, so that `order`, `or` and `a.b` are names like others. */
export function quotedColumn(name: unknown): string {
  return `"${columnName(name)}"`;
}

/** A value in quotes, within a tree of filters. */
export function quotedText(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function shown(name: unknown): string {
  return typeof name === 'string' ? JSON.stringify(name.slice(0, 63)) : `of type ${typeof name}`;
}
