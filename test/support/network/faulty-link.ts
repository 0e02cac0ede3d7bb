/** One connection of the faulty proxy: a client's socket, the server's, and the faults between. */
import { connect, type Socket } from 'node:net';
import type { Address } from './loopback-server.ts';
import { FrontendReader, MalformedBytesError, MessageReader, type TypedMessage } from './message-reader.ts';
import type { Direction, Faults } from './network-faults.ts';
import { resetSocket } from './reset-socket.ts';
import { SlowLane } from './slow-lane.ts';
import { type WireLog, WireWatcher } from './wire-counts.ts';

export class FaultyLink {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: Faults;
  readonly #log: WireLog;
  readonly #watcher: WireWatcher;
  readonly #tripped: () => void;
  readonly #frontend = new FrontendReader();
  readonly #backend = new MessageReader();
  readonly #passed = { 'to-server': 0, 'to-client': 0 };
  /** Bytes of the batch that has begun, kept back while `before-sync` is armed. */
  #kept: Buffer[] = [];
  #silent = false;
  #stalled = false;
  /** The client is gone, the batch still runs: the server's side ends with its ReadyForQuery. */
  #orphaned = false;
  #encrypted: 'no' | 'asked' | 'yes' = 'no';
  #replyMessages = 0;
  /** Its login was stalled: it hears nothing any more. */
  #deaf = false;
  readonly #lanes: Readonly<Record<Direction, SlowLane>>;

