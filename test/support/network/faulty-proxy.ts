/**
 * A proxy that stands for a network on a bad day: it forwards until a test tells it to swallow, stall, reset, cut or
 * drip, and counts what passes.
 *
 * It reads the protocol in both directions as long as that is not encrypted; behind an accepted SSLRequest it
 * counts bytes and connections only, and triggers on bytes only.
 */
import { FaultyLink } from './faulty-link.ts';
import { type Address, LoopbackServer } from './loopback-server.ts';
import type { Direction, Faults, Trigger } from './network-faults.ts';
import { resetSocket } from './reset-socket.ts';
import { type SeenBatch, type WireCounts, WireLog } from './wire-counts.ts';

export class FaultyProxy {
  #upstream: Address;
  readonly #log = new WireLog();
  readonly #links = new Set<FaultyLink>();
  readonly #faults: Faults = {
    swallow: new Set(),
    drip: undefined,
    delayMs: 0,
    stalledLogins: undefined,
    hangsUp: false,
    trigger: undefined,
  };
  readonly #server = new LoopbackServer((client) => {
    if (this.#faults.hangsUp) {
      this.#log.counts.connections++;
      resetSocket(client);
      return;
    }
    const link = new FaultyLink(client, this.#upstream, this.#faults, this.#log, () => this.#tripped());
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
  });
  #onTripped: (() => void)[] = [];

  constructor({ upstream }: { readonly upstream: Address }) {
    this.#upstream = upstream;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  get counts(): Readonly<WireCounts> {
    return this.#log.counts;
  }

  /** The last ten thousand batches seen. */
  get batches(): readonly SeenBatch[] {
    return this.#log.batches;
  }

  get openConnections(): number {
    return this.#server.openConnections;
  }

  /** Those on which a batch was sent whose reply is not complete. Unknown where it is encrypted. */
  get busyConnections(): number {
    return [...this.#links].filter(({ isBusy }) => isBusy).length;
  }

  /**
   * Bytes of a direction vanish, on open connections and new ones; connections are still accepted. What vanished does
   * not come back: after `heal` a connection that lost bytes stays broken, as after a dead peer.
   */
  blackHole(direction: Direction | 'both' = 'both'): void {
    this.#faults.swallow = new Set(direction === 'both' ? ['to-server', 'to-client'] : [direction]);
  }

  /** Bytes of a direction wait on the connections that are open now, and pass after `heal`. */
  stall(direction: Direction | 'both' = 'both'): void {
    for (const link of this.#links) link.stall(direction);
  }

  /** What the server sends arrives in small pieces: `bytes` every `everyMs`, with 0 one in each turn of the event loop. */
  drip(bytes: number, everyMs: number): void {
    this.#faults.drip = { bytes, everyMs };
  }

  /** Bytes of both directions come so much later. */
  delay(ms: number): void {
    this.#faults.delayMs = ms;
  }

  /** New connections stay silent in their login, for ever. */
  stallLogins(where: 'tls' | 'auth'): void {
    this.#faults.stalledLogins = where;
  }

  /** New connections are accepted, counted and reset at once; open ones stay. */
  hangUp(): void {
    this.#faults.hangsUp = true;
  }

  /** New connections go to that address; open ones stay. */
  lead(upstream: Address): void {
    this.#upstream = upstream;
  }

  /**
   * Arms one trigger; it is disarmed once it has struck. The promise resolves then.
   *
   * @example
   * ```ts
   * const struck = proxy.once({ at: 'after-sync' });
   * await expect(client.query('insert …')).rejects.toThrow();
   * await struck;
   * ```
   */
  once(trigger: Trigger): Promise<void> {
    this.#faults.trigger = trigger;
    return new Promise((resolve) => this.#onTripped.push(resolve));
  }

  /** The client sees the end of the stream while it may still write (or the server does). */
  halfClose(side: 'client' | 'server' = 'client'): void {
    for (const link of this.#links) link.halfClose(side);
  }

  /** Resets (RST) every open connection on both sides. */
  resetAll(): void {
    for (const link of this.#links) link.reset();
  }

  /** New connections get ECONNREFUSED; open ones stay. */
  refuse(): void {
    this.#server.refuse();
  }

  /** Listens again, on the same port, after `refuse`. */
  async accept(): Promise<void> {
    await this.#server.start();
  }

  /** Forwards faithfully again; stalled bytes pass. */
  heal(): void {
    this.#faults.swallow = new Set();
    this.#faults.drip = undefined;
    this.#faults.delayMs = 0;
    this.#faults.stalledLogins = undefined;
    this.#faults.hangsUp = false;
    this.#faults.trigger = undefined;
    for (const link of this.#links) link.resume();
  }

  #tripped(): void {
    this.#faults.trigger = undefined;
    for (const resolve of this.#onTripped.splice(0)) resolve();
  }
}
