import { AsyncLocalStorage } from 'node:async_hooks';
import type { MiddlewareHandler } from 'hono';
import type { Side } from '../../../src/index.ts';
import type { Alter } from '../posing-side.ts';

const HEADER = 'x-served-by';

/** Which side got the call of a request, and when. */
export interface Served {
  readonly side: Side;
  /** In milliseconds since the epoch, as the process has it. */
  readonly calledAt: number;
}

/** A header of this test's own: it says of each answer which side it comes from. */
export class ServedBy {
  readonly #requests = new AsyncLocalStorage<{ first: Served | undefined }>();

  readonly header: MiddlewareHandler = (c, next) =>
    this.#requests.run({ first: undefined }, async () => {
      await next();
      const first = this.#requests.getStore()?.first;
      if (first !== undefined) c.header(HEADER, `${first.side} ${first.calledAt}`);
    });

  /** Around the calls of a side. A request makes one; what comes later are comparisons. */
  noting(side: Side, alter: Alter): Alter {
    return (call, ask) => {
      const request = this.#requests.getStore();
      if (request !== undefined) request.first ??= { side, calledAt: Date.now() };
      return alter(call, ask);
    };
  }
}

/** Undefined where no side was called. */
export function servedBy(headers: Readonly<Record<string, string | undefined>>): Served | undefined {
  const [side, calledAt] = headers[HEADER]?.split(' ') ?? [];
  return side === 'legacy' || side === 'consolidated' ? { side, calledAt: Number(calledAt) } : undefined;
}
