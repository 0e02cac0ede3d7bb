import { ValidationError } from '../../contract/errors.ts';
import { faultOf } from './refuse.ts';

/** Of a vector that has not as many dimensions as its column, as the catalog has it. */
export const WRONG_DIMENSIONS = 'WRONG_DIMENSIONS';

/**
 * Writes numbers as pgvector reads them: `[0.1,0.2]`. Its own text form is accepted too, with the same checks.
 *
 * Throws ValidationError for an empty vector, for NaN, infinities and numbers out of the range of float4, and for
 * a wrong number of dimensions.
 *
 * @param dimensions of the column; undefined or below 1 if it has no fixed number
 *
 * @example
 * ```ts
 * encodeVector([0.25, -1], 2, 'column "embedding"'); // '[0.25,-1]'
 * ```
 */
export function encodeVector(
  values: ArrayLike<number> | string,
  dimensions: number | undefined,
  where: string,
): string {
  const numbers = typeof values === 'string' ? parseVector(values, where) : values;
  if (numbers.length === 0) throw new ValidationError(`${where} must be a vector of at least one dimension.`);
  if (dimensions !== undefined && dimensions > 0 && numbers.length !== dimensions) {
    throw new ValidationError(
      `${where} must be a vector of ${dimensions} dimensions. It has ${numbers.length}.`,
      { code: WRONG_DIMENSIONS },
    );
  }
  let out = '[';
  for (let index = 0; index < numbers.length; index++) {
    const value: unknown = numbers[index];
    if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
      throw new (faultOf(value))(
        `${where} must be a vector of finite numbers within the range of float4. Dimension ${index + 1} is not.`,
      );
    }
    out += index === 0 ? value : `,${value}`;
  }
  return `${out}]`;
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

function parseVector(text: string, where: string): number[] {
  const match = /^\s*\[(.*)\]\s*$/s.exec(text);
  if (match === null) {
    throw new ValidationError(`${where} must be a vector: an array of numbers, or text such as '[1,2,3]'.`);
  }
  const body = match[1] ?? '';
  if (body.trim() === '') return [];
  return body.split(',').map((part) => (NUMBER.test(part) ? Number(part) : Number.NaN));
}
