import type { ModeName } from './mode.ts';

/** Which of the two logins of a service. */
export type LoginName = 'users' | 'service';

export type BreakerState = 'closed' | 'open' | 'half-open';

/** One way to reach the database: a mode of a login. */
interface Way {
  readonly mode: ModeName;
  readonly login: LoginName;
}

/**
 * What happens between calls, or to them on their way. Contains names and numbers, never values.
 *
 * - `connection`: one was opened, could not be opened, or ended; of a pool, or of `listen()`. `milliseconds`: what opening took, or how long it lived.
 * - `retry`: an attempt failed and another one follows after `delayMs`; `refused` says why none follows that was allowed
 *   by what failed.
 * - `breaker`: a way was closed to calls, is tried again, or is open to calls again.
 * - `moved`: a call, or with `kind` undefined all of them, uses another mode than the preferred one.
 * - `shed`: a call was refused because it could not have been answered in time.
 * - `mismatch`: a reply was not the one that was due. Its rows were thrown away.
 * - `search`: vector searches of one kind are made in another way from now on, because of what one of them has shown.
 * - `listener`: what `listen()` has subscribed to in a mode is heard, or no longer is. What is sent meanwhile is lost.
 * - `cacheListener`: the cache hears of what other processes change, or no longer does. Behind a gap all that is kept is dropped.
 * - `secondLevel`: the store of the cache's second level failed or did not answer in time, or answers again. Calls do not wait
 *   for it meanwhile.
 */
export type ServiceEvent =
  | (Way & {
      readonly type: 'connection';
      readonly change: 'opened' | 'failed' | 'ended';
      readonly milliseconds: number;
      readonly errorCode: string | undefined;
    })
  | (Way & {
      readonly type: 'retry';
      readonly attempt: number;
      readonly delayMs: number;
      readonly errorCode: string;
      readonly refused: 'budget' | 'deadline' | undefined;
    })
  | (Way & {
      readonly type: 'breaker';
      readonly from: BreakerState;
      readonly to: BreakerState;
      readonly errorCode: string | undefined;
    })
  | {
      readonly type: 'moved';
      readonly login: LoginName;
      readonly from: ModeName;
      readonly to: ModeName;
      readonly reason: 'full' | 'unreachable' | 'recovered';
    }
  | (Way & { readonly type: 'shed'; readonly expectedWaitMs: number })
  | (Way & { readonly type: 'mismatch' })
  | (Way & {
      readonly type: 'listener';
      readonly change: 'listening' | 'away';
      readonly errorCode: string | undefined;
    })
  | {
      readonly type: 'search';
      /** As `schema.name`. */
      readonly relation: string;
      readonly role: string;
      readonly plan: 'exact' | 'index';
      readonly reason: 'many rows' | 'few rows' | 'short' | 'costly';
    }
  | {
      readonly type: 'cacheListener';
      readonly change: 'listening' | 'away';
      /** Undefined where the session ended without one. */
      readonly errorCode: string | undefined;
    }
  | {
      readonly type: 'secondLevel';
      readonly change: 'away' | 'back';
      /** Why it is away. */
      readonly reason: 'failed' | 'timeout' | undefined;
    };

/** Undefined where nobody listens: then no event is made. */
export type Tell = ((event: ServiceEvent) => void) | undefined;
