import type { Clock, Timer } from '../../contract/clock.ts';
import { ConnectionError, DatabaseError } from '../../contract/errors.ts';
import type { Tell } from '../../contract/service-event.ts';
import { ANYTHING_CHANGED } from '../own-schema/change-channel.ts';

/** What keeps results, and drops those that a change made old. */
export interface ChangeSink {
  /** Names of tables as `schema.name`; a partition is told as its root. */
  touch(tables: readonly string[]): void;
  flush(cause: 'notified' | 'listener was away'): void;
}

/** A session that hears of changes. */
export interface ChangeSession {
  /** Rejects, or never answers, where the session is gone without a word. */
  stillListens(): Promise<boolean>;
  close(): Promise<void>;
  destroy(): void;
}

export interface ChangeEvents {
  readonly heard: (payload: string) => void;
  readonly ended: () => void;
}

/** Where changes are heard of, and how long to rest after a failure to listen there. */
export interface ChangeSource {
  open(events: ChangeEvents): Promise<ChangeSession>;
  /** Milliseconds, where the login was refused; undefined otherwise. */
  restAfter(error: unknown): number | undefined;
}

interface ChangeListenerParts {
  readonly source: ChangeSource;
  readonly sink: ChangeSink;
  /** Reads the catalog anew: policies may have changed, and so what a result depends on. */
  readonly refreshCatalog: () => Promise<unknown>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onWarning: (message: string) => void;
  readonly tell: Tell;
}

/** How often a silent session is asked whether it is there, and how long it may take to answer. */
const ASK_EVERY_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

type State =
  | { readonly kind: 'idle' | 'closed' }
  | { readonly kind: 'opening'; readonly round: number }
  /** The session listens, and what is kept is brought up to date with it. */
  | { readonly kind: 'catching up'; readonly session: ChangeSession; readonly round: number }
  | { readonly kind: 'listening'; readonly session: ChangeSession; readonly round: number }
  | { readonly kind: 'resting'; readonly timer: Timer };

/**
 * Hears of changes that other processes have committed, and passes them on.
 *
 * While nothing can be heard, `isListening` is false, and what is kept meanwhile is bounded by its time to live alone. Behind
 * such a gap everything is flushed: Postgres keeps no notifications for those who are away. A session that died without a
 * word is noticed within `ASK_EVERY_MS + ANSWER_WITHIN_MS`.
 */
export class ChangeListener {
  readonly #parts: ChangeListenerParts;
  #state: State = { kind: 'idle' };
  /** Each session has its own, so that what comes late from an earlier one is not taken for a word of the newest. */
  #round = 0;
  #failures = 0;
  #isWarned = false;
  /** What was told last. */
  #told: 'listening' | 'away' | undefined;
  /** Something may have changed that the catalog does not have yet. */
  #isOutdated = false;
  #question: Timer | undefined;

  constructor(parts: ChangeListenerParts) {
    this.#parts = parts;
  }

  /** Every change that is committed from now on will be heard of. */
  get isListening(): boolean {
    return this.#state.kind === 'listening';
  }

  get isStarted(): boolean {
    return this.#state.kind !== 'idle';
  }

  /** Does nothing where it was started before. Never throws: until it works, `isListening` is false. */
  start(): void {
    if (this.#state.kind === 'idle') this.#open();
  }

  async close(): Promise<void> {
    const { session, timer } = { session: undefined, timer: undefined, ...this.#state };
    this.#state = { kind: 'closed' };
    timer?.cancel();
    this.#question?.cancel();
    await session?.close();
  }

  #open(): void {
    this.#round += 1;
    const round = this.#round;
    this.#state = { kind: 'opening', round };
    this.#parts.source
      .open({ heard: (payload) => this.#heard(round, payload), ended: () => this.#lost(round, undefined) })
      .then(
        (session) => this.#opened(round, session),
        (error: unknown) => this.#lost(round, error),
      );
  }

  #opened(round: number, session: ChangeSession): void {
    if (!this.#isCurrent(round)) {
      session.destroy();
      return;
    }
    this.#state = { kind: 'catching up', session, round };
    this.#askLater(round, session);
    this.#catchUp(round, 'listener was away');
  }

  /**
   * Flushes, reads the catalog, and flushes what was kept by the old one meanwhile. Until that is done, nothing is promised.
   */
  #catchUp(round: number, cause: 'notified' | 'listener was away'): void {
    this.#isOutdated = false;
    this.#parts.sink.flush(cause);
    this.#parts.refreshCatalog().then(
      () => {
        const state = this.#state;
        if (state.kind !== 'catching up' || state.round !== round) return;
        if (this.#isOutdated) {
          this.#catchUp(round, cause);
          return;
        }
        this.#parts.sink.flush(cause);
        this.#state = { kind: 'listening', session: state.session, round };
        this.#failures = 0;
        this.#isWarned = false;
        this.#tell('listening', undefined);
      },
      (error: unknown) => this.#lost(round, error),
    );
  }

  #heard(round: number, payload: string): void {
    if (!this.#isCurrent(round)) return;
    try {
      if (payload === ANYTHING_CHANGED) this.#anythingChanged(round);
      else this.#parts.sink.touch([payload]);
    } catch (error) {
      // The driver would lose it, and with it the change.
      this.#lost(round, error);
    }
  }

  #anythingChanged(round: number): void {
    const state = this.#state;
    if (state.kind === 'listening') {
      this.#state = { kind: 'catching up', session: state.session, round };
      this.#catchUp(round, 'notified');
      return;
    }
    // The catalog that is being read may be older than this change.
    this.#isOutdated = true;
    this.#parts.sink.flush('notified');
  }

  /** The session has ended, could not be opened, or says nothing any more. */
  #lost(round: number, error: unknown): void {
    if (!this.#isCurrent(round)) return;
    const { clock, random, source } = this.#parts;
    this.#question?.cancel();
    const state = this.#state;
    if ('session' in state) state.session.destroy();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    const ms = source.restAfter(error) ?? pause * (0.5 + random() / 2);
    this.#state = { kind: 'resting', timer: clock.schedule(() => this.#open(), ms) };
    this.#tell('away', error);
    this.#warn(error);
  }

  #tell(change: 'listening' | 'away', error: unknown): void {
    if (this.#told === change) return;
    this.#told = change;
    const errorCode = error instanceof DatabaseError ? error.code : undefined;
    this.#parts.tell?.({ type: 'cacheListener', change, errorCode });
  }

  #warn(error: unknown): void {
    // The end of a session that worked is no news: most begin again at once.
    if (this.#isWarned || error === undefined) return;
    this.#isWarned = true;
    const why = error instanceof Error ? ` ${error.message}` : '';
    this.#parts.onWarning(
      `Changes of other processes are not heard of, so cached results live as long as their time to live.${why}`,
    );
  }

  #askLater(round: number, session: ChangeSession): void {
    this.#question = this.#parts.clock.schedule(() => this.#ask(round, session), ASK_EVERY_MS);
  }

  #ask(round: number, session: ChangeSession): void {
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

function notListening(): ConnectionError {
  return new ConnectionError(
    'The session that listened has lost its subscription: its URL may be one of a pooler in transaction mode.',
    { code: 'CONNECTION_LOST' },
  );
}
