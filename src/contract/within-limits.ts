import type { Clock } from './clock.ts';
import { aborted, timedOut } from './failures.ts';
import type { CallLimits } from './mode.ts';

/**
 * Waits for work that several calls share, but no longer than this call may. The work continues for the
 * other calls.
 */
export function withinLimits<T>(
  work: Promise<T>,
  limits: Pick<CallLimits, 'deadline' | 'signal'>,
  clock: Clock,
  what: string,
): Promise<T> {
  const { signal } = limits;
  if (signal?.aborted === true) {
    // Other calls may wait for the work. Here nobody does, so its failure must not be an unhandled rejection.
    work.catch(() => undefined);
    return Promise.reject(aborted(signal, what));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      end();
      reject(aborted(signal as AbortSignal, what));
    };
    // Without a deadline there is no timer: timers of too long a delay fire at once.
    const timer =
      limits.deadline === Number.POSITIVE_INFINITY
        ? undefined
        : clock.schedule(
            () => {
              end();
              reject(timedOut(what));
            },
            Math.max(0, limits.deadline - clock.now()),
          );
    const end = (): void => {
      timer?.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    work.then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}
