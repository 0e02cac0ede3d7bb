import type { Clock } from '../contract/clock.ts';
import type { CallLimits } from '../contract/mode.ts';
import { abortedBeforeSending, timedOutBeforeSending } from '../modes/wire/failures.ts';

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
  if (signal?.aborted === true) return Promise.reject(abortedBeforeSending(signal));
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => {
      end();
      reject(abortedBeforeSending(signal as AbortSignal));
    };
    const timer = clock.schedule(
      () => {
        end();
        reject(timedOutBeforeSending(what));
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
