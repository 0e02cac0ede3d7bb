import { DatabaseError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';

/** One error can end several calls. The first of them is told. */
const told = new WeakSet<DatabaseError>();

/**
 * Adds to the stack of an error who made the call. V8 follows awaits back to the caller, but not through a queue, and no
 * further than ten frames: an error of the server is made deep inside, inside a transaction deeper than that.
 *
 * To be called by the function that the caller awaits, once the answer has come: from there the way is short.
 *
 * The frames become text only when somebody reads the stack, because that is half of what a refused call costs: an overload
 * refuses thousands, and whoever counts them reads no stacks.
 */
export function addCallerFrames(error: unknown): void {
  if (!(error instanceof DatabaseError) || told.has(error)) return;
  told.add(error);
  const here = { stack: '' };
  Error.captureStackTrace(here, addCallerFrames);
  const before = Object.getOwnPropertyDescriptor(error, 'stack') ?? {};
  const get = own(before, 'get');
  let stack: string | undefined;
  // Without a prototype: what somebody added to that of all objects describes no property.
  Object.defineProperty(error, 'stack', {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get: () => {
      stack ??= joined(get === undefined ? own(before, 'value') : get.call(error), here.stack);
      return stack;
    },
    set: (given: unknown) => {
      Object.defineProperty(error, 'stack', {
        __proto__: null,
        configurable: true,
        writable: true,
        value: given,
      } as PropertyDescriptor);
    },
  } as PropertyDescriptor);
}

function joined(stack: string, callers: string): string {
  const frames = callers.split('\n').filter((line) => line.startsWith('    at '));
  return [stack, ...frames.filter((frame) => !stack.includes(frame))].join('\n');
}
