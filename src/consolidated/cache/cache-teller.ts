import type { Call } from '../call/call.ts';
import type { Refusal } from './dependencies.ts';

/** What the cache did, counted since the service was made. */
interface CacheCounts {
  readonly hits: number;
  /** Answers older than their time, given while they were read anew. */
  readonly stale: number;
  /** Answers of another call that read the same. */
  readonly shared: number;
  readonly misses: number;
  /** Calls that asked for the cache, whose answers are never kept; by reason. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Names that code makes up are endless. */
const MAX_WARNINGS = 1_000;

/** Notes on each call what the cache did for it, counts it, and warns once of each thing that keeps answers from being kept. */
export class CacheTeller {
  readonly #warn: (message: string) => void;
  readonly #warned = new Set<string>();
  readonly #refused = new Map<string, number>();
  #hits = 0;
  #stale = 0;
  #shared = 0;
  #misses = 0;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  hit(call: Call): void {
    call.cached = 'hit';
    this.#hits += 1;
  }

  stale(call: Call): void {
    call.cached = 'stale';
    this.#stale += 1;
  }

  shared(call: Call): void {
    call.cached = 'shared';
    this.#shared += 1;
  }

  miss(call: Call): void {
    call.cached = 'miss';
    this.#misses += 1;
  }

  /** It was counted as a miss: the memory of this process did not have it. */
  secondLevel(call: Call): void {
    call.cached = 'second level';
  }

  refused(call: Call, { reason, what, hint }: Refusal): void {
    call.cached = 'refused';
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
    const message = `Answers from ${call.ready?.target ?? 'a function'} are not cached: ${what} (${reason}).`;
    this.warn(hint === undefined ? message : `${message} ${hint}`);
  }

  /** Once. */
  warn(message: string): void {
    if (this.#warned.has(message) || this.#warned.size >= MAX_WARNINGS) return;
    this.#warned.add(message);
    this.#warn(message);
  }

  get counts(): CacheCounts {
    return {
      hits: this.#hits,
      stale: this.#stale,
      shared: this.#shared,
      misses: this.#misses,
      refused: Object.fromEntries(this.#refused),
    };
  }
}
