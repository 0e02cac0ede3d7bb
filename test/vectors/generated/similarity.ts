import type { Metric } from './generated-table.ts';

/** As documented, worked out with double precision. NaN for the cosine of a vector of zeros. */
export function similarityOf(metric: Metric, one: readonly number[], other: readonly number[]): number {
  let [product, ofOne, ofOther, squares, sum] = [0, 0, 0, 0, 0];
  for (let at = 0; at < one.length; at++) {
    const [a, b] = [one[at]!, other[at]!];
    product += a * b;
    ofOne += a * a;
    ofOther += b * b;
    squares += (a - b) ** 2;
    sum += Math.abs(a - b);
  }
  switch (metric) {
    case 'cosine':
      return product / Math.sqrt(ofOne * ofOther);
    case 'l2':
      return 1 / (1 + Math.sqrt(squares));
    case 'l1':
      return 1 / (1 + sum);
    case 'innerProduct':
      return product;
  }
}

/** pgvector adds up in single precision. */
export function isAbout(one: number, other: number): boolean {
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) && Number.isNaN(other);
  return Math.abs(one - other) <= toleranceOf(other);
}

export function toleranceOf(similarity: number): number {
  return 1e-5 * (1 + Math.abs(similarity));
}
