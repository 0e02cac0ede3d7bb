import type { CallEvent } from '../../contract/call-event.ts';
import type { Plan } from '../../contract/statement.ts';

/**
 * Told of each call when it has ended. All listeners get the same event.
 *
 * @param statements - what it sent, or would have sent, without the values
 */
export type CallListener = (event: CallEvent, statements: readonly { readonly plan: Plan }[]) => void;

/**
 * One function for all who listen; undefined without any, so that nothing is made for nobody. What a listener throws
 * reaches neither the call nor the other listeners.
 */
export function parted<Args extends readonly unknown[]>(
  listeners: readonly (readonly [name: string, listener: ((...args: Args) => void) | undefined])[],
  onWarning: (message: string) => void,
): ((...args: Args) => void) | undefined {
  const given = listeners.flatMap(([name, listener]) => (listener === undefined ? [] : [{ name, listener }]));
  if (given.length === 0) return undefined;
  return (...args) => {
    for (const { name, listener } of given) {
      try {
        listener(...args);
      } catch (thrown) {
        onWarning(`${name} threw: ${thrown instanceof Error ? thrown.message : 'no error'}`);
      }
    }
  };
}
