import type { Socket } from 'node:net';
import pg from 'pg';

const HEADER_BYTES = 5;
const ERROR_RESPONSE = 0x45; // E
const READY_FOR_QUERY = 0x5a; // Z

interface Pending {
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** A socket that `pg` has logged in and that we then use directly: bytes out, bytes back, one call at a time. */
export class RawConnection {
  readonly #client: pg.Client;
  readonly #socket: Socket;
  #pending: Pending | undefined;
  #reply: Buffer | undefined;
  #nextMessage = 0;
  #failed = false;

  private constructor(client: pg.Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    client.on('error', (error) => this.#settle()?.reject(error));
  }

  /** @param options - of the startup packet */
  static async open(url: string, options?: string): Promise<RawConnection> {
    const client = new pg.Client({
      connectionString: url,
      ssl: false,
      ...(options !== undefined && { options }),
    });
    await client.connect();
    // The types of `pg` leave out its connection, which is the only way to the socket behind the login.
    const { connection } = client as unknown as { connection: { stream: Socket } };
    return new RawConnection(client, connection.stream);
  }

  /** Resolves with the raw reply, ReadyForQuery included. */
  roundTrip(bytes: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#socket.write(bytes);
    });
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  #read(chunk: Buffer): void {
    const reply = this.#reply === undefined ? chunk : Buffer.concat([this.#reply, chunk]);
    let at = this.#nextMessage;
    while (at + HEADER_BYTES <= reply.length) {
      const code = reply[at];
      const end = at + 1 + reply.readInt32BE(at + 1);
      if (end > reply.length) break;
      if (code === ERROR_RESPONSE) this.#failed = true;
      if (code === READY_FOR_QUERY) {
        const failed = this.#failed;
        const pending = this.#settle();
        if (failed) pending?.reject(serverError(reply));
        else pending?.resolve(reply);
        return;
      }
      at = end;
    }
    this.#reply = reply;
    this.#nextMessage = at;
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#reply = undefined;
    this.#nextMessage = 0;
    this.#failed = false;
    return pending;
  }
}

function serverError(reply: Buffer): Error {
  const text = reply.toString('utf8');
  const sqlState = /\0C([0-9A-Z]{5})\0/.exec(text)?.[1] ?? 'unknown SQLSTATE';
  const message = /\0M([^\0]*)\0/.exec(text)?.[1] ?? 'no message';
  return Object.assign(new Error(`The server refused the batch: ${message}.`), { code: sqlState });
}
