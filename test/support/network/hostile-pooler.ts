/**
 * A fake transaction pooler that plays what Supavisor was seen to do wrong, before a real PostgreSQL.
 *
 * Always: fewer server connections than clients; checkout at the first message of an idle client; release at the first
 * read that ends with the bytes of ReadyForQuery, status `I`, forged by row data or not, so that a second reply
 * on the way goes to whoever comes next; a bare Sync of an idle client is answered by the pooler, and the rest of that
 * read dropped; nothing is reset between clients; named statements are forwarded as they are; a value with U+0000
 * has its rest executed as messages; a client that hangs up leaves its statement running; after ten failed logins
 * all logins are blocked. By chance, with a seed: see `FaultChances`.
 *
 * Clients log in by SCRAM-SHA-256 with one of the given logins; the pooler logs in to the server with the same.
 * It speaks no TLS. The seed repeats the sequence of draws, not the order in which sockets wake up.
 */
import { connect } from 'node:net';
import { type Address, LoopbackServer } from './loopback-server.ts';
import type { TypedMessage } from './message-reader.ts';
import { smuggleAfterNul } from './nul-smuggling.ts';
import { PoolerClient, type PoolerClientEvents } from './pooler-client.ts';
import { type FaultChances, NO_FAULTS, noCounts, POOLER_ERRORS, type PoolerCounts } from './pooler-faults.ts';
import type { BatchHook } from './pooler-hook.ts';
import { PoolerPool } from './pooler-pool.ts';
import { backend, frontend } from './protocol-messages.ts';
import { SeededRandom } from './seeded-random.ts';

export interface HostilePoolerOptions {
  /** The PostgreSQL behind it. */
  readonly upstream: Address;
  /** Password by user, for clients and server alike. */
  readonly logins: Readonly<Record<string, string>>;
  /**
   * Server connections for each user and database.
   *
   * @defaultValue 2
   */
  readonly serverConnections?: number;
  /** @defaultValue 1 */
  readonly seed?: number;
  /** Chances left out are 0. `BAD_DAY` is a mixture for long runs. */
  readonly faults?: Partial<FaultChances>;
  readonly onBatch?: BatchHook;
  /**
   * What is one read from the server. `at-every-ready` ends one wherever the bytes of ReadyForQuery stand, as the network
   * might; `as-read` leaves it to the network.
   *
   * @defaultValue 'at-every-ready'
   */
  readonly readBoundaries?: 'as-read' | 'at-every-ready';
  /** @defaultValue true */
  readonly smugglesAfterNul?: boolean;
  /** @defaultValue 60000 */
  readonly checkoutTimeoutMs?: number;
  /** @defaultValue 1000 */
  readonly maxClients?: number;
  /**
   * A cancel request is passed on after a random time up to this, to the backend that the client held when the request came.
   *
   * @defaultValue 0
   */
  readonly cancelDelayMs?: number;
  /** @defaultValue 10 */
  readonly failedLoginsBeforeBan?: number;
}

export class HostilePooler {
  readonly #options: HostilePoolerOptions;
  readonly #random: SeededRandom;
  readonly #counts = noCounts();
  readonly #clients = new Map<number, PoolerClient>();
  readonly #pools = new Map<string, PoolerPool>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #server: LoopbackServer;
  #chances: FaultChances;
  #onBatch: BatchHook | undefined;
  #lastId = 0;
  #recentFailures = 0;

