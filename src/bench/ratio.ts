import { median } from './statistics.ts';

/** A ratio, and how far it may be from the truth because the machine is never the same twice. */
interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** `none` where 1 lies between `low` and `high`: the noise is larger than the difference. */
  readonly difference: 'better' | 'worse' | 'none';
}

/** A median of n values strays 1.25 / √n of one value's deviation; twice that holds 95 of 100 times. */
const SPREAD_OF_MEDIAN = 1.2533;
/** A deviation by the middle of the deviations, which a single odd round does not move. */
const DEVIATION_BY_MEDIAN = 1.4826;
const SURE = 2;

/** The median of the rounds' ratios. Ratios spread by their factor, so all of it happens on their logarithms. */
export function ratioOf(ratios: readonly number[]): Ratio {
  const logs = ratios.map((ratio) => Math.log(ratio));
  const middle = median(logs);
  const deviation = DEVIATION_BY_MEDIAN * median(logs.map((log) => Math.abs(log - middle)));
  const reach =
    logs.length < 2 ? Math.log(2) : (SURE * SPREAD_OF_MEDIAN * deviation) / Math.sqrt(logs.length);
  const [low, high] = [Math.exp(middle - reach), Math.exp(middle + reach)];
  return {
    ratio: Math.exp(middle),
    low,
    high,
    difference: low > 1 ? 'better' : high < 1 ? 'worse' : 'none',
  };
}
