/** A client of the hostile pooler: its login, and its bytes as messages. */
import type { Socket } from 'node:net';
import {
  FrontendReader,
  MalformedBytesError,
  readText,
  type StartupPacket,
  type TypedMessage,
} from './message-reader.ts';
import type { PoolerBackend } from './pooler-backend.ts';
import { POOLER_ERRORS } from './pooler-faults.ts';
import { backend } from './protocol-messages.ts';
import { SCRAM_MECHANISM, ScramServer } from './scram.ts';

export interface PoolerClientEvents {
  cancel(processId: number, secretKey: number): void;
  /** The password that the user must know; undefined for an unknown user; bytes of an error to refuse at once. */
  admit(user: string): { readonly password: string | undefined } | { readonly refusal: Buffer };
  loggedIn(client: PoolerClient): void;
  loginFailed(): void;
  /** A read of a client that is logged in: the raw bytes, and a function that reads them as messages. */
  read(client: PoolerClient, chunk: Buffer, parse: () => TypedMessage[]): void;
  gone(client: PoolerClient): void;
}

export class PoolerClient {
  readonly socket: Socket;
  readonly id: number;
  readonly secretKey: number;
  user = '';
  database = '';
  /** The server connection that it holds now. */
  backend: PoolerBackend | undefined;
  /** The one that it held last. */
  former: PoolerBackend | undefined;
  /** Waits for a server connection; the messages to send once there is one. */
  waiting: TypedMessage[] | undefined;
  /** Messages of a batch whose Sync has not come, kept where a hook wants the whole batch. */
  batch: TypedMessage[] = [];
  batches = 0;
  gone = false;
  readonly #reader = new FrontendReader();
  readonly #events: PoolerClientEvents;
  #scram: ScramServer | undefined;
  #loggedIn = false;

  constructor(socket: Socket, id: number, secretKey: number, events: PoolerClientEvents) {
    this.socket = socket;
    this.id = id;
    this.secretKey = secretKey;
    this.#events = events;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      this.gone = true;
      if (this.#loggedIn) events.gone(this);
    });
  }

  /** Sends bytes as the last ones of this connection. */
  kill(lastWords: Buffer): void {
    this.gone = true;
    this.socket.end(lastWords);
    this.socket.destroySoon();
  }

  #onData(chunk: Buffer): void {
    if (this.gone) return;
    try {
      if (this.#loggedIn) {
        this.#events.read(this, chunk, () => this.#reader.push(chunk).messages);
        return;
      }
      const { packets, messages } = this.#reader.push(chunk);
      for (const packet of packets) this.#greet(packet);
      for (const { code, body } of messages) if (code === 'p') this.#authenticate(body);
    } catch (error) {
      if (!(error instanceof MalformedBytesError)) throw error;
      this.kill(backend.error({ severity: 'FATAL', code: '08P01', message: error.message }));
    }
  }

  #greet(packet: StartupPacket): void {
    if (packet.kind === 'cancel') {
      this.#events.cancel(packet.processId, packet.secretKey);
      this.socket.end();
      return;
    }
    if (packet.kind !== 'startup') {
      this.socket.write('N');
      return;
    }
    // Supavisor's users are `role.project`; the project is of no interest here.
    this.user = (packet.parameters.get('user') ?? '').split('.')[0]!;
    this.database = packet.parameters.get('database') ?? this.user;
    const admission = this.#events.admit(this.user);
    if ('refusal' in admission) {
      this.kill(admission.refusal);
      return;
    }
    if (admission.password === undefined) {
      this.#refuse();
      return;
    }
    this.#scram = new ScramServer(admission.password);
    this.socket.write(backend.authenticationSasl(SCRAM_MECHANISM));
  }

  #authenticate(body: Buffer): void {
    if (this.#scram === undefined) {
      this.#refuse();
      return;
    }
    if (body.toString('latin1', 0, SCRAM_MECHANISM.length) === SCRAM_MECHANISM) {
      const words = body.toString('utf8', readText(body, 0).next + 4);
      this.socket.write(backend.authenticationSaslContinue(this.#scram.first(words)));
      return;
    }
    const proof = this.#scram.final(body.toString('utf8'));
    if (proof === undefined) {
      this.#refuse();
      return;
    }
    this.#loggedIn = true;
    this.socket.write(
      Buffer.concat([
        backend.authenticationSaslFinal(proof),
        backend.authenticationOk(),
        backend.parameterStatus('server_version', '17.0 (hostile pooler)'),
        backend.parameterStatus('client_encoding', 'UTF8'),
        backend.parameterStatus('standard_conforming_strings', 'on'),
        backend.backendKeyData(this.id, this.secretKey),
        backend.readyForQuery('I'),
      ]),
    );
    this.#events.loggedIn(this);
  }

  #refuse(): void {
    this.#events.loginFailed();
    this.kill(POOLER_ERRORS.wrongPassword);
  }
}
