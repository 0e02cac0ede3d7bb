import type { AnswerDifference } from './answer-difference.ts';
import type { RolloutTrip } from './flag-source.ts';
import type { OperationName, ToldFlag } from './rollout-flag.ts';

/**
 * What happens to a rollout. Names and numbers, never values.
 *
 * - `flag`: this process has read another flag; `undefined` where there is none.
 * - `source`: the flag cannot be read: the last one is used. Or the last one is too old, and `whenUnknown` decides. Or it can be read again.
 * - `tripped`: the guard of this or another process has sent traffic back to the legacy service. `isStored` is false where the source
 *   keeps no trips, so that other processes do not follow.
 * - `reset`: somebody has let traffic return.
 * - `difference`: both sides answered a read in different ways, and did so again when they were asked again.
 */
export type RolloutEvent =
  | { readonly type: 'flag'; readonly flag: ToldFlag | undefined }
  | {
      readonly type: 'source';
      readonly change: 'unreadable' | 'unknown' | 'readable';
      readonly errorCode: string | undefined;
    }
  | { readonly type: 'tripped'; readonly trip: RolloutTrip; readonly isStored: boolean }
  | { readonly type: 'reset' }
  | {
      readonly type: 'difference';
      readonly operation: OperationName;
      readonly table: string;
      readonly difference: AnswerDifference;
    };
