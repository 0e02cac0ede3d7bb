import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../contract/clock.ts';
import type { CallTimes, KindOfCall, SideCalls } from './call-times.ts';
import type { RolloutTrip } from './flag-source.ts';

/** When traffic goes back by itself. */
interface GuardLimits {
  /** What is compared: the calls that ended in the last … */
  readonly windowMs: number;
  /** Fewer calls of the consolidated side say nothing. */
  readonly minCalls: number;
  /** The share of failed calls, from 0 to 1, by which it may be worse than legacy's. */
  readonly errorMargin: number;
  /** Its p95 may be legacy's times this … */
  readonly slowFactor: number;
  /** … and so much more. */
  readonly slowMarginMs: number;
  /** Differences that comparisons found within the window. */
  readonly maxDifferences: number;
}

interface GuardParts {
  readonly limits: GuardLimits;
  readonly times: CallTimes;
  readonly clock: Clock;
  /** Sends traffic back. */
  readonly trip: (trip: RolloutTrip) => void;
}

const LOOK_EVERY_MS = 250;
/** The first calls of a side open its connections and read its catalog: slowness that passes is none. */
const SLOW_FOR_MS = 2_000;
const ALL = 'all';

type LegacyCalls = SideCalls & { readonly p95Ms: number };
type Fault = Omit<RolloutTrip, 'id' | 'at'>;

/**
 * Holds the consolidated side against the legacy one, by operation and table, and by all of them for errors. What legacy has
 * shown last counts where it has no calls any more, as at 100 %.
 */
export class Guard {
  readonly #parts: GuardParts;
  readonly #legacy = new Map<KindOfCall, LegacyCalls>();
  #differences: { readonly at: number; readonly fault: Fault }[] = [];
  /** Since when each kind of call has been slow in every look. */
  readonly #slowSince = new Map<KindOfCall, number>();
  #timer: Timer | undefined;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.schedule(() => {
      this.look();
      this.start();
    }, LOOK_EVERY_MS);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** What was seen before a trip or a reset says nothing of what comes behind it. */
  forget(): void {
    this.#differences = [];
    this.#slowSince.clear();
    this.#parts.times.forget();
  }

  differs(operation: string, table: string): void {
    const fault: Fault = { reason: 'differences', operation, table, consolidated: 0, legacy: 0 };
    this.#differences.push({ at: this.#parts.clock.now(), fault });
  }

  look(): void {
    const { clock, trip } = this.#parts;
    const fault = this.#fault(clock.now());
    if (fault === undefined) return;
    this.forget();
    trip({ id: randomUUID(), at: new Date(clock.wallNow()).toISOString(), ...fault });
  }

  #fault(now: number): Fault | undefined {
    const { limits, times } = this.#parts;
    const since = now - limits.windowMs;
    this.#differences = this.#differences.filter(({ at }) => at > since);
    const all = { legacy: NO_CALLS, consolidated: NO_CALLS };
    for (const kind of times.kinds) {
      const consolidated = kind.calls('consolidated', since);
      const legacy = this.#legacyOf(kind, since);
      const found = this.#failing(kind, consolidated, legacy) ?? this.#slow(kind, consolidated, legacy, now);
      if (found !== undefined) return found;
      all.legacy = sum(all.legacy, legacy);
      all.consolidated = sum(all.consolidated, consolidated);
    }
    const isUsed = all.consolidated.calls > 0;
    return (
      this.#failing({ operation: ALL, table: ALL }, all.consolidated, all.legacy) ??
      (isUsed ? this.#different() : undefined)
    );
  }

  #failing(
    { operation, table }: { readonly operation: string; readonly table: string },
    consolidated: SideCalls,
    legacy: SideCalls,
  ): Fault | undefined {
    const { minCalls, errorMargin } = this.#parts.limits;
    if (consolidated.calls < minCalls) return undefined;
    const [own, other] = [rate(consolidated), rate(legacy)];
    if (own <= other + errorMargin) return undefined;
    return { reason: 'errors', operation, table, consolidated: own, legacy: other };
  }

  #slow(kind: KindOfCall, consolidated: SideCalls, legacy: LegacyCalls, now: number): Fault | undefined {
    const found = this.#slowNow(kind, consolidated, legacy, now);
    if (found === undefined) {
      this.#slowSince.delete(kind);
      return undefined;
    }
    const since = this.#slowSince.get(kind) ?? now;
    this.#slowSince.set(kind, since);
    return now - since >= SLOW_FOR_MS ? found : undefined;
  }

  #slowNow(kind: KindOfCall, consolidated: SideCalls, legacy: LegacyCalls, now: number): Fault | undefined {
    const { minCalls, slowFactor, slowMarginMs, windowMs } = this.#parts.limits;
    if (legacy.calls < minCalls) return undefined;
    const allowedMs = legacy.p95Ms * slowFactor + slowMarginMs;
    // Those without an answer would be seen when it is too late.
    const waiting = kind.waitingLonger('consolidated', allowedMs, now);
    const calls = consolidated.calls + waiting;
    if (calls < minCalls) return undefined;
    const answeredMs = kind.p95Ms('consolidated', now - windowMs);
    const p95Ms = waiting > calls * 0.05 ? Math.max(answeredMs, allowedMs + 1) : answeredMs;
    if (p95Ms <= allowedMs) return undefined;
    const { operation, table } = kind;
    return { reason: 'slow', operation, table, consolidated: p95Ms, legacy: legacy.p95Ms };
  }

  #different(): Fault | undefined {
    const { maxDifferences } = this.#parts.limits;
    const last = this.#differences.at(-1);
    if (last === undefined || this.#differences.length <= maxDifferences) return undefined;
    return { ...last.fault, consolidated: this.#differences.length };
  }

  #legacyOf(kind: KindOfCall, since: number): LegacyCalls {
    const calls = kind.calls('legacy', since);
    if (calls.calls < this.#parts.limits.minCalls) {
      return this.#legacy.get(kind) ?? { ...calls, p95Ms: 0 };
    }
    const legacy = { ...calls, p95Ms: kind.p95Ms('legacy', since) };
    this.#legacy.set(kind, legacy);
    return legacy;
  }
}

const NO_CALLS: SideCalls = { calls: 0, faults: 0 };

function rate({ calls, faults }: SideCalls): number {
  return calls === 0 ? 0 : faults / calls;
}

function sum(one: SideCalls, other: SideCalls): SideCalls {
  return { calls: one.calls + other.calls, faults: one.faults + other.faults };
}
