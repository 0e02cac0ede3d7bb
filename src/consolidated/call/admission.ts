import type { CallLimits } from '../../contract/mode.ts';
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

async function admittedLater<Task>(
  call: Call<Task>,
  limits: Promise<CallLimits>,
  next: Layer<Task>,
): Promise<CallResult> {
  call.limits = await limits;
  return next(call);
}
