/**
 * A client that says exactly the bytes it is told and shows exactly the messages it gets: for tests of the fakes and of
 * servers behind them, where a driver would be too polite.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from './loopback-server.ts';
import {
  MalformedBytesError,
  MessageReader,
  readErrorFields,
  readText,
  type TypedMessage,
} from './message-reader.ts';
import { frontend } from './protocol-messages.ts';
import { SCRAM_MECHANISM, ScramClient } from './scram.ts';

export interface RawLogin {
  readonly user: string;
  readonly database: string;
  /** Empty where anyone may log in. */
  readonly password?: string;
}

export class RawClient {
  readonly socket: Socket;
  processId = 0;
  secretKey = 0;
  /** The server sent bytes that are no messages; the connection was destroyed at once. */
  malformed = false;
  readonly #reader = new MessageReader();
  #received: TypedMessage[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#received.push(...this.#reader.push(chunk));
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) throw error;
      this.malformed = true;
      this.socket.destroy();
    }
    this.#wake();
  };

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', this.#onData);
    // A reset is one of the ways in which a fake ends a connection; `next` tells that it ended.
    socket.on('error', () => undefined);
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  static async open(address: Address): Promise<RawClient> {
    const socket = connect({ ...address, noDelay: true });
    const client = new RawClient(socket);
    await once(socket, 'connect');
    return client;
  }

  /** Opens and logs in; throws with the server's SQLSTATE and message when refused. */
  static async logIn(address: Address, login: RawLogin): Promise<RawClient> {
    const client = await RawClient.open(address);
    await client.authenticate(login);
    return client;
  }

  async authenticate({ user, database, password = '' }: RawLogin): Promise<void> {
    this.socket.write(frontend.startup({ user, database }));
    const scram = new ScramClient(password);
    for (;;) {
      const got = await this.next();
      if (got === undefined) throw new Error('the server hung up during the login');
      if (got.code === 'E') {
        const fields = readErrorFields(got.body);
        throw new Error(`${fields.get('C')}: ${fields.get('M')}`);
      }
      if (got.code === 'K') {
        this.processId = got.body.readInt32BE(0);
        this.secretKey = got.body.readInt32BE(4);
      }
      if (got.code === 'Z') return;
      if (got.code !== 'R') continue;
      const kind = got.body.readInt32BE(0);
      const words = got.body.toString('utf8', 4);
      if (kind === 3) this.socket.write(frontend.password(password));
      else if (kind === 10 && readText(got.body, 4).text === SCRAM_MECHANISM) {
        this.socket.write(frontend.saslInitialResponse(SCRAM_MECHANISM, scram.first()));
      } else if (kind === 11) this.socket.write(frontend.saslResponse(scram.final(words)));
      else if (kind === 12) scram.verify(words);
      else if (kind !== 0) throw new Error(`the server asks for authentication ${kind}`);
    }
  }

  send(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** The next message; undefined once the connection ended and all was read. */
  async next(): Promise<TypedMessage | undefined> {
    while (this.#received.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.shift();
  }

  /** Sends, and collects up to ReadyForQuery or the end of the connection. */
  async ask(...bytes: readonly Buffer[]): Promise<TypedMessage[]> {
    this.send(...bytes);
    return await this.untilReady();
  }

  async untilReady(): Promise<TypedMessage[]> {
    const messages: TypedMessage[] = [];
    for (;;) {
      const got = await this.next();
      if (got === undefined) return messages;
      messages.push(got);
      if (got.code === 'Z') return messages;
    }
  }

  /** Messages that came without being asked for, so far. */
  unread(): readonly TypedMessage[] {
    return this.#received;
  }

  /** Resolves when the server ended the connection. */
  async ended(): Promise<void> {
    if (!this.#ended) await once(this.socket, 'close').catch(() => undefined);
  }

  /** Stops reading and hands the socket over, to somebody who goes on with raw bytes. */
  detach(): Socket {
    this.socket.off('data', this.#onData);
    return this.socket;
  }

  close(): void {
    this.socket.destroy();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }
}

/** One statement in the extended protocol, without its Sync. */
export function statement(sql: string, values: readonly (string | null)[] = []): Buffer {
  return Buffer.concat([
    frontend.parse(sql),
    frontend.bind({ values }),
    frontend.describePortal(),
    frontend.execute(),
  ]);
}

/** Codes of messages in order, such as `12TDCZ`. */
export function lettersOf(messages: readonly TypedMessage[]): string {
  return messages.map(({ code }) => code).join('');
}

/** First column of every row. */
export function firstColumn(messages: readonly TypedMessage[]): (string | null)[] {
  return messages
    .filter(({ code }) => code === 'D')
    .map(({ body }) => {
      const length = body.readInt32BE(2);
      return length === -1 ? null : body.toString('utf8', 6, 6 + length);
    });
}

/** SQLSTATE and message of the first error. */
export function errorOf(messages: readonly TypedMessage[]): string | undefined {
  const error = messages.find(({ code }) => code === 'E');
  if (error === undefined) return undefined;
  const fields = readErrorFields(error.body);
  return `${fields.get('C')}: ${fields.get('M')}`;
}
