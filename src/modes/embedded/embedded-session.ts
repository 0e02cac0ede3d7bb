import type { EmbeddedDatabase } from './embedded-database.ts';
import { wholeReply } from './whole-reply.ts';

/** Sends bytes to PGlite with exclusive access, from the first batch until its transaction has ended. */
export class EmbeddedSession {
  readonly #database: EmbeddedDatabase;
  #release: (() => void) | undefined;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  /** Sends a copy: the bytes may be overwritten as soon as this has returned. */
  send(bytes: Uint8Array): Promise<Buffer> {
    return this.#send(new Uint8Array(bytes));
  }

  /** Gives up the exclusive access. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Sends our own SQL by the simple protocol. */
  command(text: string): Promise<Buffer> {
    return this.send(simpleQuery(text));
  }

  async #send(bytes: Uint8Array): Promise<Buffer> {
    if (this.#release === undefined) await this.#acquire();
    const { data } = await this.#database.runExclusive(() =>
      this.#database.execProtocol(bytes, { throwOnError: false }),
    );
    const reply = wholeReply(data);
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  }

  #acquire(): Promise<void> {
    return new Promise((acquired, failed) => {
      this.#database
        ._runExclusiveTransaction(
          () =>
            new Promise<void>((release) => {
              this.#release = release;
              acquired();
            }),
        )
        .catch(failed);
    });
  }
}

function simpleQuery(text: string): Buffer {
  const body = Buffer.from(`${text}\0`);
  const message = Buffer.alloc(5 + body.length);
  message.write('Q');
  message.writeInt32BE(4 + body.length, 1);
  body.copy(message, 5);
  return message;
}
