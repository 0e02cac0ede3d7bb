/** The seed of a run's random choices; a run prints it, so that `CDB_OUTCOMES_SEED` can repeat it. */
export function seedOf(environment: NodeJS.ProcessEnv): number {
  return Number(environment.CDB_OUTCOMES_SEED ?? Date.now() % 1_000_000);
}
