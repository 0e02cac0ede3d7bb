/** A proxy in whose hands a test puts each reply of the server, whole, before the client gets it. */
import { connect, type Socket } from 'node:net';
import { type BatchStep, stepsOf } from '../support/network/batch-steps.ts';
import { type Address, LoopbackServer } from '../support/network/loopback-server.ts';
import { FrontendReader, MessageReader, type TypedMessage } from '../support/network/message-reader.ts';
import { backend } from '../support/network/protocol-messages.ts';

/** Gets the statements of a batch and the server's reply up to ReadyForQuery; gives what the client shall get. */
export type Answer = (steps: readonly BatchStep[], reply: Buffer) => Buffer | 'hang-up';

export class AnsweringProxy {
  readonly #upstream: Address;
  readonly #server = new LoopbackServer((client) => this.#serve(client));
  /** Faithful unless a test says otherwise. */
  answer: Answer = (_steps, reply) => reply;

  constructor(upstream: Address) {
    this.#upstream = upstream;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  #serve(client: Socket): void {
    const server = connect({ ...this.#upstream, noDelay: true });
    const frontend = new FrontendReader();
    const replies = new MessageReader();
    const asked: (readonly BatchStep[])[] = [];
    let sent: TypedMessage[] = [];
    const reply: Buffer[] = [];
    client.on('data', (chunk) => {
      for (const message of frontend.push(chunk).messages) {
        sent.push(message);
        if (message.code !== 'S') continue;
        asked.push(stepsOf(sent).steps);
        sent = [];
      }
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      for (const message of replies.push(chunk)) {
        reply.push(message.bytes);
        const steps = message.code === 'Z' ? asked.shift() : undefined;
        // What the server says before the first batch is the login, which waits for nobody.
        if (steps === undefined && asked.length > 0) continue;
        const whole = Buffer.concat(reply.splice(0));
        const answer = steps === undefined ? whole : this.answer(steps, whole);
        if (answer === 'hang-up') client.resetAndDestroy();
        else client.write(answer);
      }
    });
    server.on('error', () => client.destroy());
    server.on('close', () => client.end());
    client.on('close', () => server.destroy());
  }
}

/** An error in the place of a whole reply. */
export function errorReply(code: string, message: string, status: 'I' | 'E' = 'I'): Buffer {
  return Buffer.concat([backend.error({ code, message }), backend.readyForQuery(status)]);
}

/** A well-formed reply to a statement that nobody sent. */
export function foreignRows(): Buffer {
  return Buffer.concat([
    backend.parseComplete(),
    backend.bindComplete(),
    backend.dataRow(['foreign']),
    backend.commandComplete('SELECT 1'),
    backend.readyForQuery('I'),
  ]);
}
