import type { DatabaseOperations, UntypedDatabase } from '../../src/index.ts';

/** What a call through a posing side does, in place of asking or around it. */
export type Alter = (call: PosingCall, ask: () => Promise<unknown>) => Promise<unknown>;

export interface PosingCall {
  readonly operation: string;
  readonly table: string;
  readonly args: readonly unknown[];
}

/**
 * A fake: a handle of this package that poses as the legacy service, or as a consolidated one that is slow or wrong. What it
 * answers is altered on its way.
 */
export function posingSide<S = UntypedDatabase['public']>(
  of: DatabaseOperations<S>,
  alter: Alter,
): DatabaseOperations<S> {
  return new Proxy(of, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      const call = (args: unknown[]): unknown => Reflect.apply(method, target, args);
      if (name === 'withToken' || name === 'as') {
        return (...args: unknown[]) => posingSide(call(args) as DatabaseOperations<S>, alter);
      }
      return (...args: unknown[]) =>
        alter({ operation: String(name), table: String(args[0]), args }, async () => call(args));
    },
  });
}

/** Counts what reaches a side. */
export function countedSide<S = UntypedDatabase['public']>(
  of: DatabaseOperations<S>,
): {
  readonly side: DatabaseOperations<S>;
  readonly calls: string[];
} {
  const calls: string[] = [];
  const side = posingSide(of, ({ operation, table }, ask) => {
    calls.push(`${operation} ${table}`);
    return ask();
  });
  return { side, calls };
}
