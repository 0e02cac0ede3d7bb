/** Chance as a value that is handed in, so that a test can choose it: a number from 0 to below 1. */
type Random = () => number;

export const systemRandom: Random = Math.random;
