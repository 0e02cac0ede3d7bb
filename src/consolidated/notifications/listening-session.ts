import postgres from 'postgres';
import type { Clock } from '../../contract/clock.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { type ConnectionSettings, connectTimedOut, translateConnectError } from '../../modes/index.ts';
import { GivenSocket } from './given-socket.ts';
import { listeningLogin } from './listening-login.ts';

/** One session that listens, from its opening to its end. Nothing opens it again. */
export interface ListeningSession {
  /** Notifications of transactions that commit later are heard. */
  listen(channel: string): Promise<void>;
  unlisten(channel: string): Promise<void>;
  /**
   * Asks the session whether it still listens to all its channels. It does not where a pooler has given the connection another
   * server, or where somebody else said `unlisten`. Rejects when the connection ends first.
   */
  stillListens(): Promise<boolean>;
  /** Says goodbye, for a second at most. */
  close(): Promise<void>;
  /** Without a word: the other end may be gone. */
  destroy(): void;
}

interface SessionOptions {
  /** What it listens to once it is open: one at least. */
  readonly channels: readonly string[];
  readonly heard: (channel: string, payload: string) => void;
  /** The connection has ended, by whomever. Not called if it could not be opened. */
  readonly ended: () => void;
  readonly password: string;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

const GOODBYE_S = 1;

/**
 * Opens a session that listens. It does not keep the process alive.
 *
 * `postgres` subscribes again by itself in `sql.listen()`. That is not used here: it does not tell that the connection
 * was lost, it tries a login that the server refuses a hundred times a second (a pooler bans the address for ten), and its
 * connection to a machine that is gone cannot be given up.
 *
 * @throws DatabaseError as a pool does: `LOGIN_REFUSED`, `CONNECT_TIMEOUT`, …
 */
export async function openListeningSession(
  settings: ConnectionSettings,
  options: SessionOptions,
): Promise<ListeningSession> {
  const { clock, connectTimeoutMs } = options;
  const socket = new GivenSocket();
  const channels = new Set<string>();
  let isOpen = false;
  const driverOptions = {
    ...listeningLogin(settings),
    password: () => options.password,
    socket: () => socket.open(settings),
    ssl: false,
    onnotify: (channel: string, payload: string) => {
      if (channels.has(channel)) options.heard(channel, payload);
    },
    onclose: () => {
      if (!isOpen) return;
      isOpen = false;
      options.ended();
    },
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 0,
  };
  const sql = postgres(driverOptions);
  const listen = async (channel: string): Promise<void> => {
    channels.add(channel);
    await sql.unsafe(`listen ${quotedName(channel)}`);
  };
  let timedOut = false;
  const timer = clock.schedule(() => {
    timedOut = true;
    socket.destroy();
  }, connectTimeoutMs);
  try {
    await Promise.all(options.channels.map(listen));
  } catch (cause) {
    socket.destroy();
    throw timedOut ? connectTimedOut(settings, connectTimeoutMs) : translateConnectError(cause, settings);
  } finally {
    timer.cancel();
  }
  isOpen = true;
  return {
    async listen(channel) {
      try {
        await listen(channel);
      } catch (cause) {
        channels.delete(channel);
        throw translateConnectError(cause, settings);
      }
    },
    async unlisten(channel) {
      channels.delete(channel);
      await sql.unsafe(`unlisten ${quotedName(channel)}`);
    },
    async stillListens() {
      const wanted = [...channels];
      const rows = await sql.unsafe<{ channel: string }[]>(
        'select c as channel from pg_catalog.pg_listening_channels() as c',
      );
      const found = new Set(rows.map(({ channel }) => channel));
      return wanted.every((channel) => found.has(channel));
    },
    async close() {
      isOpen = false;
      await sql.end({ timeout: GOODBYE_S });
      socket.destroy();
    },
    destroy() {
      isOpen = false;
      // What waits for an answer is rejected when the driver notices.
      socket.destroy();
    },
  };
}
