/** A server connection of the hostile pooler. */
import type { Socket } from 'node:net';
import type { Address } from './loopback-server.ts';
import { MalformedBytesError, MessageReader } from './message-reader.ts';
import type { PoolerClient } from './pooler-client.ts';
import { RawClient, type RawLogin } from './raw-client.ts';
import type { Fate } from './reply-fate.ts';

export class PoolerBackend {
  readonly socket: Socket;
  readonly processId: number;
  readonly secretKey: number;
  /** Who holds it, and so gets what the server says, whoever asked. */
  client: PoolerClient | undefined;
  /** Who sent the Syncs and simple queries that the server has not answered, in order. */
  readonly owners: PoolerClient[] = [];
  fate: Fate = 'deliver';
  /** Bytes of this reply that came so far, kept only when the fate needs a copy. */
  copy: Buffer[] = [];
  replyBegan = false;
  readonly #reader = new MessageReader();
  #readable = true;

  private constructor(login: RawClient) {
    this.socket = login.detach();
    this.processId = login.processId;
    this.secretKey = login.secretKey;
  }

  static async open(upstream: Address, login: RawLogin): Promise<PoolerBackend> {
    return new PoolerBackend(await RawClient.logIn(upstream, login));
  }

  /** Whether a read that ends here ends with a true ReadyForQuery of status `I`. Call with all bytes, in order. */
  endsReply(piece: Buffer): boolean {
    if (!this.#readable) return true;
    try {
      const messages = this.#reader.push(piece);
      const ready = messages.filter(({ code }) => code === 'Z').length;
      this.owners.splice(0, ready);
      return this.#reader.pendingBytes === 0 && messages.at(-1)?.code === 'Z';
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) throw error;
      // A server that breaks the protocol is forwarded unread.
      this.#readable = false;
      return true;
    }
  }
}
