import type { Clock, Timer } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { ConnectionError } from '../../contract/errors.ts';
import { serviceClosed } from '../../contract/failures.ts';
import type { ListeningSession } from './listening-session.ts';

/** What is kept open. */
export type KeepableSession = Pick<ListeningSession, 'stillListens' | 'close' | 'destroy'>;

interface KeptSessionParts<Session> {
  /** @param ended - to be called when the session has ended by itself */
  readonly open: (ended: () => void) => Promise<Session>;
  /** Somebody needs it: without that it is not opened again. */
  readonly isWanted: () => boolean;
  /** Milliseconds, where the login was refused; undefined otherwise. */
  readonly restAfter: (error: unknown) => number | undefined;
  readonly opened: () => void;
  /** Why it could not be opened or was given up; undefined where it has ended by itself, or says nothing any more. */
  readonly lost: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** How often a silent session is asked whether it is there, and how long it may take to answer. */
const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

type State<Session> =
  | { readonly kind: 'idle' | 'closed' }
  | { readonly kind: 'opening'; readonly round: number; readonly session: Promise<Session> }
  | { readonly kind: 'open'; readonly round: number; readonly session: Session }
  | { readonly kind: 'resting'; readonly timer: Timer };

/**
 * Keeps a session open, and opens it again when it is lost: after a short rest that grows, and after a refused login as
 * rarely as the pools try one. A session that died without a word is noticed within `ASK_EVERY_MS + ANSWER_WITHIN_MS`.
 */
export class KeptSession<Session extends KeepableSession> {
  readonly #parts: KeptSessionParts<Session>;
  #state: State<Session> = { kind: 'idle' };
  /** Each session has its own, so that what comes late from an earlier one is not taken for a word of the newest. */
  #round = 0;
  #failures = 0;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;
  #question: Timer | undefined;

  constructor(parts: KeptSessionParts<Session>) {
    this.#parts = parts;
  }

  /** The one that is open. */
  get current(): Session | undefined {
    return this.#state.kind === 'open' ? this.#state.session : undefined;
  }

  /** The one that is open, or is opened now. Rejects with why it could not be; a login that was refused is left alone for a while. */
  async get(): Promise<Session> {
    const state = this.#state;
    if (state.kind === 'closed') throw serviceClosed();
    if ('session' in state) return state.session;
    const refusal = this.#refusal;
    if (refusal !== undefined && this.#parts.clock.now() < refusal.until) throw refusal.error;
    if (state.kind === 'resting') state.timer.cancel();
    return this.#open();
  }

  /** It has shown that it works: when it is lost, the next rest is a short one. One that dies as soon as it is open has not. */
  worked(): void {
    this.#failures = 0;
  }

  /** Gives up the one that is open, for a reason of its user's, and opens another one. */
  giveUp(error: unknown): void {
    if (this.#state.kind === 'open') this.#lost(this.#state.round, error);
  }

  /** Nobody needs it any more. */
  async release(): Promise<void> {
    const state = this.#state;
    if (state.kind === 'resting') state.timer.cancel();
    if (state.kind !== 'resting' && state.kind !== 'open') return;
    this.#question?.cancel();
    this.#state = { kind: 'idle' };
    if (state.kind === 'open') await state.session.close();
  }

  async close(): Promise<void> {
    const closing = this.release();
    this.#state = { kind: 'closed' };
    await closing;
  }

  #open(): Promise<Session> {
    this.#round += 1;
    const round = this.#round;
    const session = this.#parts
      .open(() => this.#lost(round, undefined))
      .then(
        (opened) => this.#opened(round, opened),
        (error: unknown) => {
          this.#lost(round, error);
          throw error;
        },
      );
    // Nobody may wait for it.
    session.catch(() => undefined);
    this.#state = { kind: 'opening', round, session };
    return session;
  }

  #opened(round: number, session: Session): Session {
    if (!this.#isCurrent(round)) {
      session.destroy();
      throw serviceClosed();
    }
    this.#refusal = undefined;
    this.#state = { kind: 'open', round, session };
    if (this.#parts.isWanted()) {
      this.#askLater(round, session);
      this.#parts.opened();
    } else void this.release().catch(() => undefined);
    return session;
  }

  #lost(round: number, error: unknown): void {
    if (!this.#isCurrent(round)) return;
    const { clock, random, restAfter, isWanted } = this.#parts;
    this.#question?.cancel();
    if (this.#state.kind === 'open') this.#state.session.destroy();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    const refusedMs = restAfter(error);
    if (refusedMs !== undefined) this.#refusal = { error, until: clock.now() + refusedMs };
    this.#state = isWanted()
      ? {
          kind: 'resting',
          timer: clock.schedule(() => this.#open(), refusedMs ?? pause * (0.5 + random() / 2)),
        }
      : { kind: 'idle' };
    this.#parts.lost(error);
  }

  #askLater(round: number, session: Session): void {
    this.#question = this.#parts.clock.schedule(() => this.#ask(round, session), ASK_EVERY_MS);
  }

  #ask(round: number, session: Session): void {
    let isAnswered = false;
    const silent = (): void => {
      if (!isAnswered) this.#lost(round, undefined);
    };
    // Where this process itself was busy for so long, the answer has come, and is read before the next turn.
    this.#question = this.#parts.clock.schedule(() => setImmediate(silent), ANSWER_WITHIN_MS);
    session.stillListens().then(
      (listens) => {
        isAnswered = true;
        if (!this.#isCurrent(round)) return;
        this.#question?.cancel();
        this.worked();
        if (listens) this.#askLater(round, session);
        else this.#lost(round, notListening());
      },
      (error: unknown) => {
        isAnswered = true;
        this.#lost(round, error);
      },
    );
  }

  #isCurrent(round: number): boolean {
    return 'round' in this.#state && this.#state.round === round;
  }
}

function notListening(): DatabaseError {
  return new ConnectionError(
    'The session that listened has lost its subscriptions: its URL may be one of a pooler in transaction mode.',
    { code: 'CONNECTION_LOST' },
  );
}
