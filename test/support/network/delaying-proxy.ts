/**
 * A proxy that stands for distance: it forwards TCP with a fixed delay and keeps the order of bytes.
 *
 * The whole round trip is waited for in one direction, from server to client; what the client writes is forwarded
 * at once. A client cannot tell that from half of it each way, and one wait is more exact than two.
 * A benchmark starts it in a process of its own (`startDelayingProxyProcess`), because a proxy in the
 * measured event loop would measure itself.
 */
import { fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { type Address, LoopbackServer } from './loopback-server.ts';
import { monotonicMs, PreciseTimer } from './precise-timer.ts';

export interface DelayingProxyOptions {
  readonly upstream: Address;
  /** Milliseconds, fractions allowed. 0 forwards at once, so that both arms of a comparison pass through a proxy. */
  readonly roundTripMs: number;
  /**
   * Milliseconds by which the proxy aims early, because waking up and writing take time of their own.
   *
   * @defaultValue 0.2
   */
  readonly overheadMs?: number;
}

interface Waiting {
  readonly due: number;
  readonly deliver: () => void;
}

export class DelayingProxy {
  readonly #options: DelayingProxyOptions;
  readonly #server = new LoopbackServer((socket) => this.#connect(socket));
  readonly #timer = new PreciseTimer(() => this.#deliverDue());
  /** The delay is the same for all, so the order of arrival is the order of moments. */
  #waiting: Waiting[] = [];
  #armed = false;

  constructor(options: DelayingProxyOptions) {
    this.#options = options;
  }

  async start(): Promise<Address> {
    if (this.#options.roundTripMs > 0) await this.#timer.start();
    return await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#timer.stop();
    this.#waiting = [];
  }

  #connect(client: Socket): void {
    const upstream = connect({ ...this.#options.upstream, noDelay: true });
    upstream.on('error', () => client.destroy());
    client.on('data', (chunk) => upstream.write(chunk));
    client.on('end', () => upstream.end());
    client.on('close', () => upstream.destroy());
    upstream.on('data', (chunk) => {
      this.#later(() => {
        if (client.destroyed) return;
        // A reader slower than the server stops the server, as a full window of a real network would.
        if (!client.write(chunk) && !upstream.isPaused()) {
          upstream.pause();
          client.once('drain', () => upstream.resume());
        }
      });
    });
    upstream.on('end', () => this.#later(() => client.end()));
  }

  #later(deliver: () => void): void {
    const { roundTripMs, overheadMs = 0.2 } = this.#options;
    if (roundTripMs === 0) {
      deliver();
      return;
    }
    this.#waiting.push({ due: monotonicMs() + Math.max(0, roundTripMs - overheadMs), deliver });
    this.#armNext();
  }

  #armNext(): void {
    const next = this.#waiting[0];
    if (this.#armed || next === undefined) return;
    this.#armed = true;
    this.#timer.arm(next.due);
  }

  #deliverDue(): void {
    this.#armed = false;
    const now = monotonicMs();
    let due = 0;
    while (due < this.#waiting.length && this.#waiting[due]!.due <= now) due++;
    for (const { deliver } of this.#waiting.splice(0, due)) deliver();
    this.#armNext();
  }
}

export interface DelayingProxyProcess extends Address {
  /** Ends the process. */
  stop(): Promise<void>;
}

/**
 * Starts a `DelayingProxy` in a process of its own. It ends with `stop()` or with the process that started it.
 *
 * @example
 * ```ts
 * const proxy = await startDelayingProxyProcess({ upstream: { host: '127.0.0.1', port: 5432 }, roundTripMs: 1 });
 * const client = new pg.Client({ host: proxy.host, port: proxy.port });
 * await proxy.stop();
 * ```
 */
export async function startDelayingProxyProcess(
  options: DelayingProxyOptions,
): Promise<DelayingProxyProcess> {
  const child = fork(new URL('./delaying-proxy-process.ts', import.meta.url), [JSON.stringify(options)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<Address>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Address));
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the delaying proxy ended with code ${code} before it listened`)),
    );
  });
  return {
    ...address,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
