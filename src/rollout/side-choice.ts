import type { CurrentFlag } from './current-flag.ts';
import type { RolloutCaller } from './rollout-caller.ts';
import { type OperationName, sharesOf } from './rollout-flag.ts';

export type Side = 'legacy' | 'consolidated';

/** Where a call goes, and of a read that goes to the legacy service how often it is compared, in percent. */
interface SideChoice {
  readonly side: Side;
  readonly shadow: number;
}

const LEGACY: SideChoice = { side: 'legacy', shadow: 0 };
const CONSOLIDATED: SideChoice = { side: 'consolidated', shadow: 0 };

/**
 * By the flag in memory: nothing is asked for it. The kill switch and a trip come first, then who is denied, who is allowed, and
 * the percentage.
 */
export function chooseSide(
  current: Pick<CurrentFlag, 'known' | 'trip'>,
  whenUnknown: Side,
  caller: RolloutCaller,
  operation: OperationName,
  table: string,
): SideChoice {
  const { known, trip } = current;
  if (known === 'none') return LEGACY;
  if (known === 'unknown') return whenUnknown === 'legacy' || trip !== undefined ? LEGACY : CONSOLIDATED;
  const { percentage, shadow } = sharesOf(known, operation, table);
  const isLegacy =
    known.isKilled ||
    trip !== undefined ||
    (caller.user !== undefined && known.deny.has(caller.user)) ||
    !((caller.user !== undefined && known.allow.has(caller.user)) || caller.isWithin(percentage, known.salt));
  // Whoever throws the kill switch wants the consolidated side to be left alone.
  return isLegacy ? { side: 'legacy', shadow: known.isKilled ? 0 : shadow } : CONSOLIDATED;
}
