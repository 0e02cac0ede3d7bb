import { benchFailure } from './bench-failure.ts';
import type { Contender } from './define-bench.ts';

/** What each contender's `open` gave, by its name. */
export type OpenClients = ReadonlyMap<string, unknown>;

/**
 * Opens all contenders for `use`, and always closes those that were opened, whatever became of the others.
 *
 * @throws ServiceError `BENCH_FAILED` where one cannot be opened or closed
 */
export async function withClients<T>(
  contenders: ReadonlyMap<string, Contender>,
  signal: AbortSignal,
  use: (clients: OpenClients) => Promise<T>,
): Promise<T> {
  const clients = new Map<string, unknown>();
  let result: T;
  try {
    for (const [name, contender] of contenders) {
      signal.throwIfAborted();
      try {
        clients.set(name, await contender.open());
      } catch (error) {
        throw benchFailure(`Opening the contender '${name}'`, error);
      }
    }
    result = await use(clients);
  } catch (error) {
    // What went wrong first is what is told.
    await closeAll(contenders, clients);
    throw error;
  }
  const [failed] = await closeAll(contenders, clients);
  if (failed !== undefined) throw failed;
  return result;
}

async function closeAll(
  contenders: ReadonlyMap<string, Contender>,
  clients: OpenClients,
): Promise<readonly Error[]> {
  const closed = await Promise.all(
    [...clients].map(async ([name, client]) => {
      try {
        await contenders.get(name)?.close(client);
        return [];
      } catch (error) {
        return [benchFailure(`Closing the contender '${name}'`, error)];
      }
    }),
  );
  return closed.flat();
}
