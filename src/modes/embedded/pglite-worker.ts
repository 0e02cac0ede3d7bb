/**
 * The thread in which PGlite computes. `worker-database.ts` starts it and speaks to it.
 *
 * Whatever PGlite throws ends the thread: its memory may be in any state.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { Extensions, PGlite } from '@electric-sql/pglite';
import { systemClock } from '../../contract/clock.ts';
import { GatheredReply } from './gathered-reply.ts';
import { wholeReply } from './whole-reply.ts';
import type { SentError, WorkerAnswer, WorkerRequest, WorkerStart } from './worker-messages.ts';

/**
 * How long the thread looks for the next request before it rests. To wake a core that rests takes 50 to 100 µs on a
 * virtual machine, and more CPU time than this.
 */
const AWAKE_MS = 0.1;

const port = parentPort as MessagePort;
try {
  serve(await openDatabase(workerData as WorkerStart));
} catch (error) {
  give(sendable(error));
}

async function openDatabase({ dataDir, contrib }: WorkerStart): Promise<PGlite> {
  const [{ PGlite }, { vector }, ...modules] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite-pgvector'),
    ...contrib.map((name): Promise<Extensions> => import(`@electric-sql/pglite/contrib/${name}`)),
  ]);
  const extensions: Extensions = Object.assign({ vector }, ...modules);
  return PGlite.create({ ...(dataDir !== undefined && { dataDir }), extensions });
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
  /** Requests that came as events and wait for their turn: they come before any that is looked for. */
  let queued = 0;
  const answerWithNext = async (request: WorkerRequest): Promise<void> => {
    queued -= 1;
    await answer(request);
    let until = systemClock.now() + AWAKE_MS;
    while (queued === 0 && systemClock.now() < until) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) continue;
      await answer(next.message as WorkerRequest);
      until = systemClock.now() + AWAKE_MS;
    }
  };
  let turn = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    queued += 1;
    turn = turn.then(() => answerWithNext(request)).catch((error: unknown) => give(sendable(error)));
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
