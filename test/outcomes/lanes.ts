import type { ModeName } from '../../src/index.ts';

/** Callers side by side in each mode: more where there are more cells. */
export const LANES: Readonly<Record<ModeName, number>> = {
  direct: 8,
  session: 8,
  transaction: 4,
  embedded: 1,
};

export const LANE_COUNT = Object.values(LANES).reduce((sum, lanes) => sum + lanes, 0);
