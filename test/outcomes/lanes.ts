import type { ModeName } from '../../src/index.ts';

/** Callers side by side in each mode. */
export const LANES: Readonly<Record<ModeName, number>> = {
  direct: 6,
  session: 6,
  transaction: 6,
  embedded: 1,
};

export const LANE_COUNT = Object.values(LANES).reduce((sum, lanes) => sum + lanes, 0);
