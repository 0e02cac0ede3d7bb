import type { Clock } from '../../contract/clock.ts';
import { DatabaseError } from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';
import { KeptSession } from './kept-session.ts';
import type { ListeningSession } from './listening-session.ts';

type Hear = (payload: string) => void;

interface SubscriptionsParts {
  /** @param ended - to be called when the session has ended by itself */
  readonly open: (
    channels: readonly string[],
    heard: (channel: string, payload: string) => void,
    ended: () => void,
  ) => Promise<ListeningSession>;
  /** Milliseconds, where the login was refused; undefined otherwise. */
  readonly restAfter: (error: unknown) => number | undefined;
  /** Told when all subscriptions are heard, and when they no longer are. */
  readonly tell: (change: 'listening' | 'away', error: DatabaseError | undefined) => void;
  readonly onWarning: (message: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Node fires a timer with a longer delay immediately. */
const FOR_EVER_MS = 2_147_483_647;

/** All subscriptions of one mode, on one session, which is open while there are any. */
export class ChannelSubscriptions {
  readonly #parts: SubscriptionsParts;
  readonly #session: KeptSession<ListeningSession>;
  /** By channel. */
  readonly #hearing = new Map<string, Set<Hear>>();
  #told: 'listening' | 'away' | undefined;
  #isWarned = false;
  #alive: NodeJS.Timeout | undefined;

  constructor(parts: SubscriptionsParts) {
    this.#parts = parts;
    this.#session = new KeptSession({
      ...parts,
      open: (ended) =>
        parts.open([...this.#hearing.keys()], (channel, payload) => this.#heard(channel, payload), ended),
      isWanted: () => this.#hearing.size > 0,
      opened: () => this.#tell('listening', undefined),
      lost: (error) => this.#lost(error ?? connectionLost('read')),
    });
  }

  /** Undefined where there is nothing to be heard. */
  get isListening(): boolean | undefined {
    return this.#told === undefined ? undefined : this.#told === 'listening';
  }

  /** @returns what ends it */
  async add(channel: string, hear: Hear): Promise<() => Promise<void>> {
    const others = this.#hearing.get(channel);
    if (others === undefined) this.#hearing.set(channel, new Set([hear]));
    else others.add(hear);
    // A process that only listens would end otherwise: neither the session nor its rests keep it alive.
    this.#alive ??= setInterval(() => {}, FOR_EVER_MS);
    try {
      const session = await this.#session.get();
      await session.listen(channel);
    } catch (error) {
      await this.#remove(channel, hear);
      throw error;
    }
    return () => this.#remove(channel, hear);
  }

  async close(): Promise<void> {
    clearInterval(this.#alive);
    this.#told = undefined;
    await this.#session.close();
  }

  async #remove(channel: string, hear: Hear): Promise<void> {
    const others = this.#hearing.get(channel);
    others?.delete(hear);
    if (others === undefined || others.size > 0) return;
    this.#hearing.delete(channel);
    if (this.#hearing.size > 0) {
      // A session that ends meanwhile hears nothing any more.
      await this.#session.current?.unlisten(channel).catch(() => undefined);
      return;
    }
    clearInterval(this.#alive);
    this.#alive = undefined;
    this.#told = undefined;
    await this.#session.release();
  }

  #heard(channel: string, payload: string): void {
    for (const hear of [...(this.#hearing.get(channel) ?? [])]) hear(payload);
  }

  #lost(error: unknown): void {
    // Whoever subscribes first is told by the error of its call.
    if (this.#told === undefined) return;
    const isNews = this.#told === 'away';
    this.#tell('away', error);
    // The end of a session that worked is none: most begin again at once.
    if (!isNews || this.#isWarned) return;
    this.#isWarned = true;
    const why = error instanceof Error ? ` ${error.message}` : '';
    this.#parts.onWarning(`Notifications are not heard, and those that are sent meanwhile are lost.${why}`);
  }

  #tell(change: 'listening' | 'away', error: unknown): void {
    if (this.#told === change) return;
    this.#told = change;
    if (change === 'listening') this.#isWarned = false;
    this.#parts.tell(change, error instanceof DatabaseError ? error : undefined);
  }
}
