import { type Call, known } from '../call/call.ts';
import type { CallResult } from '../call/ready-statement.ts';
import type { CacheRequest } from './cache-request.ts';
import type { Kept } from './read-cache.ts';

/** What one asked for, and from where it may be had. */
export interface Asked {
  readonly key: string;
  readonly request: CacheRequest;
  readonly dependsOn: readonly string[];
  /** Only who says for how long may be given it: the time or a setting decides it too. */
  readonly isForStatedTime: boolean;
  /** Every caller of the role may be given it. */
  readonly isPublic: boolean;
}

/** A reading: the generation in which it began, and when. */
export type Began = Pick<Kept, 'since' | 'readAt'>;

/** Milliseconds for which an answer may be given, counted from when its reading began. */
export interface Lifetime {
  readonly freshMs: number;
  readonly usableMs: number;
}

/** @param emptyTtlMs the most for one without rows */
export function lifetimeOf({ request }: Asked, { rows }: CallResult, emptyTtlMs: number): Lifetime {
  const { ttlMs, swrMs } = request;
  const atMost = rows === 0 ? emptyTtlMs : Number.POSITIVE_INFINITY;
  return { freshMs: Math.min(ttlMs, atMost), usableMs: Math.min(ttlMs + swrMs, atMost) };
}

/** An answer as it is kept in memory. */
export function keptAnswer(
  { ready, compiledWith }: Call,
  { dependsOn, isForStatedTime }: Asked,
  result: CallResult,
  { since, readAt }: Began,
  { usableMs }: Lifetime,
): Kept {
  const { kind, target } = known(ready);
  const { epoch } = known(compiledWith);
  return {
    result,
    since,
    dependsOn,
    isForStatedTime,
    epoch,
    kind,
    target,
    readAt,
    usableUntil: readAt + usableMs,
  };
}
