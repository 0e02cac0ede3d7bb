import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { ConnectionError } from '../../contract/errors.ts';
import type { ConnectionMode, ModeName, OneConnection } from '../../contract/mode.ts';
import { checkUrl } from './url-check.ts';

interface Given {
  /** What the URL is given for. */
  readonly as: ModeName;
  /** The server processes that answer the first connection and the second one, each time. */
  readonly first: number;
  readonly second: number | Error;
  readonly max?: number;
  readonly isOpen?: boolean;
}

const LOGIN_ID = 1;

/** Checks a URL behind which the login got the process id 1. */
function check({ as, first, second, max = 2, isOpen = true }: Given): Promise<void> {
  const clock = new FakeClock();
  const connection = (processId: number) => ({ processId, isOpen }) as OneConnection;
  const one = connection(LOGIN_ID);
  const mode = {
    name: as,
    stats: () => ({ max }),
    onOneConnection: (_limits: unknown, use: (other: OneConnection) => Promise<unknown>) =>
      second instanceof Error ? Promise.reject(second) : use(connection(LOGIN_ID + 1)),
  } as unknown as ConnectionMode;
  const limits = { deadline: clock.now() + 1_000, signal: undefined, maxRows: 1, maxBytes: 1 };
  const backendOf = async (asked: OneConnection) => (asked === one ? first : (second as number));
  return checkUrl({ mode, option: 'given', limits, clock, backendOf }, one, first);
}

const misplaced = (words: string) => ({
  code: 'MISPLACED_URL',
  message: expect.stringContaining(`'given' ${words}`),
});

describe('a URL', () => {
  it('is right where what is behind it is what it is given for', async () => {
    await check({ as: 'direct', first: LOGIN_ID, second: 8 });
    await check({ as: 'session', first: 7, second: 8 });
    await check({ as: 'transaction', first: 7, second: 7 });
  });

  it('of Postgres itself is wrong for a pooler', async () => {
    const told = misplaced('leads to Postgres itself, not to a pooler in session mode');
    await expect(check({ as: 'session', first: LOGIN_ID, second: 8 })).rejects.toMatchObject(told);
  });

  it('of a pooler is wrong for another mode than the pooler is in', async () => {
    const session = misplaced('leads to a pooler in session mode');
    const transaction = misplaced('leads to a pooler in transaction mode');
    await expect(check({ as: 'transaction', first: 7, second: 8 })).rejects.toMatchObject(session);
    await expect(check({ as: 'session', first: 7, second: 7 })).rejects.toMatchObject(transaction);
    await expect(check({ as: 'direct', first: 7, second: 7 })).rejects.toMatchObject(transaction);
  });

  it('is taken where it cannot be told which mode the pooler is in', async () => {
    const lost = new ConnectionError('lost', { code: 'CONNECTION_LOST' });
    for (const as of ['session', 'transaction'] as const) {
      await check({ as, first: 7, second: 7, max: 1 });
      await check({ as, first: 7, second: lost });
      await check({ as, first: 7, second: 7, isOpen: false });
    }
  });

  it('of any pooler is wrong for Postgres itself, though the kind of pooler cannot be told', async () => {
    const told = misplaced('leads to a pooler, not to Postgres itself');
    await expect(check({ as: 'direct', first: 7, second: 7, max: 1 })).rejects.toMatchObject(told);
  });

  it('is not judged by a fault of our own', async () => {
    const fault = new TypeError('a fault');
    await expect(check({ as: 'session', first: 7, second: fault })).rejects.toBe(fault);
  });
});
