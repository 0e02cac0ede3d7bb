import type { Clock } from '../../contract/clock.ts';
import type { OnConnection } from '../pool/connection-watch.ts';
import { PooledMode } from '../pool/pooled-mode.ts';
import { type Channel, WireConnection } from '../wire/wire-connection.ts';
import type { EmbeddedDatabase } from './embedded-database.ts';
import { EmbeddedSession } from './embedded-session.ts';

interface EmbeddedModeOptions {
  readonly database: () => Promise<EmbeddedDatabase>;
  /** Commands that reset the session after raw SQL. @defaultValue ['discard all'] */
  readonly discardCommands?: () => readonly string[];
  readonly searchPath: readonly string[];
  readonly maxWaiting: number;
  readonly maxPrepared: number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onConnection?: OnConnection | undefined;
}

const NEVER_MS = Number.MAX_SAFE_INTEGER;

/**
 * PGlite in this process, through the same bytes. It has one session, so statements run one after the
 * other, and nothing can end a running statement: a deadline or an abort settles the call, and the next
 * one waits until the statement ends by itself. If PGlite runs in this thread, the event loop waits as well.
 */
export function embeddedMode(options: EmbeddedModeOptions): PooledMode {
  return new PooledMode({
    // It has no login.
    restAfter: () => 0,
    traits: {
      name: 'embedded',
      capabilities: { pinned: true, parallel: false, cancel: false },
      style: 'named',
      pooled: false,
      discardCommands: () => discardCommands(options),
    },
    pool: { max: 1, maxWaiting: options.maxWaiting, idleTimeoutMs: NEVER_MS, maxLifetimeMs: NEVER_MS },
    clock: options.clock,
    random: options.random,
    searchPath: options.searchPath,
    onConnection: options.onConnection,
    open: async () => openEmbedded(await options.database(), options),
  });
}

async function openEmbedded(
  database: EmbeddedDatabase,
  options: EmbeddedModeOptions,
): Promise<WireConnection> {
  const session = new EmbeddedSession(database);
  try {
    // The session outlives our connections, so reset what an earlier one left behind.
    for (const command of ['rollback', ...discardCommands(options)]) await session.command(command);
  } finally {
    session.release();
  }
  let open = true;
  let sending = false;
  /** Ends a transaction whose connection was closed first. If the database has ended, so has the transaction. */
  const leave = (): Promise<void> =>
    session.command('rollback').then(
      () => session.release(),
      () => session.release(),
    );
  const channel: Channel = {
    write(bytes) {
      sending = true;
      session.send(bytes).then(
        (reply) => {
          sending = false;
          if (open) wire.receive(reply);
          if (!open) return leave();
          if (wire.status === 'I') session.release();
          return undefined;
        },
        (error: unknown) => {
          sending = false;
          session.release();
          wire.closed(error instanceof Error ? error : new Error(String(error)));
        },
      );
    },
    destroy() {
      if (!open) return;
      open = false;
      forget?.();
      if (!sending && wire.status !== 'I') void leave();
    },
    end() {
      open = false;
      forget?.();
    },
    cancel: undefined,
    // The session sends a copy.
    flushed: true,
  };
  const wire = new WireConnection(channel, options.clock, options.maxPrepared);
  const forget = database.onEnd?.((cause) => wire.closed(cause));
  return wire;
}

function discardCommands(options: EmbeddedModeOptions): readonly string[] {
  return options.discardCommands?.() ?? ['discard all'];
}
