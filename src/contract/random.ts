/** Randomness, passed in so that a test can control it: a number from 0 to below 1. */
type Random = () => number;

export const systemRandom: Random = Math.random;
