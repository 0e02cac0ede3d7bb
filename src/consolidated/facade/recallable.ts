import type { Recallable } from '../call/ready-statement.ts';
import type { Compiled } from '../compile/compiled.ts';

/**
 * A read as a cache sees it; undefined for what is none.
 *
 * @param method of the handle, with the form of its answer where there are several
 */
export function recallableOf(
  method: string,
  { kind, tables, target, further }: Compiled,
): Recallable | undefined {
  switch (kind) {
    case 'select':
    case 'count':
    case 'vectorSearch':
    case 'hybridSearch':
      return { method, tables, fn: undefined, isEstimate: further.length > 0 };
    case 'rpc.read':
      return { method, tables, fn: target, isEstimate: false };
    default:
      return undefined;
  }
}
