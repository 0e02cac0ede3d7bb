/**
 * A proxy that stands for distance: it forwards TCP with a fixed delay and keeps the order of bytes.
 *
 * What a client sends is held for the whole delay; replies pass at once. A client that waits for its reply cannot
 * tell that from half of the delay on either way, and one wait is more exact than two.
 * A benchmark starts it in a process of its own (`startDelayingProxyProcess`), because a proxy in the
 * measured event loop would measure itself.
 */
import { fork } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { type Address, LoopbackServer } from './loopback-server.ts';
import { monotonicMs, PreciseTimer } from './precise-timer.ts';

export interface DelayingProxyOptions {
  readonly upstream: Address;
  /**
   * Milliseconds for which bytes of the client are held, fractions allowed. 0 forwards at once, so that both arms of a
   * comparison pass through a proxy.
   */
  readonly holdMs: number;
}

interface Held {
  readonly due: number;
  readonly deliver: () => void;
}

/** What is due within this time goes along with what woke us. */
const EARLY_MS = 0.03;

export class DelayingProxy {
  readonly #options: DelayingProxyOptions;
  readonly #server = new LoopbackServer((client) => this.#connect(client), { allowHalfOpen: true });
  readonly #timer = new PreciseTimer(() => this.#deliverDue());
  /** The delay is the same for all, so the order of arrival is the order of moments. */
  #held: Held[] = [];
  #armed = false;

  constructor(options: DelayingProxyOptions) {
    if (!(typeof options.holdMs === 'number' && options.holdMs >= 0)) {
      throw new RangeError(`Bytes can be held for 0 ms and more, not for ${options.holdMs}.`);
    }
    this.#options = options;
  }

  async start(): Promise<Address> {
    if (this.#options.holdMs > 0) await this.#timer.start();
    return await this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#timer.stop();
    this.#held = [];
  }

  #connect(client: Socket): void {
    const upstream = connect({ ...this.#options.upstream, noDelay: true, allowHalfOpen: true });
    client.on('data', (chunk) => this.#hold(() => this.#send(client, upstream, chunk)));
    client.on('end', () => this.#hold(() => upstream.end()));
    // A reader slower than the server stops the server, as a full window of a real network would.
    upstream.pipe(client);
    // A lost side takes the other with it, as a network between them would.
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  }

  #send(client: Socket, upstream: Socket, chunk: Buffer): void {
    if (upstream.destroyed || upstream.write(chunk) || client.isPaused()) return;
    client.pause();
    upstream.once('drain', () => client.resume());
  }

  #hold(deliver: () => void): void {
    const { holdMs } = this.#options;
    if (holdMs === 0) {
      deliver();
      return;
    }
    this.#held.push({ due: monotonicMs() + holdMs, deliver });
    this.#armNext();
  }

  #armNext(): void {
    const next = this.#held[0];
    if (this.#armed || next === undefined) return;
    this.#armed = true;
    this.#timer.arm(next.due);
  }

  #deliverDue(): void {
    this.#armed = false;
    const until = monotonicMs() + EARLY_MS;
    let due = 0;
    while (due < this.#held.length && this.#held[due]!.due <= until) due++;
    for (const { deliver } of this.#held.splice(0, due)) deliver();
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
 * const proxy = await startDelayingProxyProcess({ upstream: { host: '127.0.0.1', port: 5432 }, holdMs: 1 });
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
