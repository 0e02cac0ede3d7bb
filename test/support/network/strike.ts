/** What the proxy in front of a mode shall do, once, to the operation that is under way. */
import { beforeAll, behind, messageName, type Part, type Side, within } from './boundaries.ts';

export type Strike =
  /** Both sides of the connection are cut at the boundary. */
  | {
      readonly kind: 'cut';
      readonly boundary: string;
      /** How many such boundaries pass first. */
      readonly skip: number;
      readonly how: 'reset' | 'end';
    }
  /** From the wanted batch on no byte passes in that direction, on no connection. */
  | {
      readonly kind: 'black hole';
      readonly direction: 'to-server' | 'to-client';
      readonly part: Part;
      readonly skip: number;
    }
  /** Something is done elsewhere once the wanted batch was sent. */
  | { readonly kind: 'call'; readonly part: Part; readonly skip: number; readonly call: () => void };

/** Follows one operation: which boundaries it passed, and whether its strike has come. */
export class OperationWatch {
  readonly strike: Strike | undefined;
  /** How often each boundary was passed, the one of the cut included. */
  readonly passed = new Map<string, number>();
  readonly parts = new Map<Part, number>();
  struck = false;
  swallowed: 'to-server' | 'to-client' | undefined;

  constructor(strike: Strike | undefined) {
    this.strike = strike;
  }

  /** True when the connection has to be cut here. */
  passes(boundary: string): boolean {
    const before = this.passed.get(boundary) ?? 0;
    this.passed.set(boundary, before + 1);
    const { strike } = this;
    if (strike?.kind !== 'cut' || this.struck) return false;
    if (strike.boundary !== boundary || strike.skip !== before) return false;
    this.struck = true;
    return true;
  }

  /** A batch is about to go to the server. */
  sends(part: Part): void {
    const before = this.parts.get(part) ?? 0;
    this.parts.set(part, before + 1);
    const { strike } = this;
    if (strike === undefined || strike.kind === 'cut' || this.struck) return;
    if (strike.part !== part || strike.skip !== before) return;
    this.struck = true;
    if (strike.kind === 'black hole') this.swallowed = strike.direction;
    else strike.call();
  }
}

/**
 * Finds how many bytes of some messages pass before the cut, if it lies among them. `first`: they begin their request or
 * reply.
 */
export function cutWithin(
  watch: OperationWatch,
  part: Part,
  side: Side,
  messages: readonly { readonly code: string; readonly bytes: Buffer }[],
  first: boolean,
): number | undefined {
  if (first && watch.passes(beforeAll(part, side))) return 0;
  let offset = 0;
  for (const { code, bytes } of messages) {
    const name = messageName(side, code);
    if (name !== undefined && watch.passes(within(part, side, name)))
      return offset + Math.ceil(bytes.length / 2);
    offset += bytes.length;
    if (name !== undefined && watch.passes(behind(part, side, name))) return offset;
  }
  return undefined;
}
