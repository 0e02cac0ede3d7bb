/**
 * A fake Postgres gone mad: it lets anyone in (or breaks already there) and answers each batch with what a server never
 * should. Nothing of it may crash the process that reads it, hang a caller past the deadline, or pass as a result.
 */
import type { Socket } from 'node:net';
import { type Answering, ENDLESS_BATCHES, type EndlessBatch } from './endless-batches.ts';
import { ENDLESS_LOGINS, type EndlessLogin } from './endless-logins.ts';
import { type Address, LoopbackServer } from './loopback-server.ts';
import { FrontendReader, type TypedMessage } from './message-reader.ts';
import { backend } from './protocol-messages.ts';

export interface EndlessServerOptions {
  /** How it breaks the login. Without it anyone may log in. */
  readonly login?: EndlessLogin;
  /**
   * How it answers batches, each with its Sync.
   *
   * @defaultValue 'well-formed'
   */
  readonly batch?: EndlessBatch;
  /**
   * How many batches of a connection are answered well before.
   *
   * @defaultValue 0
   */
  readonly goodBatches?: number;
}

export class EndlessServer {
  readonly #server = new LoopbackServer((socket) => this.#serve(socket));
  #options: EndlessServerOptions;
  #batches = 0;
  #cancels = 0;
  #bytesSent = 0;

  constructor(options: EndlessServerOptions = {}) {
    this.#options = options;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  get openConnections(): number {
    return this.#server.openConnections;
  }

  get batches(): number {
    return this.#batches;
  }

  get cancels(): number {
    return this.#cancels;
  }

  /** What was handed to the network for answers that do not end by themselves. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Concerns the next login and the next batch. */
  behave(options: EndlessServerOptions): void {
    this.#options = options;
  }

  #serve(socket: Socket): void {
    const reader = new FrontendReader();
    let batch: TypedMessage[] = [];
    let answered = 0;
    socket.on('data', (chunk) => {
      const { packets, messages } = reader.push(chunk);
      for (const packet of packets) {
        if (packet.kind === 'cancel') {
          this.#cancels++;
          socket.end();
        } else if (packet.kind !== 'startup') {
          socket.write('N');
        } else {
          this.#greet(socket);
        }
      }
      for (const sent of messages) {
        batch.push(sent);
        if (sent.code !== 'S' && sent.code !== 'Q') continue;
        this.#batches++;
        this.#answer(socket, batch, answered++);
        batch = [];
      }
    });
  }

  #greet(socket: Socket): void {
    const { login } = this.#options;
    if (login !== undefined) {
      ENDLESS_LOGINS[login](socket);
      return;
    }
    socket.write(
      Buffer.concat([
        backend.authenticationOk(),
        backend.parameterStatus('server_version', '17.0'),
        backend.parameterStatus('client_encoding', 'UTF8'),
        backend.backendKeyData(1, 1),
        backend.readyForQuery('I'),
      ]),
    );
  }

  #answer(socket: Socket, batch: readonly TypedMessage[], answered: number): void {
    const { batch: kind = 'well-formed', goodBatches = 0 } = this.#options;
    const answering: Answering = {
      socket,
      batch,
      pour: (chunk) => this.#pour(socket, chunk),
    };
    ENDLESS_BATCHES[answered < goodBatches ? 'well-formed' : kind](answering);
  }

  /** Writes the same bytes for ever, as fast as the client reads, until it hangs up. */
  #pour(socket: Socket, chunk: Buffer): void {
    const write = () => {
      let room = true;
      while (room && !socket.destroyed) {
        room = socket.write(chunk);
        this.#bytesSent += chunk.length;
      }
    };
    socket.on('drain', write);
    write();
  }
}
