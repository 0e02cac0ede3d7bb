import { AsyncLocalStorage } from 'node:async_hooks';
import postgres from 'postgres';
import type { Clock } from '../../contract/clock.ts';
import { UsageError } from '../../contract/errors.ts';
import type { CallLimits, ModeName } from '../../contract/mode.ts';
import { withinLimits } from '../../contract/within-limits.ts';
import {
  type ConnectionSettings,
  type Patience,
  passwordOf,
  translateConnectError,
} from '../../modes/index.ts';
import type { LazyEmbeddedDatabase } from '../connections/lazy-embedded-database.ts';
import type { NotificationHandler, Subscription } from '../typed/subscription.ts';
import { listeningLogin } from './listening-login.ts';

type ListenTarget = { readonly settings: ConnectionSettings } | { readonly embedded: LazyEmbeddedDatabase };

/**
 * Listens on its own connection of each mode, opened with the first subscription there. `postgres` subscribes again by
 * itself when that connection is lost. Notifications in between are lost, because Postgres does not store them.
 */
export class Listener {
  readonly #target: (mode: ModeName) => ListenTarget;
  readonly #patience: Patience;
  readonly #clock: Clock;
  readonly #onWarning: (message: string) => void;
  readonly #sql = new Map<ModeName, postgres.Sql>();

  constructor(
    target: (mode: ModeName) => ListenTarget,
    patience: Patience,
    onWarning: (message: string) => void,
  ) {
    this.#target = target;
    this.#patience = patience;
    this.#clock = patience.clock;
    this.#onWarning = onWarning;
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
    // A closure for each subscription, so that one function can serve several. Its errors affect no other
    // subscription, and it runs in the context of its subscription, not of the caller that opened the connection.
    const inContext = AsyncLocalStorage.snapshot();
    const hear = (payload: string): void => {
      try {
        inContext(handler, payload);
      } catch (error) {
        this.#onWarning(
          `A handler of the channel "${channel}" threw: ${error instanceof Error ? error.message : 'no error'}`,
        );
      }
    };
    const target = this.#target(mode);
    const start =
      'embedded' in target
        ? target.embedded.listen(channel, hear)
        : this.#listen(mode, target.settings, channel, hear);
    let stop: () => Promise<void>;
    try {
      stop = await withinLimits(start, limits, this.#clock, 'while the subscription was started');
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

  async close(): Promise<void> {
    await Promise.all([...this.#sql.values()].map((sql) => sql.end({ timeout: 1 })));
  }

  async #listen(
    mode: ModeName,
    settings: ConnectionSettings,
    channel: string,
    handler: NotificationHandler,
  ): Promise<() => Promise<void>> {
    let sql = this.#sql.get(mode);
    if (sql === undefined) {
      sql = withPlainChannels(connect(settings, this.#patience));
      this.#sql.set(mode, sql);
    }
    try {
      const { unlisten } = await sql.listen(channel, handler);
      return unlisten;
    } catch (cause) {
      throw translateConnectError(cause, settings);
    }
  }
}

/** `postgres` looks channels up in an object, where inherited names such as `constructor` would be found. */
function withPlainChannels(sql: postgres.Sql): postgres.Sql {
  Object.assign(sql.listen, { channels: Object.create(null) });
  return sql;
}

function connect(settings: ConnectionSettings, patience: Patience): postgres.Sql {
  return postgres({
    ...listeningLogin(settings),
    password: () => passwordOf(settings, patience, { refused: false }),
  });
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
