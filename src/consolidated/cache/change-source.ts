import type { Clock } from '../../contract/clock.ts';
import type { Actor } from '../../contract/identity.ts';
import { type ConnectionSettings, withPassword } from '../../modes/index.ts';
import type { Connections } from '../connections/connections.ts';
import type { LazyEmbeddedDatabase } from '../connections/lazy-embedded-database.ts';
import { openChannelConnection } from '../notifications/channel-connection.ts';
import type { KeepableSession } from '../notifications/kept-session.ts';
import { CHANGE_CHANNEL } from '../own-schema/change-channel.ts';
import type { ChangeEvents, ChangeSource } from './change-listener.ts';

interface ChangeSourceParts {
  readonly connections: Pick<Connections, 'choose' | 'check' | 'listenTarget' | 'refusedLogins'>;
  /** The service itself: row level security does not apply to notifications. */
  readonly actor: Actor;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
}

const ANY_MODE = { asked: undefined, valueBytes: 0, needsTypedRows: false, isRaw: false };

/**
 * Where `listen()` of the service would listen: its own login, in the mode that the options choose for it, checked as
 * before every call; or the embedded database.
 */
export function changeSource({ connections, actor, ...patience }: ChangeSourceParts): ChangeSource {
  let host: string | undefined;
  return {
    async open(events) {
      const mode = connections.choose('listen', actor, ANY_MODE);
      await connections.check(mode, actor);
      const target = connections.listenTarget(mode.name);
      if ('embedded' in target) return openEmbedded(target.embedded, events);
      host = target.settings.host;
      return openRemote(target.settings, patience, events);
    },
    restAfter: (error) =>
      host === undefined ? undefined : connections.refusedLogins.restAfter(host, patience.clock.now(), error),
  };
}

function openRemote(
  settings: ConnectionSettings,
  patience: Pick<ChangeSourceParts, 'clock' | 'connectTimeoutMs'>,
  events: ChangeEvents,
): Promise<KeepableSession> {
  return withPassword(settings, patience, (password) =>
    openChannelConnection(settings, { ...patience, ...events, password, channel: CHANGE_CHANNEL }),
  );
}

/** Its only session is in this process. When its thread is started again, it listens again before anything is written. */
async function openEmbedded(database: LazyEmbeddedDatabase, events: ChangeEvents): Promise<KeepableSession> {
  const stop = await database.listen(CHANGE_CHANNEL, events.heard);
  return { stillListens: async () => true, close: stop, destroy: () => void stop() };
}