  constructor(options: HostilePoolerOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed ?? 1);
    this.#chances = { ...NO_FAULTS, ...options.faults };
    this.#onBatch = options.onBatch;
    const events: PoolerClientEvents = {
      cancel: (processId, secretKey) => this.#cancel(processId, secretKey),
      admit: (user) => this.#admit(user),
      loggedIn: (client) => this.#join(client),
      loginFailed: () => {
        this.#counts.failedLogins++;
        this.#recentFailures++;
      },
      read: (client, chunk, parse) => this.#onRead(client, chunk, parse),
      gone: (client) => {
        this.#clients.delete(client.id);
        this.#poolOf(client).leave(client);
      },
    };
    this.#server = new LoopbackServer((socket) => {
      const secretKey = this.#random.below(0x7fffffff);
      new PoolerClient(socket, ++this.#lastId, secretKey, events);
    });
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await this.#server.stop();
    this.dropBackends();
  }

  get counts(): Readonly<PoolerCounts> {
    return this.#counts;
  }

  get openClients(): number {
    return this.#clients.size;
  }

  get serverConnections(): number {
    return [...this.#pools.values()].reduce((sum, pool) => sum + pool.serverConnections, 0);
  }

  /** Takes effect with the next batch. Chances left out become 0. */
  setFaults(faults: Partial<FaultChances>): void {
    this.#chances = { ...NO_FAULTS, ...faults };
  }

  /** Takes effect with the next message. */
  setHook(onBatch: BatchHook | undefined): void {
    this.#onBatch = onBatch;
  }

  /** Cuts every server connection, as a restart of the database would. */
  dropBackends(): void {
    for (const pool of this.#pools.values()) pool.dropBackends();
  }

  /** Ends the block after failed logins. */
  liftBan(): void {
    this.#recentFailures = 0;
  }

  #admit(user: string): ReturnType<PoolerClientEvents['admit']> {
    if (this.#recentFailures >= (this.#options.failedLoginsBeforeBan ?? 10))
      return { refusal: POOLER_ERRORS.banned };
    if (this.#clients.size >= (this.#options.maxClients ?? 1000))
      return { refusal: POOLER_ERRORS.maxClients };
    return { password: this.#options.logins[user] };
  }

  #join(client: PoolerClient): void {
    this.#counts.logins++;
    this.#clients.set(client.id, client);
    this.#poolOf(client).join(client);
  }

  #poolOf({ user, database }: PoolerClient): PoolerPool {
    const key = JSON.stringify([user, database]);
    let pool = this.#pools.get(key);
    if (pool === undefined) {
      pool = new PoolerPool({
        upstream: this.#options.upstream,
        login: { user, database, password: this.#options.logins[user] ?? '' },
        serverConnections: this.#options.serverConnections ?? 2,
        checkoutTimeoutMs: this.#options.checkoutTimeoutMs ?? 60_000,
        readBoundaries: this.#options.readBoundaries ?? 'at-every-ready',
        random: this.#random,
        counts: this.#counts,
        chances: () => this.#chances,
      });
      this.#pools.set(key, pool);
    }
    return pool;
  }

  #onRead(client: PoolerClient, chunk: Buffer, parse: () => TypedMessage[]): void {
    const idle = client.backend === undefined && client.waiting === undefined && client.batch.length === 0;
    if (idle && chunk.subarray(0, 5).equals(frontend.sync())) {
      this.#counts.bareSyncs++;
      client.socket.write(backend.readyForQuery('I'));
      return;
    }
    const messages = parse();
    const last = messages.findIndex(({ code }) => code === 'X');
    const sent = last === -1 ? messages : messages.slice(0, last);
    const passed = this.#rewrite(client, sent);
    if (passed.length > 0) this.#poolOf(client).send(client, passed);
    if (last !== -1) client.socket.end();
  }

  #rewrite(client: PoolerClient, messages: readonly TypedMessage[]): TypedMessage[] {
    const passed =
      this.#onBatch === undefined ? [...messages] : this.#throughHook(client, messages, this.#onBatch);
    if (this.#options.smugglesAfterNul === false) return passed;
    return passed.flatMap((sent) => {
      const smuggled = smuggleAfterNul(sent);
      if (smuggled !== undefined) this.#counts.smuggled++;
      return smuggled ?? [sent];
    });
  }

  #throughHook(client: PoolerClient, messages: readonly TypedMessage[], onBatch: BatchHook): TypedMessage[] {
    const passed: TypedMessage[] = [];
    for (const sent of messages) {
      client.batch.push(sent);
      if (sent.code !== 'S' && sent.code !== 'Q') continue;
      const context = {
        user: client.user,
        database: client.database,
        clientId: client.id,
        batch: client.batches,
      };
      passed.push(...onBatch(client.batch.splice(0), context));
    }
    return passed;
  }

  #cancel(processId: number, secretKey: number): void {
    this.#counts.cancels++;
    const client = this.#clients.get(processId);
    if (client === undefined || client.secretKey !== secretKey) return;
    const hitsFormer = this.#random.chance(this.#chances.cancelHitsFormer);
    const target = client.backend ?? (hitsFormer ? client.former : undefined);
    if (target === undefined) return;
    if (client.backend === undefined) this.#counts.cancelHitsFormer++;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        if (target.client !== undefined && target.client !== client) this.#counts.cancelsHitStranger++;
        const socket = connect(this.#options.upstream);
        // Nobody waits for the answer to a cancel request: the server hangs up without one.
        socket.on('error', () => undefined);
        socket.resume();
        socket.end(frontend.cancelRequest(target.processId, target.secretKey));
      },
      this.#random.below((this.#options.cancelDelayMs ?? 0) + 1),
    );
    this.#timers.add(timer);
  }
}
