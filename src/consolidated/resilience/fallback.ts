import type { Clock, Timer } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { ConnectionMode } from '../../contract/mode.ts';
import type { Tell } from '../../contract/service-event.ts';
import { faultClassOf } from './fault-class.ts';
import type { GuardedWay } from './guarded-way.ts';

interface FallbackParts {
  readonly clock: Clock;
  readonly tell: Tell;
  /** False where calls stay in their mode, whatever befalls it. */
  readonly moves: boolean;
  readonly wayOf: (mode: ConnectionMode, actor: Actor) => GuardedWay;
  readonly knownWay: (mode: ConnectionMode) => GuardedWay | undefined;
}

/** A way whose calls go elsewhere, because of its pooler. */
interface Detour {
  /** The mode that took the last of them. */
  to: ConnectionMode | undefined;
  /** When they may come back; undefined while the way is not in order again. */
  returnAt: number | undefined;
  timer: Timer | undefined;
}

/** An answer that is older proves nothing of now. */
const RECENT_MS = 5_000;
/** A pooler that starts again may end again soon. */
const STEADY_MS = 10_000;
const PROBE_EVERY_MS = 1_000;

/**
 * Where calls go whose pooler has failed: every mode ends at the same Postgres, so they may take another one, if that one
 * answers. Only for the fault of a pooler, which a breaker has found: an overload must not wander from mode to mode.
 */
export class Fallback {
  readonly #parts: FallbackParts;
  readonly #detours = new Map<ConnectionMode, Detour>();
  #isEnded = false;

  constructor(parts: FallbackParts) {
    this.#parts = parts;
  }

  /** Calls that prefer this mode are to take another one, where one may be taken. */
  isAway(mode: ConnectionMode): boolean {
    if (this.#detours.size > 0 && this.#detours.has(mode)) return true;
    const { moves, knownWay } = this.#parts;
    const way = knownWay(mode);
    if (!moves || way === undefined || !way.isOpen || !isPooler(mode) || !way.isPoolersFault) return false;
    this.#leave(way);
    return true;
  }

  /** Calls may be sent in this mode, although they prefer another one: it is in order. */
  isOpen(mode: ConnectionMode): boolean {
    return this.#parts.knownWay(mode)?.isOpen !== true;
  }

  /** It has answered lately. Where it has not, it is asked, for those that come later. */
  mayTake(mode: ConnectionMode, actor: Actor): boolean {
    const way = this.#parts.wayOf(mode, actor);
    if (way.isOpen) return false;
    if (way.hasAnswered(RECENT_MS)) return true;
    way.probe().catch(() => undefined);
    return false;
  }

  /** A call takes another mode than the preferred one, which is full. */
  relieved(from: ConnectionMode, to: ConnectionMode): void {
    if (this.#parts.tell !== undefined) this.#tell(from, to, 'full');
  }

  /** A call takes another mode than the preferred one, which is away. */
  took(from: ConnectionMode, to: ConnectionMode): void {
    const detour = this.#detours.get(from);
    if (detour === undefined || detour.to === to) return;
    detour.to = to;
    this.#tell(from, to, 'unreachable');
  }

  /** Nothing is probed any more. */
  end(): void {
    this.#isEnded = true;
    for (const { timer } of this.#detours.values()) timer?.cancel();
  }

  #leave(way: GuardedWay): void {
    const detour: Detour = { to: undefined, returnAt: undefined, timer: undefined };
    this.#detours.set(way.mode, detour);
    way.onChange = (state) => {
      detour.timer?.cancel();
      detour.returnAt = undefined;
      if (state !== 'closed') return;
      detour.returnAt = this.#parts.clock.now() + STEADY_MS;
      this.#watch(way, detour);
    };
  }

  /** After its breaker has closed: until it has answered for long enough, or fails again. */
  #watch(way: GuardedWay, detour: Detour): void {
    if (this.#isEnded) return;
    const { clock } = this.#parts;
    detour.timer = clock.schedule(() => {
      way.probe().then(
        () => {
          if (detour.returnAt === undefined) return;
          if (clock.now() < detour.returnAt) this.#watch(way, detour);
          else this.#return(way, detour);
        },
        (error: unknown) => {
          if (detour.returnAt === undefined) return;
          const { evidence } = faultClassOf(error);
          if (error instanceof DatabaseError && evidence !== 'answered' && evidence !== 'nothing')
            way.open(error);
          else this.#watch(way, detour);
        },
      );
    }, PROBE_EVERY_MS);
  }

  #return(way: GuardedWay, { to }: Detour): void {
    this.#detours.delete(way.mode);
    way.onChange = undefined;
    if (to !== undefined) this.#tell(to, way.mode, 'recovered');
  }

  #tell(from: ConnectionMode, to: ConnectionMode, reason: 'full' | 'unreachable' | 'recovered'): void {
    const { tell, knownWay } = this.#parts;
    const login = knownWay(from)?.login ?? knownWay(to)?.login ?? 'users';
    tell?.({ type: 'moved', login, from: from.name, to: to.name, reason });
  }
}

function isPooler({ name }: ConnectionMode): boolean {
  return name === 'session' || name === 'transaction';
}
