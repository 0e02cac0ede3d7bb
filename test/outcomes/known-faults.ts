/** Faults of the package that are known and not yet corrected: they do not fail the run, and are named by it. */
import type { ModeName } from '../../src/index.ts';
import type { Found, Told } from '../support/journal/verdict.ts';
import type { Ended } from './lane.ts';

interface KnownFault {
  readonly what: string;
  readonly kinds: readonly string[];
  readonly modes: readonly ModeName[];
  readonly told: readonly Told[];
  readonly found: readonly Found[];
}

/** An entry goes when the fault does: the run says which were not seen. */
export const KNOWN_FAULTS: readonly KnownFault[] = [];

export function knownFault({ plan, told }: Ended, found: Found): string | undefined {
  return KNOWN_FAULTS.find(
    (fault) =>
      fault.kinds.includes(plan.kind.name) &&
      fault.modes.includes(plan.mode) &&
      fault.told.includes(told) &&
      fault.found.includes(found),
  )?.what;
}
