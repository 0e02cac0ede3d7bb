import { asOne, type ReadyStatement } from '../call/ready-statement.ts';

/** In one round trip. Each is made as if it were alone. */
export function severalSearches(
  all: readonly (ReadyStatement<unknown> & { asked(): string })[],
): ReadyStatement<unknown> {
  const first = all[0]?.recallable;
  return {
    ...asOne(all),
    kind: 'vectorSearch',
    recallable: first === undefined ? undefined : { ...first, method: `several ${first.method}` },
    asked: () => all.map((one) => one.asked()).join('\n'),
  };
}
