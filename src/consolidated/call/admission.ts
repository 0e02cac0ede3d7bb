import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Call, Layer } from './call.ts';
import type { CallResult } from './ready-statement.ts';

/** First stage: may the call start now, and within which limits? */
export function admitted<Task>(next: Layer<Task>): Layer<Task> {
  return (call) => {
    const limits = call.place.admit(call.options);
    if (limits instanceof Promise) return admittedLater(call, limits, next);
    call.limits = limits;
    return next(call);
  };
}

/** Second stage: who acts? A token is verified on its first use, its expiry is checked on each. */
export function identified<Task>(clock: Clock, next: Layer<Task>): Layer<Task> {
  return (call) => {
    const actor = call.caller.resolve();
    if (actor instanceof Promise) return identifiedLater(call, actor, clock, next);
    call.actor = actor;
    return next(call);
  };
}

async function admittedLater<Task>(
  call: Call<Task>,
  limits: Promise<CallLimits>,
  next: Layer<Task>,
): Promise<CallResult> {
  call.limits = await limits;
  return next(call);
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
