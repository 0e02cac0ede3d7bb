import { asOne, type ReadyStatement } from '../call/ready-statement.ts';

/** In one round trip. Each is made as if it were alone. */
export function severalSearches(
  all: readonly (ReadyStatement<unknown> & { asked(): string })[],
): ReadyStatement<unknown> {
  return {
    ...asOne(all),
    kind: 'vectorSearch',
    recallable: all[0]?.recallable,
    // A list of one is not the one.
    asked: () => `several\n${all.map((one) => one.asked()).join('\n')}`,
  };
}
