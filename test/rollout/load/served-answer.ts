import type { Side } from '../../../src/index.ts';

/** An answer of the API, as its client has it. */
export interface ServedAnswer {
  /** 0 or 1. */
  readonly process: number;
  readonly user: string;
  readonly request: string;
  readonly status: number;
  /** Undefined where no side was called. */
  readonly side: Side | undefined;
  /** When the side was called, in milliseconds since the epoch. 0 where none was. */
  readonly calledAt: number;
  readonly answeredAt: number;
}

export function isFailed({ status, side }: ServedAnswer): boolean {
  return status < 200 || status > 299 || side === undefined;
}
