import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { EmbeddedDatabase } from './embedded-database.ts';
import { contribModules } from './pglite-extensions.ts';
import { readNotifications } from './read-notifications.ts';
import { runScript } from './run-script.ts';
import type { SentError, WorkerAnswer, WorkerRequest, WorkerStart } from './worker-messages.ts';

interface Waiting {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

const NOTHING = new Uint8Array(0);

/**
 * PGlite in a thread of its own, so that this one lives on while a statement computes.
 *
 * The thread keeps the process alive only while an answer is awaited.
 */
export class WorkerDatabase implements EmbeddedDatabase {
  /** Rejects when PGlite could not be opened, with what it threw. */
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #keepsData: boolean;
  /** First in, first out: the worker answers in the order of the requests. */
  readonly #waiting: Waiting[] = [];
  readonly #listeners = new Map<string, Set<(payload: string) => void>>();
  readonly #onEnd = new Set<(cause: Error) => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #ended: Error | undefined;
  #closing: Promise<void> | undefined;

  /** @param scripts - what will run on it as the owner: the extensions that they name can be created */
  constructor(dataDir: string | undefined, scripts: readonly string[] = []) {
    this.#keepsData = dataDir !== undefined;
    this.#worker = new Worker(workerFile(), {
      ...workerOptions(),
      workerData: { dataDir, contrib: contribModules(scripts, this.#keepsData) } satisfies WorkerStart,
    });
    this.#worker.on('message', (answer: WorkerAnswer) => this.#answered(answer));
    this.#worker.on('error', (cause) => this.#end(cause instanceof Error ? cause : new Error(String(cause))));
    this.#worker.on('exit', (code) =>
      this.#end(new Error(`The thread of PGlite has ended with the code ${code}.`)),
    );
    this.opened = this.#answer();
  }

  /** Takes the memory of the bytes along. */
  async execProtocol(bytes: Uint8Array): Promise<{ readonly data: Uint8Array }> {
    return { data: await this.#ask(bytes, [bytes.buffer as ArrayBuffer]) };
  }

  /** The worker runs one after the other by itself. */
  runExclusive<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  _runExclusiveTransaction<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  onEnd(callback: (cause: Error) => void): () => void {
    this.#onEnd.add(callback);
    return () => void this.#onEnd.delete(callback);
  }

  /** As PGlite's: the channel as it is written in SQL. */
  async listen(channel: string, callback: (payload: string) => void): Promise<() => Promise<void>> {
    const name = nameOf(channel);
    const callbacks = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, callbacks.add(callback));
    const stop = async (): Promise<void> => {
      callbacks.delete(callback);
      if (callbacks.size > 0 || this.#listeners.get(name) !== callbacks) return;
      this.#listeners.delete(name);
      if (this.#ended === undefined && this.#closing === undefined)
        await runScript(this, `unlisten ${channel}`);
    };
    const failed = await runScript(this, `listen ${channel}`);
    if (failed === undefined) return stop;
    await stop();
    throw failed.error;
  }

  /** Ends the thread, and PGlite properly before it where there are files and no statement is running. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#onEnd.clear();
    if (this.#keepsData && this.#waiting.length === 0) await this.#ask('close').catch(() => undefined);
    await this.#worker.terminate();
  }

  #ask(request: WorkerRequest, transfer?: readonly ArrayBuffer[]): Promise<Uint8Array> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    this.#worker.postMessage(request, transfer);
    if (this.#waiting.length === 0) this.#worker.ref();
    return this.#answer();
  }

  #answer(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }

  #answered(answer: WorkerAnswer): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if (answer instanceof Uint8Array) {
      if (this.#listeners.size > 0) this.#hear(answer);
      waiting?.resolve(answer);
    } else if (typeof answer === 'string') {
      waiting?.resolve(NOTHING);
    } else {
      const cause = received(answer);
      waiting?.reject(cause);
      this.#end(cause);
    }
  }

  #hear(reply: Uint8Array): void {
    const bytes = Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
    for (const { channel, payload } of readNotifications(bytes)) {
      for (const callback of this.#listeners.get(channel) ?? []) queueMicrotask(() => callback(payload));
    }
  }

  #end(cause: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = cause;
    void this.#worker.terminate();
    for (const { reject } of this.#waiting.splice(0)) reject(cause);
    for (const callback of [...this.#onEnd]) callback(cause);
  }
}

/** Beside this file, with its ending: `.ts` in the sources, `.js` in the package. */
function workerFile(): URL {
  const ending = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  return new URL(`pglite-worker${ending}`, import.meta.url);
}

/**
 * Postgres' own check of the stack has to come first, or a recursion without end, or an expression of thousands of
 * terms, ends PGlite: 16 MB were too few, 64 enough for all that was tried.
 */
const STACK_MB = 64;

/** Options of this process apply there too, such as hooks that resolve packages; `--input-type` would be refused. */
function workerOptions(): WorkerOptions {
  const isTyped = process.execArgv.some((option) => option.startsWith('--input-type'));
  return {
    name: 'consolidated-db embedded',
    resourceLimits: { stackSizeMb: STACK_MB },
    ...(isTyped && { execArgv: [] }),
  };
}

/** `"Name"` is Name, and Name is name. */
function nameOf(channel: string): string {
  return channel.startsWith('"') ? channel.slice(1, -1).replaceAll('""', '"') : channel.toLowerCase();
}

function received({ message, stack, code }: SentError): Error {
  const error = Object.assign(new Error(message), { code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
