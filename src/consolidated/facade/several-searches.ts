import { asOne, type ReadyStatement } from '../call/ready-statement.ts';

/** In one round trip. Each is made as if it were alone. */
export function severalSearches(
  all: readonly (ReadyStatement<unknown> & { asked(): string })[],
): ReadyStatement<unknown> {
  return {
    ...asOne(all),
    kind: 'vectorSearch',
    recallable: all[0]?.recallable,
    // A list of one answers otherwise than the one.
    asked: () => `several ${all.map((one) => one.asked()).join('\n')}`,
  };
}