  constructor(client: Socket, upstream: Address, faults: Faults, log: WireLog, tripped: () => void) {
    this.#client = client;
    this.#faults = faults;
    this.#log = log;
    this.#tripped = tripped;
    this.#watcher = new WireWatcher(log);
    this.#server = connect({ ...upstream, noDelay: true });
    this.#lanes = {
      'to-server': new SlowLane(this.#server, faults, 'to-server'),
      'to-client': new SlowLane(client, faults, 'to-client'),
    };
    // An upstream that cannot be reached looks to the client like one that hangs up.
    this.#server.on('error', () => client.destroy());
    this.#server.on('close', () => !this.#silent && client.end());
    client.on('close', () => !this.#orphaned && this.#server.destroy());
    client.on('end', () => !this.#swallows('to-server') && this.#server.end());
    client.on('data', (chunk) => this.#fromClient(chunk));
    this.#server.on('data', (chunk) => this.#fromServer(chunk));
  }

  /** A batch was sent and its reply is not complete. */
  get isBusy(): boolean {
    return this.#watcher.isBusy;
  }

  stall(direction: Direction | 'both'): void {
    this.#stalled = true;
    if (direction !== 'to-client') this.#client.pause();
    if (direction !== 'to-server') this.#server.pause();
  }

  resume(): void {
    this.#stalled = false;
    this.#client.resume();
    this.#server.resume();
  }

  halfClose(side: 'client' | 'server'): void {
    (side === 'client' ? this.#client : this.#server).end();
  }

  reset(): void {
    resetSocket(this.#client);
    resetSocket(this.#server);
  }

  #swallows(direction: Direction): boolean {
    return this.#silent || (this.#deaf && direction === 'to-client') || this.#faults.swallow.has(direction);
  }

  #fromClient(chunk: Buffer): void {
    this.#log.counts.bytesToServer += chunk.length;
    let forward = true;
    if (this.#encrypted !== 'yes') forward = this.#readFrontend(chunk);
    if (forward) this.#forward('to-server', this.#server, chunk);
  }

  /** Counts and looks for triggers; false when this read must not be forwarded. */
  #readFrontend(chunk: Buffer): boolean {
    if (this.#frontend.started) this.#watcher.read();
    const { packets, messages } = this.#parse(() => this.#frontend.push(chunk), {
      packets: [],
      messages: [],
    });
    for (const packet of packets) {
      if (packet.kind === 'ssl-request') this.#encrypted = 'asked';
      if (packet.kind === 'startup' && this.#faults.stalledLogins === 'auth') this.#stallLogin();
      if (packet.kind !== 'cancel') continue;
      this.#log.counts.cancels++;
      if (this.#faults.trigger?.at === 'cancel') return this.#strikeSilently();
    }
    const trigger = this.#faults.trigger;
    const complete = messages.map((sent) => this.#watcher.fromClient(sent)).includes(true);
    if (complete) this.#replyMessages = 0;
    if (trigger?.at === 'terminate' && messages.some(({ code }) => code === 'X'))
      return this.#strikeSilently();
    if (trigger?.at === 'before-sync') {
      if (complete) {
        this.#kept = [];
        this.reset();
        this.#tripped();
        return false;
      }
      if (this.#watcher.loggedIn) {
        this.#kept.push(chunk);
        return false;
      }
    } else if (this.#kept.length > 0) {
      // Another connection met the trigger, or it was taken back: what waited goes on its way.
      this.#server.write(Buffer.concat(this.#kept));
      this.#kept = [];
    }
    if (trigger?.at === 'after-sync' && complete) {
      this.#silent = true;
      this.#orphaned = true;
      this.#server.write(chunk);
      resetSocket(this.#client);
      this.#tripped();
      return false;
    }
    return true;
  }

  #fromServer(chunk: Buffer): void {
    if (this.#encrypted === 'asked') {
      this.#encrypted = chunk.toString('latin1', 0, 1) === 'S' ? 'yes' : 'no';
      this.#forward('to-client', this.#client, chunk);
      if (this.#faults.stalledLogins === 'tls') this.#stallLogin();
      return;
    }
    const before = this.#backend.pendingBytes;
    const messages = this.#encrypted === 'yes' ? [] : this.#parse(() => this.#backend.push(chunk), []);
    this.#watcher.fromServer(messages);
    if (this.#orphaned && messages.some(({ code }) => code === 'Z')) this.#server.end();
    const trigger = this.#faults.trigger;
    if (trigger?.at === 'mid-reply') {
      const cut = this.#cutPoint(messages, trigger.message, before);
      if (cut !== undefined) {
        this.#client.write(chunk.subarray(0, cut), () =>
          trigger.then === 'reset' ? resetSocket(this.#client) : this.#client.end(),
        );
        this.#silent = true;
        resetSocket(this.#server);
        this.#tripped();
        return;
      }
    }
    this.#forward('to-client', this.#client, chunk);
  }

  /** Offset in this read of the middle of the wanted message of the reply, if it lies in here. */
  #cutPoint(messages: readonly TypedMessage[], wanted: number, carried: number): number | undefined {
    let offset = -carried;
    for (const { bytes } of messages) {
      this.#replyMessages++;
      if (this.#replyMessages === wanted) return Math.max(0, offset + Math.ceil(bytes.length / 2));
      offset += bytes.length;
    }
    return undefined;
  }

  #forward(direction: Direction, to: Socket, chunk: Buffer): void {
    if (direction === 'to-client') this.#log.counts.bytesToClient += chunk.length;
    const before = this.#passed[direction];
    this.#passed[direction] += chunk.length;
    if (this.#swallows(direction)) return;
    const trigger = this.#faults.trigger;
    if (
      trigger?.at === 'bytes' &&
      trigger.direction === direction &&
      this.#passed[direction] >= trigger.bytes
    ) {
      to.write(chunk.subarray(0, Math.max(0, trigger.bytes - before)), () => this.reset());
      this.#silent = true;
      this.#tripped();
      return;
    }
    const lane = this.#lanes[direction];
    if (lane.isNeeded) {
      lane.push(chunk);
      return;
    }
    const from = direction === 'to-client' ? this.#server : this.#client;
    if (!to.write(chunk) && !from.isPaused()) {
      from.pause();
      to.once('drain', () => !this.#stalled && from.resume());
    }
  }

  #stallLogin(): void {
    this.#deaf = true;
    this.#log.counts.stalledLogins++;
  }

  #strikeSilently(): false {
    this.#silent = true;
    this.#tripped();
    return false;
  }

  /** A peer that breaks the protocol is forwarded unread. */
  #parse<T>(read: () => T, unread: T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) throw error;
      this.#encrypted = 'yes';
      return unread;
    }
  }
}
