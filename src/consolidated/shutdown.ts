/// <reference lib="esnext.disposable" preserve="true" />
import { systemClock } from '../contract/clock.ts';
import { withinLimits } from '../contract/within-limits.ts';
import type { ConsolidatedDatabaseService } from './typed/database-service.ts';

/** Signals that ask a process to end. */
export type EndingSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'SIGQUIT' | 'SIGBREAK';

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** Signals that end the process. @defaultValue ['SIGTERM', 'SIGINT'] */
  readonly signals?: readonly EndingSignal[];
  /**
   * Milliseconds from the signal until what still runs is cut off: `before` and the running calls together. Less than what
   * the supervisor of the process allows, such as Kubernetes' 30 s.
   *
   * @defaultValue 10_000
   */
  readonly drainMs?: number;
  /** What has to end before the connections do: stop a server from taking requests, and wait for those under way. */
  readonly before?: () => unknown;
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const DRAIN_MS = 10_000;

/**
 * Ends the process well when it is told to: at the first signal `before` runs, then the service refuses new calls, waits
 * for the running ones and closes its connections. Then the signal has its usual effect, unless there are other listeners for it:
 * the process ends as one that was ended by that signal. A second signal ends it at once.
 *
 * What `before` throws is a warning, and the service is closed all the same.
 *
 * @returns what takes the listeners off again
 *
 * @example
 * ```ts
 * const server = serve({ fetch: app.fetch, port: 8080 });
 * shutdown(db, { before: () => new Promise((resolve) => server.close(resolve)), drainMs: 20_000 });
 * ```
 */
export function shutdown(
  db: Pick<ConsolidatedDatabaseService, 'close'>,
  { signals = SIGNALS, drainMs = DRAIN_MS, before }: ShutdownOptions = {},
): Disposable {
  const remove = (): void => {
    for (const signal of signals) process.removeListener(signal, end);
  };
  // One that listened before and once is gone when this one is called.
  const shared = new Set(signals.filter(hasListener));
  const end = (signal: EndingSignal): void => {
    remove();
    const isShared = shared.has(signal) || hasListener(signal);
    void closed(db, drainMs, before).then(() => {
      if (!isShared) process.kill(process.pid, signal);
    });
  };
  for (const signal of signals) process.on(signal, end);
  return { [Symbol.dispose]: remove };
}

function hasListener(signal: EndingSignal): boolean {
  return process.listenerCount(signal) > 0;
}

async function closed(
  db: Pick<ConsolidatedDatabaseService, 'close'>,
  drainMs: number,
  before: ShutdownOptions['before'],
): Promise<void> {
  const deadline = systemClock.now() + drainMs;
  try {
    const stopped = Promise.resolve(before?.());
    await withinLimits(stopped, { deadline, signal: undefined }, systemClock, "while 'before' ran");
  } catch (error) {
    warn('before', error);
  }
  try {
    await db.close({ drainMs: Math.max(0, deadline - systemClock.now()) });
  } catch (error) {
    warn('close', error);
  }
}

function warn(what: string, error: unknown): void {
  const message = error instanceof Error ? error.message : 'no error';
  process.emitWarning(`shutdown(): '${what}' failed: ${message}`, 'ConsolidatedDatabaseWarning');
}
