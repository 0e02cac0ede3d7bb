/**
 * The thread in which PGlite computes. `worker-database.ts` starts it and speaks to it.
 *
 * Whatever PGlite throws ends the thread: its memory may be in any state.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { PGlite } from '@electric-sql/pglite';
import { GatheredReply } from './gathered-reply.ts';
import { wholeReply } from './whole-reply.ts';
import type { SentError, WorkerAnswer, WorkerRequest, WorkerStart } from './worker-messages.ts';

const port = parentPort as MessagePort;
try {
  serve(await openDatabase(workerData as WorkerStart));
} catch (error) {
  give(sendable(error));
}

async function openDatabase({ dataDir }: WorkerStart): Promise<PGlite> {
  const [{ PGlite }, { vector }] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite-pgvector'),
  ]);
  return PGlite.create({ ...(dataDir !== undefined && { dataDir }), extensions: { vector } });
}

function serve(database: PGlite): void {
  const gathered = new GatheredReply();
  const whereTo = { onRawData: (bytes: Uint8Array) => gathered.add(bytes) };
  const answer = async (request: WorkerRequest): Promise<void> => {
    if (request === 'close') {
      await database.close();
      give('closed');
      return;
    }
    // The one call of PGlite that does not parse what it answers, which would cost more than the statement. It leaves
    // PGlite's other calls without answers: none may follow.
    await database.execProtocolRawStream(request, whereTo);
    const reply = wholeReply(gathered.take());
    give(reply, [reply.buffer]);
  };
  let turn = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    turn = turn.then(() => answer(request)).catch((error: unknown) => give(sendable(error)));
  });
  give('open');
}

function give(answer: WorkerAnswer, transfer?: readonly ArrayBuffer[]): void {
  port.postMessage(answer, transfer);
}

/** What is thrown when PGlite's process ends has a message, and is no Error. */
function sendable(error: unknown): SentError {
  const { message, stack, code } = error as { message?: unknown; stack?: unknown; code?: unknown };
  return { message: String(message ?? error), stack: typeof stack === 'string' ? stack : undefined, code };
}
