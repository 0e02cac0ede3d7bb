/**
 * One pool of the hostile pooler: few server connections of one user to one database, many clients.
 *
 * The rule that makes it dangerous: whatever a server connection says goes to the client that holds it now, whoever
 * asked; and it is released at the first read that ends with the bytes of ReadyForQuery, status `I`.
 */
import type { Address } from './loopback-server.ts';
import type { TypedMessage } from './message-reader.ts';
import { PoolerBackend } from './pooler-backend.ts';
import type { PoolerClient } from './pooler-client.ts';
import { type FaultChances, POOLER_ERRORS, type PoolerCounts } from './pooler-faults.ts';
import { backend as write } from './protocol-messages.ts';
import type { RawLogin } from './raw-client.ts';
import { drawFate } from './reply-fate.ts';
import type { SeededRandom } from './seeded-random.ts';

const READY_IDLE = write.readyForQuery('I');

export interface PoolSettings {
  readonly upstream: Address;
  readonly login: RawLogin;
  readonly serverConnections: number;
  readonly checkoutTimeoutMs: number;
  readonly readBoundaries: 'as-read' | 'at-every-ready';
  readonly random: SeededRandom;
  readonly counts: PoolerCounts;
  /** Read anew for every batch, so that a test can change them. */
  readonly chances: () => FaultChances;
}

export class PoolerPool {
  readonly #settings: PoolSettings;
  readonly #clients = new Set<PoolerClient>();
  readonly #backends = new Set<PoolerBackend>();
  #idle: PoolerBackend[] = [];
  #queue: { readonly client: PoolerClient; readonly timer: NodeJS.Timeout }[] = [];
  #opening = 0;

  constructor(settings: PoolSettings) {
    this.#settings = settings;
  }

  get serverConnections(): number {
    return this.#backends.size;
  }

  join(client: PoolerClient): void {
    this.#clients.add(client);
  }

