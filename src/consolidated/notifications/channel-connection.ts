import postgres from 'postgres';
import type { Clock } from '../../contract/clock.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { type ConnectionSettings, connectTimedOut, translateConnectError } from '../../modes/index.ts';
import { GivenSocket } from './given-socket.ts';
import { listeningLogin } from './listening-login.ts';

/** One session that listens to one channel, from its opening to its end. Nothing opens it again. */
interface ChannelConnection {
  /**
   * Asks the session whether it still listens. It does not where a pooler has given the connection another server, or where
   * somebody else said `unlisten`. Rejects when the connection ends first.
   */
  stillListens(): Promise<boolean>;
  /** Says goodbye, for a second at most. */
  close(): Promise<void>;
  /** Without a word: the other end may be gone. */
  destroy(): void;
}

interface ChannelEvents {
  readonly heard: (payload: string) => void;
  /** The connection has ended, by whomever. Not called if it could not be opened. */
  readonly ended: () => void;
}

interface ChannelOptions extends ChannelEvents {
  readonly channel: string;
  readonly password: string;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

const GOODBYE_S = 1;

/**
 * Opens a session that listens: notifications of transactions that commit later are heard. It does not keep the process
 * alive.
 *
 * `postgres` subscribes again by itself in `sql.listen()`. That is not used here: it does not tell that the connection
 * was lost, it tries a login that the server refuses a hundred times a second (a pooler bans the address for ten), and its
 * connection to a machine that is gone cannot be given up.
 *
 * @throws DatabaseError as a pool does: `LOGIN_REFUSED`, `CONNECT_TIMEOUT`, …
 */
export async function openChannelConnection(
  settings: ConnectionSettings,
  options: ChannelOptions,
): Promise<ChannelConnection> {
  const { channel, clock, connectTimeoutMs } = options;
  const socket = new GivenSocket();
  let isOpen = false;
  const driverOptions = {
    ...listeningLogin(settings),
    password: () => options.password,
    socket: () => socket.open(settings),
    ssl: false,
    onnotify: (name: string, payload: string) => {
      if (name === channel) options.heard(payload);
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
  let timedOut = false;
  const timer = clock.schedule(() => {
    timedOut = true;
    socket.destroy();
  }, connectTimeoutMs);
  try {
    await sql.unsafe(`listen ${quotedName(channel)}`);
  } catch (cause) {
    socket.destroy();
    throw timedOut ? connectTimedOut(settings, connectTimeoutMs) : translateConnectError(cause, settings);
  } finally {
    timer.cancel();
  }
  isOpen = true;
  return {
    async stillListens() {
      const [row] = await sql.unsafe(
        'select exists (select from pg_catalog.pg_listening_channels() as c where c = $1::pg_catalog.text) as it',
        [channel],
      );
      return row?.it === true;
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
