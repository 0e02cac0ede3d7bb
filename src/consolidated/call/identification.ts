import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Call, Layer } from './call.ts';
import type { CallResult } from './ready-statement.ts';

/** Second stage: who acts? A token is verified on its first use, its expiry is looked at on each. */
export function identified<Task>(clock: Clock, next: Layer<Task>): Layer<Task> {
  return (call) => {
    const actor = call.caller.resolve();
    if (actor instanceof Promise) return identifiedLater(call, actor, clock, next);
    call.actor = actor;
    return next(call);
  };
}

async function identifiedLater<Task>(
  call: Call<Task>,
  actor: Promise<Actor>,
  clock: Clock,
  next: Layer<Task>,
): Promise<CallResult> {
  call.actor = await withinLimits(actor, call.limits, clock, 'while the token was verified');
  return next(call);
}
