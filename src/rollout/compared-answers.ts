import { isPlainObject } from '../consolidated/values/plain-object.ts';
import { DatabaseError } from '../contract/errors.ts';
import type { AnswerDifference } from './answer-difference.ts';
import { comparableText } from './comparable-value.ts';
import { type ComparedRow, differenceOfRows, type RowsAsked } from './compared-rows.ts';

/** What a side said to a read. */
export type SideAnswer = { readonly value: unknown } | { readonly error: unknown };

/** Whether the side could not be asked at all, which says nothing of what it would answer. */
export function isOutOfReach(answer: SideAnswer): boolean {
  if (!('error' in answer)) return false;
  return answer.error instanceof DatabaseError && answer.error.statusCode > 500;
}

/** How two answers to one read differ; undefined where they mean the same. */
export function differenceOf(
  legacy: SideAnswer,
  consolidated: SideAnswer,
  asked: RowsAsked,
): AnswerDifference | undefined {
  if ('error' in legacy || 'error' in consolidated) {
    const [one, other] = [nameOf(legacy), nameOf(consolidated)];
    return one === other ? undefined : { kind: 'error', legacy: one, consolidated: other };
  }
  return differenceOfValues(legacy.value, consolidated.value, asked);
}

function differenceOfValues(
  legacy: unknown,
  consolidated: unknown,
  asked: RowsAsked,
): AnswerDifference | undefined {
  const [counted, otherCounted] = [countedRows(legacy), countedRows(consolidated)];
  if (counted !== undefined && otherCounted !== undefined) {
    const differs = comparableText(counted.count, true) !== comparableText(otherCounted.count, true);
    return (
      differenceOfRows(counted.rows, otherCounted.rows, asked) ?? (differs ? { kind: 'count' } : undefined)
    );
  }
  const [rows, others] = [rowsOf(legacy), rowsOf(consolidated)];
  if (rows !== undefined && others !== undefined) return differenceOfRows(rows, others, asked);
  return valueText(legacy, consolidated) === valueText(consolidated, legacy) ? undefined : { kind: 'value' };
}

/** A row, rows, or the elements of a list, which are compared as rows of one column. */
function rowsOf(value: unknown): readonly ComparedRow[] | undefined {
  if (Array.isArray(value))
    return value.map((item) => (isPlainObject(item) ? item : { value: item as unknown }));
  return isPlainObject(value) ? [value] : undefined;
}

function countedRows(
  value: unknown,
): { readonly rows: readonly ComparedRow[]; readonly count: unknown } | undefined {
  if (!isPlainObject(value) || !Array.isArray(value.rows) || !('count' in value)) return undefined;
  return { rows: rowsOf(value.rows) ?? [], count: value.count };
}

/** No row is `undefined` here and `null` elsewhere. */
function valueText(value: unknown, other: unknown): string {
  const isNumber = typeof value === 'number' || typeof other === 'number';
  return comparableText(value ?? null, isNumber);
}

function nameOf(answer: SideAnswer): string {
  if (!('error' in answer)) return 'answer';
  return answer.error instanceof DatabaseError ? answer.error.name : 'unexpected error';
}
