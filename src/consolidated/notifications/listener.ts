import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../contract/clock.ts';
import { UsageError } from '../../contract/errors.ts';
import type { CallLimits, ModeName } from '../../contract/mode.ts';
import type { LoginName, Tell } from '../../contract/service-event.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import {
  type ConnectionSettings,
  type OnConnection,
  type RefusedLogins,
  withPassword,
} from '../../modes/index.ts';
import type { LazyEmbeddedDatabase } from '../connections/lazy-embedded-database.ts';
import type { NotificationHandler, Subscription } from '../typed/subscription.ts';
import { ChannelSubscriptions } from './channel-subscriptions.ts';
import { openListeningSession } from './listening-session.ts';
import { toldSession } from './told-session.ts';

interface RemoteTarget {
  readonly settings: ConnectionSettings;
  readonly login: LoginName;
  readonly onConnection: OnConnection | undefined;
}

interface ListenerParts {
  /** Where a mode listens. */
  readonly target: (mode: ModeName) => RemoteTarget | { readonly embedded: LazyEmbeddedDatabase };
  /** Shared with the pools: a pooler counts all logins together. */
  readonly refusedLogins: RefusedLogins;
  readonly tell: Tell;
  readonly onWarning: (message: string) => void;
  readonly connectTimeoutMs: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Whether what is subscribed in one mode is heard. */
export interface Listening {
  readonly mode: ModeName;
  readonly login: LoginName;
  readonly isListening: boolean;
}

/**
 * Listens on its own connection of each mode, which is open while there are subscriptions. When it is lost it is opened
 * again. Notifications in between are lost, because Postgres does not store them.
 */
export class Listener {
  readonly #parts: ListenerParts;
  readonly #remote = new Map<ModeName, { login: LoginName; subscriptions: ChannelSubscriptions }>();

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  /** @param mode - whose login was checked */
  async listen(
    channel: string,
    handler: NotificationHandler,
    limits: CallLimits,
    mode: ModeName,
  ): Promise<Subscription> {
    checkChannel(channel);
    if (typeof handler !== 'function') {
      throw new UsageError('listen() needs a function that is called with each payload.', {
        code: 'INVALID_OPTION',
      });
    }
    const { target, onWarning, clock } = this.#parts;
    // A closure for each subscription, so that one function can serve several. Its errors affect no other
    // subscription, and it runs in the context of its subscription, not of the caller that opened the connection.
    const inContext = AsyncLocalStorage.snapshot();
    const hear = (payload: string): void => {
      try {
        inContext(handler, payload);
      } catch (error) {
        onWarning(
          `A handler of the channel "${channel}" threw: ${error instanceof Error ? error.message : 'no error'}`,
        );
      }
    };
    const where = target(mode);
    const start =
      'embedded' in where
        ? where.embedded.listen(channel, hear)
        : this.#subscriptions(mode, where).add(channel, hear);
    let stop: () => Promise<void>;
    try {
      stop = await withinLimits(start, limits, clock, 'while the subscription was started');
    } catch (error) {
      // The caller has an error, so a subscription that still starts must be ended.
      start.then((late) => late()).catch(() => undefined);
      throw error;
    }
    let stopping: Promise<void> | undefined;
    const unsubscribe = (): Promise<void> => {
      stopping ??= stop();
      return stopping;
    };
    return { channel, unsubscribe, [Symbol.asyncDispose]: unsubscribe };
  }

  /** Of each mode with subscriptions. */
  listening(): Listening[] {
    return [...this.#remote].flatMap(
      ([
        mode,
        {
          login,
          subscriptions: { isListening },
        },
      ]) => (isListening === undefined ? [] : [{ mode, login, isListening }]),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#remote.values()].map(({ subscriptions }) => subscriptions.close()));
  }

  #subscriptions(mode: ModeName, { settings, login, onConnection }: RemoteTarget): ChannelSubscriptions {
    const known = this.#remote.get(mode);
    if (known !== undefined) return known.subscriptions;
    const { refusedLogins, tell, clock } = this.#parts;
    const subscriptions = new ChannelSubscriptions({
      ...this.#parts,
      open: (channels, heard, ended) =>
        toldSession(clock, onConnection, ended, (over) =>
          withPassword(settings, this.#parts, (password) =>
            openListeningSession(settings, { ...this.#parts, channels, heard, ended: over, password }),
          ),
        ),
      restAfter: (error) => refusedLogins.restAfter(settings.host, clock.now(), error),
      tell: (change, error) => tell?.({ type: 'listener', mode, login, change, errorCode: error?.code }),
    });
    this.#remote.set(mode, { login, subscriptions });
    return subscriptions;
  }
}

const MAX_NAME_BYTES = 63;

export function checkChannel(channel: string): void {
  const bytes = typeof channel === 'string' ? Buffer.byteLength(channel) : 0;
  if (bytes === 0 || bytes > MAX_NAME_BYTES || channel.includes('\0') || !channel.isWellFormed()) {
    throw new UsageError(
      `A channel name must have 1 to ${MAX_NAME_BYTES} bytes, without U+0000 and lone surrogates.`,
      {
        code: 'INVALID_OPTION',
      },
    );
  }
}
