import { throughAddress } from '../test/support/network/connection-url.ts';
import {
  type DelayingProxyProcess,
  startDelayingProxyProcess,
} from '../test/support/network/delaying-proxy.ts';
import type { BenchMode } from './contender.ts';
import { calibrateDelay } from './network-delay.ts';

/** The connections to the database: direct, or through a proxy for each requested mode and delay. */
export class Network {
  readonly #urls: Readonly<Record<BenchMode, string>>;
  readonly #report: (text: string) => void;
  readonly #proxies = new Map<string, DelayingProxyProcess>();
  readonly #holdMs = new Map<number, number>();

  constructor(urls: Readonly<Record<BenchMode, string>>, report: (text: string) => void) {
    this.#urls = urls;
    this.#report = report;
  }

  async urlFor(mode: BenchMode, delayMs: number): Promise<string> {
    const url = this.#urls[mode];
    if (delayMs === 0) return url;
    const key = `${mode} ${delayMs}`;
    let proxy = this.#proxies.get(key);
    if (proxy === undefined) {
      const { hostname, port } = new URL(url);
      proxy = await startDelayingProxyProcess({
        upstream: { host: hostname, port: Number(port) },
        holdMs: await this.#hold(delayMs),
      });
      this.#proxies.set(key, proxy);
    }
    return throughAddress(url, proxy);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
  }

  async #hold(delayMs: number): Promise<number> {
    const known = this.#holdMs.get(delayMs);
    if (known !== undefined) return known;
    const { holdMs, addedMs } = await calibrateDelay(delayMs);
    this.#report(
      `delay of ${delayMs} ms: an echo through the proxy takes ${addedMs.toFixed(2)} ms longer than one without`,
    );
    this.#holdMs.set(delayMs, holdMs);
    return holdMs;
  }
}
