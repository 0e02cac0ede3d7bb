/** Waits for an operation to end, and says what its caller was told. */
import { DatabaseError } from '../../../src/index.ts';
import { OwnError } from './operation.ts';
import type { Told } from './verdict.ts';

const NEVER_AFTER_MS = 5_000;

export interface End {
  readonly told: Told;
  /** Code and SQLSTATE of the error. */
  readonly words: string;
}

/** `limits` may still change: an abort ends an operation before its deadline. */
export async function settle(run: Promise<void>, limits: { limitMs: number }): Promise<End> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<End>((resolve) => {
    let looks = 0;
    const look = (): void => {
      const leftMs = limits.limitMs + NEVER_AFTER_MS - performance.now();
      // After a time in which this process stood still timers come first: what waits for the sockets gets its turn.
      if (leftMs <= 0 && looks++ > 3) resolve({ told: 'unsettled', words: '' });
      else timer = setTimeout(look, Math.max(50, leftMs));
    };
    look();
  });
  const settled = run.then(() => ({ told: 'fulfilled' as const, words: '' }), endOf);
  try {
    return await Promise.race([settled, never]);
  } finally {
    clearTimeout(timer);
  }
}

export function endOf(error: unknown): End {
  return { told: toldBy(error), words: wordsOf(error) };
}

function toldBy(error: unknown): Told {
  if (error instanceof OwnError) return 'own error';
  return error instanceof DatabaseError ? error.outcome : 'nonsense';
}

function wordsOf(error: unknown): string {
  if (error instanceof DatabaseError)
    return `${error.code}${error.sqlState === undefined ? '' : ` (${error.sqlState})`}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
