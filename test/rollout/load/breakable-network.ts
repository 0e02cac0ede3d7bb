import type { ModeUrls } from '../../../stack/stack-state.ts';
import { readConnectionUrl, throughAddress } from '../../support/network/connection-url.ts';
import { FaultyProxy } from '../../support/network/faulty-proxy.ts';

/** The network between a login of both processes and the database, in each mode. */
export class BreakableNetwork implements AsyncDisposable {
  readonly urls: ModeUrls;
  readonly #proxies: readonly FaultyProxy[];

  private constructor(urls: ModeUrls, proxies: readonly FaultyProxy[]) {
    this.urls = urls;
    this.#proxies = proxies;
  }

  static async open({ direct, session, transaction }: ModeUrls): Promise<BreakableNetwork> {
    const proxies: FaultyProxy[] = [];
    const through = async (url: string): Promise<string> => {
      const proxy = new FaultyProxy({ upstream: readConnectionUrl(url).address });
      proxies.push(proxy);
      return throughAddress(url, await proxy.start());
    };
    const urls = {
      direct: await through(direct),
      session: await through(session),
      transaction: await through(transaction),
    };
    return new BreakableNetwork(urls, proxies);
  }

  /** Bytes of both directions come so much later. */
  slow(ms: number): void {
    for (const proxy of this.#proxies) proxy.delay(ms);
  }

  /** Open connections are reset, and new ones too. */
  cut(): void {
    for (const proxy of this.#proxies) {
      proxy.hangUp();
      proxy.resetAll();
    }
  }

  heal(): void {
    for (const proxy of this.#proxies) proxy.heal();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }
}
