import type { Clock } from '../contract/clock.ts';
import type { EmbeddedDatabase } from './embedded-session.ts';
import { PooledMode } from './pooled-mode.ts';
import { type Channel, WireConnection } from './wire/wire-connection.ts';

export interface EmbeddedModeOptions {
  readonly database: () => Promise<EmbeddedDatabase>;
  /** What makes the session as good as new after SQL of the caller's own. @defaultValue ['discard all'] */
  readonly discardCommands?: () => readonly string[];
  readonly onNotification?: (channel: string, payload: string) => void;
  readonly searchPath: readonly string[];
  readonly maxWaiting: number;
  readonly maxPrepared: number;
  readonly clock: Clock;
  readonly random: () => number;
}

const NEVER_MS = Number.MAX_SAFE_INTEGER;

/**
 * PGlite in this process, through the same bytes. It has one session, so statements run one after the
 * other, and nothing can end a statement that runs: a deadline or an abort settles the call, and the next
 * one waits for the statement to end by itself.
 */
export function embeddedMode(options: EmbeddedModeOptions): PooledMode {
  return new PooledMode({
    traits: {
      name: 'embedded',
      capabilities: { pinned: true, parallel: false, cancel: false },
      style: 'named',
      pooled: false,
      discardCommands: options.discardCommands ?? (() => ['discard all']),
    },
    pool: { max: 1, maxWaiting: options.maxWaiting, idleTimeoutMs: NEVER_MS, maxLifetimeMs: NEVER_MS },
    clock: options.clock,
    random: options.random,
    searchPath: options.searchPath,
    open: async () => openEmbedded(await options.database(), options),
  });
}

async function openEmbedded(
  database: EmbeddedDatabase,
  options: EmbeddedModeOptions,
): Promise<WireConnection> {
  // The session outlives our connections: what an earlier one left behind must not reach this one.
  await database.runExclusive(() => database.execProtocolRaw(LEAVE_ANY_TRANSACTION));
  for (const command of options.discardCommands?.() ?? ['discard all']) {
    await database.runExclusive(() => database.execProtocolRaw(simpleQuery(command)));
  }
  let open = true;
  const channel: Channel = {
    write(bytes) {
      database
        .runExclusive(() => database.execProtocolRaw(bytes))
        .then(
          (reply) => {
            if (open) wire.receive(Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength));
          },
          (error: unknown) => wire.closed(error instanceof Error ? error : new Error(String(error))),
        );
    },
    pause() {},
    destroy() {
      open = false;
    },
    end() {
      open = false;
    },
    cancel: undefined,
  };
  const wire = new WireConnection(channel, options.clock, options.maxPrepared, options.onNotification);
  return wire;
}

const LEAVE_ANY_TRANSACTION = simpleQuery('rollback');

function simpleQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(5 + body.length);
  message.write('Q');
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}
