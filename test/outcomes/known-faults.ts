/** Faults of the package that are known and not yet corrected: they do not fail the run, and are named by it. */
import type { ModeName } from '../../src/index.ts';
import type { Ended } from './lane.ts';
import type { Found, Told } from './verdict.ts';

interface KnownFault {
  readonly what: string;
  readonly kinds: readonly string[];
  readonly modes: readonly ModeName[];
  readonly told: readonly Told[];
  readonly found: readonly Found[];
}

/** An entry goes when the fault does: the run says which were not seen. */
export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    // The COMMIT inside the procedure is carried out, because the call is not in a transaction block.
    what: 'raw SQL that commits by itself and then fails is told not-applied, though rows are stored',
    kinds: ['CALL that commits and fails', 'DO that commits and goes on', 'CALL that commits'],
    modes: ['direct', 'session'],
    told: ['not-applied'],
    found: ['all', 'a stage'],
  },
];

export function knownFault({ plan, told }: Ended, found: Found): string | undefined {
  return KNOWN_FAULTS.find(
    (fault) =>
      fault.kinds.includes(plan.kind.name) &&
      fault.modes.includes(plan.mode) &&
      fault.told.includes(told) &&
      fault.found.includes(found),
  )?.what;
}
