import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { connectionLost } from '../../contract/failures.ts';
import { ConnectionWatch, type OnConnection } from '../../modes/index.ts';
import type { ListeningSession } from './listening-session.ts';

/**
 * Opens a session and tells of its connection as a pool tells of its own: what opening it took, also when it failed, and how
 * long it lived.
 */
export async function toldSession(
  clock: Clock,
  onConnection: OnConnection | undefined,
  ended: () => void,
  open: (ended: () => void) => Promise<ListeningSession>,
): Promise<ListeningSession> {
  if (onConnection === undefined) return open(ended);
  const watch = new ConnectionWatch(clock, onConnection);
  const since = watch.opening();
  let openedAt: number | undefined;
  const over = (broken: DatabaseError | undefined): void => {
    if (openedAt === undefined) return;
    watch.ended({ openedAt, broken });
    openedAt = undefined;
  };
  let session: ListeningSession;
  try {
    session = await open(() => {
      over(connectionLost('read'));
      ended();
    });
  } catch (error) {
    watch.failed(since, error);
    throw error;
  }
  watch.opened(since);
  openedAt = clock.now();
  return {
    ...session,
    close() {
      over(undefined);
      return session.close();
    },
    destroy() {
      over(connectionLost('read'));
      session.destroy();
    },
  };
}
