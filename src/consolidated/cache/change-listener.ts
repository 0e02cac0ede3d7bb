import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import type { Tell } from '../../contract/service-event.ts';
import { type KeepableSession, KeptSession } from '../notifications/kept-session.ts';
import { ANYTHING_CHANGED } from '../own-schema/change-channel.ts';

/** What keeps results, and drops those that a change made old. */
export interface ChangeSink {
  /** Names of tables as `schema.name`; a partition is told as its root. */
  touch(tables: readonly string[]): void;
  flush(cause: 'notified' | 'listener was away'): void;
}

export interface ChangeEvents {
  readonly heard: (payload: string) => void;
  readonly ended: () => void;
}

/** Where changes are heard of, and how long to rest after a failure to listen there. */
export interface ChangeSource {
  open(events: ChangeEvents): Promise<KeepableSession>;
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

type State =
  /** Nothing is heard: a session is being opened, or rests. */
  | { readonly kind: 'idle' | 'closed' | 'away' }
  /** The session listens, and what is kept is brought up to date with it. */
  | { readonly kind: 'catching up' | 'listening'; readonly round: number };

/**
 * Hears of changes that other processes have committed, and passes them on.
 *
 * While nothing can be heard, `isListening` is false, and what is kept meanwhile is bounded by its time to live alone. Behind
 * such a gap everything is flushed: Postgres keeps no notifications for those who are away.
 */
export class ChangeListener {
  readonly #parts: ChangeListenerParts;
  readonly #session: KeptSession<KeepableSession>;
  #state: State = { kind: 'idle' };
  /** Each session has its own, so that what comes late from an earlier one is not taken for a word of the newest. */
  #round = 0;
  #isWarned = false;
  /** What was told last. */
  #told: 'listening' | 'away' | undefined;
  /** Something may have changed that the catalog does not have yet. */
  #isOutdated = false;

  constructor(parts: ChangeListenerParts) {
    this.#parts = parts;
    this.#session = new KeptSession({
      ...parts,
      open: (ended) => this.#open(ended),
      isWanted: () => true,
      restAfter: (error) => parts.source.restAfter(error),
      opened: () => this.#catchUp('listener was away'),
      lost: (error) => this.#lost(error),
    });
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
    if (this.#state.kind !== 'idle') return;
    this.#state = { kind: 'away' };
    // Why it could not be opened is told by `lost`.
    this.#session.get().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#state = { kind: 'closed' };
    await this.#session.close();
  }

  #open(ended: () => void): Promise<KeepableSession> {
    this.#round += 1;
    const round = this.#round;
    return this.#parts.source.open({ heard: (payload) => this.#heard(round, payload), ended });
  }

  /**
   * Flushes, reads the catalog, and flushes what was kept by the old one meanwhile. Until that is done, nothing is promised.
   */
  #catchUp(cause: 'notified' | 'listener was away'): void {
    const round = this.#round;
    this.#state = { kind: 'catching up', round };
    this.#isOutdated = false;
    this.#parts.sink.flush(cause);
    this.#parts.refreshCatalog().then(
      () => {
        if (!this.#isCurrent(round)) return;
        if (this.#isOutdated) {
          this.#catchUp(cause);
          return;
        }
        this.#parts.sink.flush(cause);
        this.#state = { kind: 'listening', round };
        this.#session.worked();
        this.#isWarned = false;
        this.#tell('listening', undefined);
      },
      (error: unknown) => {
        if (this.#isCurrent(round)) this.#session.giveUp(error);
      },
    );
  }

  /** What is heard before the session is open needs no attention: everything is flushed then. */
  #heard(round: number, payload: string): void {
    if (!this.#isCurrent(round)) return;
    try {
      if (payload === ANYTHING_CHANGED) this.#anythingChanged();
      else this.#parts.sink.touch([payload]);
    } catch (error) {
      // The driver would lose it, and with it the change.
      this.#session.giveUp(error);
    }
  }

  #anythingChanged(): void {
    if (this.isListening) {
      this.#catchUp('notified');
      return;
    }
    // The catalog that is being read may be older than this change.
    this.#isOutdated = true;
    this.#parts.sink.flush('notified');
  }

  #lost(error: unknown): void {
    this.#state = { kind: 'away' };
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

  #isCurrent(round: number): boolean {
    return 'round' in this.#state && this.#state.round === round;
  }
}
