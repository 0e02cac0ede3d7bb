/**
 * A TCP server on 127.0.0.1 that the fakes and proxies of the tests listen with.
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class LoopbackServer {
  readonly #onConnection: (socket: Socket) => void;
  readonly #options: { readonly allowHalfOpen?: boolean };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  /** @param options `allowHalfOpen` keeps a side open whose client has sent its last byte; see `node:net` */
  constructor(onConnection: (socket: Socket) => void, options: { readonly allowHalfOpen?: boolean } = {}) {
    this.#onConnection = onConnection;
    this.#options = options;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Listens on a free port; after `refuse`, on the same one again. */
  async start(): Promise<Address> {
    if (this.#server !== undefined) throw new Error('the server is already listening');
    const server = createServer({ ...this.#options, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // A peer that goes away is what these servers are for; `close` follows and is handled.
      socket.on('error', () => undefined);
      this.#onConnection(socket);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    this.#port = address.port;
    return { host: '127.0.0.1', port: address.port };
  }

  /** New connections get ECONNREFUSED; open ones stay. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  /** Ends everything; safe to call twice. */
  async stop(): Promise<void> {
    const closed = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    this.refuse();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }
}
