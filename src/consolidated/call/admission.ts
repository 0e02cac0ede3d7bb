import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { CallLimits } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import type { Call, Layer } from './call.ts';
import type { Turn } from './call-place.ts';
import { traced } from './limits.ts';
import type { CallResult } from './ready-statement.ts';

/** First stage: may the call start now, and within which limits? */
export function admitted<Task>(clock: Clock, next: Layer<Task>): Layer<Task> {
  return (call) => {
    const limits = call.place.admit(call.options);
    if (limits instanceof Promise) return admittedLater(call, limits, clock, next);
    call.limits = limitsFor(call, limits);
    return next(call);
  };
}

function limitsFor({ trace }: Call<unknown>, limits: CallLimits): CallLimits {
  return trace === undefined ? limits : traced(limits, trace);
}

/**
 * Inside a transaction, between the first stage and the second: each call waits for those before it. Its place in their
 * order is taken when it is made.
 */
export function inTurn<Task>(clock: Clock, next: Layer<Task>): Layer<Task> {
  return (call) => {
    const { inside } = call.place;
    return inside === undefined ? next(call) : afterOthers(call, inside.takeTurn(), clock, next);
  };
}

/** Second stage: who acts? A token is verified on its first use, its expiry is looked at on each. */
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
  clock: Clock,
  next: Layer<Task>,
): Promise<CallResult> {
  const since = call.trace === undefined ? 0 : clock.now();
  try {
    call.limits = limitsFor(call, await limits);
  } finally {
    if (call.trace !== undefined) call.trace.connectMs += clock.now() - since;
  }
  return next(call);
}

async function afterOthers<Task>(
  call: Call<Task>,
  turn: Turn,
  clock: Clock,
  next: Layer<Task>,
): Promise<CallResult> {
  call.turn = turn;
  try {
    await withinLimits(turn.begins, call.limits, clock, 'while it waited for the calls before it');
    return await next(call);
  } finally {
    turn.end();
  }
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
