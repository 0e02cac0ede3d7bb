import * as fc from 'fast-check';

/**
 * How many inputs the properties of one file get in all: `CDB_PROPERTY_RUNS` over all files, each property by
 * its share. The seed is printed, and `CDB_PROPERTY_SEED` repeats a run.
 */
const TOTAL = wholeNumber('CDB_PROPERTY_RUNS', 2_000);
const SEED = wholeNumber('CDB_PROPERTY_SEED', Math.floor(Math.random() * 2 ** 31));

process.stdout.write(`Property tests: ${TOTAL} inputs in all, CDB_PROPERTY_SEED=${SEED}\n`);

function wholeNumber(name: string, otherwise: number): number {
  const given = process.env[name];
  if (given === undefined || given === '') return otherwise;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${name} takes a whole number from 1.`);
  return value;
}

/** For vitest: properties with many inputs take their time. */
export const PROPERTY_TIMEOUT_MS = 30_000 + TOTAL * 20;

/** Runs a property on its share, in percent, of all inputs. */
export async function check(percent: number, property: fc.IRawProperty<unknown>): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns: Math.max(1, Math.ceil((TOTAL * percent) / 100)) });
}
