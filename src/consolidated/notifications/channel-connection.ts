import type { Clock } from '../../contract/clock.ts';
import type { ConnectionSettings } from '../../modes/index.ts';
import { type ListeningSession, openListeningSession } from './listening-session.ts';

interface ChannelOptions {
  readonly channel: string;
  readonly heard: (payload: string) => void;
  /** The connection has ended, by whomever. Not called if it could not be opened. */
  readonly ended: () => void;
  readonly password: string;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

/**
 * Opens a session that listens to one channel.
 *
 * @throws DatabaseError as a pool does: `LOGIN_REFUSED`, `CONNECT_TIMEOUT`, …
 */
export function openChannelConnection(
  settings: ConnectionSettings,
  { channel, heard, ...options }: ChannelOptions,
): Promise<Omit<ListeningSession, 'listen' | 'unlisten'>> {
  return openListeningSession(settings, {
    ...options,
    channels: [channel],
    heard: (_channel, payload) => heard(payload),
  });
}
