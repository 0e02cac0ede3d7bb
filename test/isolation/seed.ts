/** The seed of this run's random choices; a test names it, so that `CDB_TEST_SEED` can repeat it. */
export const SEED = Number(process.env.CDB_TEST_SEED ?? Date.now() % 1_000_000);
