import type { Clock } from './clock.ts';
import { aborted, timedOut } from './failures.ts';
import type { CallLimits } from './mode.ts';

/**
 * Waits for work that several calls share, but no longer than this call may: the work goes on for the
 * others.
 */
export function withinLimits<T>(
  work: Promise<T>,
  limits: CallLimits,
  clock: Clock,
  what: string,
): Promise<T> {
  const { signal } = limits;
  if (signal?.aborted === true) {
    // Others may wait for the work; that nobody here does must not make its failure an unhandled one.
    work.catch(() => undefined);
    return Promise.reject(aborted(signal, what));
  }
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      end();
      reject(aborted(signal as AbortSignal, what));
    };
    const timer = clock.schedule(
      () => {
        end();
        reject(timedOut(what));
      },
      Math.max(0, limits.deadline - clock.now()),
    );
    const end = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
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
