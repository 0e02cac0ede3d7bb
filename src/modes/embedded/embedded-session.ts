import type { EmbeddedDatabase } from './embedded-database.ts';

/** Sends bytes to PGlite with exclusive access, from the first batch until its transaction has ended. */
export class EmbeddedSession {
  readonly #database: EmbeddedDatabase;
  #release: (() => void) | undefined;

  constructor(database: EmbeddedDatabase) {
    this.#database = database;
  }

  async send(bytes: Uint8Array): Promise<Buffer> {
    if (this.#release === undefined) await this.#acquire();
    const reply = await this.#database.runExclusive(() => this.#database.execProtocolRaw(bytes));
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  }

  /** Gives up the exclusive access. */
  release(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Sends one of our own commands and ignores its answer. */
  async command(text: string): Promise<void> {
    await this.send(simpleQuery(text));
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