  leave(client: PoolerClient): void {
    this.#clients.delete(client);
    this.#queue = this.#queue.filter((entry) => {
      if (entry.client === client) clearTimeout(entry.timer);
      return entry.client !== client;
    });
    const { backend } = client;
    if (backend === undefined) return;
    backend.client = undefined;
    client.backend = undefined;
    // Nothing is cancelled: what was sent runs on. Without a Sync the server would wait for ever.
    if (backend.owners.length === 0) this.#discard(backend);
  }

  /** Messages of a client; the first of an idle one checks a server connection out. */
  send(client: PoolerClient, messages: TypedMessage[]): void {
    if (client.backend !== undefined) {
      this.#forward(client.backend, client, messages);
      return;
    }
    if (client.waiting !== undefined) {
      client.waiting.push(...messages);
      return;
    }
    if (this.#draw('killBeforeCheckout')) {
      this.#settings.counts.killBeforeCheckout++;
      client.kill(POOLER_ERRORS.checkoutTimeout);
      return;
    }
    client.waiting = [...messages];
    const timer = setTimeout(
      () => client.kill(POOLER_ERRORS.checkoutTimeout),
      this.#settings.checkoutTimeoutMs,
    );
    this.#queue.push({ client, timer: timer.unref() });
    this.#settings.counts.maxWaiting = Math.max(this.#settings.counts.maxWaiting, this.#queue.length);
    this.#serveQueue();
  }

  /** Cuts every server connection, as a restart of the database would. */
  dropBackends(): void {
    for (const { socket } of this.#backends) socket.destroy();
  }

  #draw(fault: keyof FaultChances): boolean {
    return this.#settings.random.chance(this.#settings.chances()[fault]);
  }

  #serveQueue(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0) {
      const [entry] = this.#queue.splice(0, 1);
      // Any of them: what one client left behind shall reach all others.
      const [backend] = this.#idle.splice(this.#settings.random.below(this.#idle.length), 1);
      clearTimeout(entry!.timer);
      this.#attach(backend!, entry!.client);
    }
    const room = this.#settings.serverConnections - this.#backends.size - this.#opening;
    const wanted = Math.min(room, this.#queue.length - this.#opening);
    for (let i = 0; i < wanted; i++) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening++;
    try {
      const opened = await PoolerBackend.open(this.#settings.upstream, this.#settings.login);
      this.#backends.add(opened);
      this.#idle.push(opened);
      opened.socket.on('data', (chunk) => this.#onServerData(opened, chunk));
      opened.socket.on('close', () => this.#onServerClosed(opened));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      for (const { client, timer } of this.#queue.splice(0)) {
        clearTimeout(timer);
        client.kill(POOLER_ERRORS.unreachable(why));
      }
    } finally {
      this.#opening--;
      this.#serveQueue();
    }
  }

  #attach(backend: PoolerBackend, client: PoolerClient): void {
    this.#settings.counts.checkouts++;
    backend.client = client;
    client.backend = backend;
    const messages = client.waiting ?? [];
    client.waiting = undefined;
    this.#forward(backend, client, messages);
  }

  #forward(backend: PoolerBackend, client: PoolerClient, messages: readonly TypedMessage[]): void {
    backend.socket.write(Buffer.concat(messages.map(({ bytes }) => bytes)));
    const asked = messages.filter(({ code }) => code === 'S' || code === 'Q').length;
    if (asked === 0) return;
    for (let i = 0; i < asked; i++) backend.owners.push(client);
    this.#settings.counts.batches += asked;
    client.batches += asked;
    backend.replyBegan = false;
    backend.copy = [];
    backend.fate = drawFate(this.#settings.random, this.#settings.chances());
    if (this.#draw('swapReplies')) this.#swap(backend, 'swapReplies');
  }

  /** Exchanges the clients of two server connections that both owe a reply. False when there is no other. */
  #swap(backend: PoolerBackend, counted: 'swapReplies' | 'swapMidReply'): boolean {
    const others = [...this.#backends].filter(
      (other) =>
        other !== backend && other.client !== undefined && other.owners.length > 0 && !other.replyBegan,
    );
    const other = this.#settings.random.pick(others);
    const { client } = backend;
    if (other?.client === undefined || client === undefined) return false;
    backend.client = other.client;
    backend.client.backend = backend;
    other.client = client;
    client.backend = other;
    this.#settings.counts[counted]++;
    return true;
  }

  #onServerData(backend: PoolerBackend, chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) {
      let end = rest.length;
      if (this.#settings.readBoundaries === 'at-every-ready') {
        const ready = rest.indexOf(READY_IDLE);
        if (ready !== -1) end = ready + READY_IDLE.length;
      }
      this.#onRead(backend, rest.subarray(0, end));
      rest = rest.subarray(end);
    }
  }

  #onRead(backend: PoolerBackend, piece: Buffer): void {
    const asker = backend.owners[0];
    const genuine = backend.endsReply(piece);
    const { counts } = this.#settings;
    if (backend.client === undefined) counts.orphanReads++;
    else {
      if (asker !== undefined && backend.client !== asker) counts.foreignDeliveries++;
      this.#deliver(backend, backend.client, piece);
    }
    backend.replyBegan = true;
    if (piece.subarray(-READY_IDLE.length).equals(READY_IDLE)) {
      if (!genuine) counts.forgedReleases++;
      this.#release(backend);
    } else if (genuine && backend.client === undefined) {
      // Its client left an open transaction behind.
      this.#discard(backend);
    }
  }

  #deliver(backend: PoolerBackend, client: PoolerClient, piece: Buffer): void {
    const { counts } = this.#settings;
    const half = Math.ceil(piece.length / 2);
    switch (backend.fate) {
      case 'swallow':
        if (!backend.replyBegan) counts.swallowReply++;
        return;
      case 'cut':
        if (backend.replyBegan) return;
        counts.cutReply++;
        client.socket.write(piece.subarray(0, half));
        return;
      case 'kill':
        if (backend.replyBegan) return;
        counts.killAfterSync++;
        client.kill(POOLER_ERRORS.handlerExited);
        return;
      case 'swap-mid-reply':
        if (!backend.replyBegan && this.#swap(backend, 'swapMidReply')) {
          client.socket.write(piece.subarray(0, half));
          backend.client?.socket.write(piece.subarray(half));
          counts.foreignDeliveries++;
          return;
        }
        break;
      case 'duplicate':
      case 'stray':
        backend.copy.push(piece);
        break;
      case 'deliver':
        break;
    }
    if (!client.socket.write(piece) && !backend.socket.isPaused()) {
      backend.socket.pause();
      const resume = () => backend.socket.resume();
      client.socket.once('drain', resume);
      client.socket.once('close', resume);
    }
  }

  #release(backend: PoolerBackend): void {
    const { client } = backend;
    backend.client = undefined;
    if (client !== undefined) {
      client.backend = undefined;
      client.former = backend;
      this.#afterReply(backend, client);
    }
    backend.fate = 'deliver';
    backend.copy = [];
    if (!this.#idle.includes(backend)) this.#idle.push(backend);
    this.#serveQueue();
  }

  #afterReply(backend: PoolerBackend, client: PoolerClient): void {
    const { counts, random } = this.#settings;
    if (backend.fate === 'duplicate') {
      counts.duplicateReply++;
      client.socket.write(Buffer.concat(backend.copy));
    }
    if (backend.fate === 'stray') {
      const stranger = random.pick([...this.#clients].filter((other) => other !== client && !other.gone));
      if (stranger !== undefined) {
        counts.strayReply++;
        counts.foreignDeliveries++;
        stranger.socket.write(Buffer.concat(backend.copy));
      }
    }
    if (this.#draw('killIdle')) {
      counts.killIdle++;
      client.kill(POOLER_ERRORS.adminShutdown);
    }
  }

  #discard(backend: PoolerBackend): void {
    backend.socket.destroy();
  }

  #onServerClosed(backend: PoolerBackend): void {
    this.#backends.delete(backend);
    this.#idle = this.#idle.filter((other) => other !== backend);
    const { client } = backend;
    if (client !== undefined) {
      client.backend = undefined;
      client.kill(POOLER_ERRORS.handlerExited);
    }
    this.#serveQueue();
  }
}
