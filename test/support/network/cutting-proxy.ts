/**
 * A proxy in front of one address that knows which batch belongs to which part of an operation, and strikes at the very
 * boundary that it was told. It forwards whole batches and whole messages.
 */
import { connect, type Socket } from 'node:net';
import { type Part, PartReader } from './boundaries.ts';
import { type Address, LoopbackServer } from './loopback-server.ts';
import { FrontendReader, MessageReader, type TypedMessage } from './message-reader.ts';
import { resetSocket } from './reset-socket.ts';
import { cutWithin, OperationWatch, type Strike } from './strike.ts';

export class CuttingProxy {
  readonly #upstream: Address;
  readonly #links = new Set<CuttingLink>();
  readonly #server = new LoopbackServer((client) => {
    const link = new CuttingLink(client, this.#upstream, () => this.#watch);
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
  });
  #watch = new OperationWatch(undefined);

  constructor(upstream: Address) {
    this.#upstream = upstream;
  }

  start(): Promise<Address> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** An operation begins, with what shall meet it. */
  watch(strike: Strike | undefined): OperationWatch {
    this.#watch = new OperationWatch(strike);
    return this.#watch;
  }

  /** It has ended: nothing strikes any more, and connections that lost bytes are gone. */
  release(): void {
    this.#watch = new OperationWatch(undefined);
    for (const link of this.#links) if (link.lostBytes) link.cut('reset');
  }

  /** By which the server knows the connections on which a batch is under way. */
  get busyPorts(): readonly number[] {
    return [...this.#links].flatMap((link) => link.busyPort ?? []);
  }

  /** Ends all connections, so that the next operation begins with a new one. */
  cutAll(): void {
    for (const link of this.#links) link.cut('end');
  }
}

class CuttingLink {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #watch: () => OperationWatch;
  readonly #frontend = new FrontendReader();
  readonly #backend = new MessageReader();
  readonly #parts = new PartReader();
  /** Messages of the batch that is not complete yet. */
  #batch: TypedMessage[] = [];
  /** What each outstanding Sync belongs to, and whether its reply has begun. */
  readonly #asked: { readonly part: Part | undefined; begun: boolean; readonly watch: OperationWatch }[] = [];
  #loggedIn = false;
  #status = 'I';
  #over = false;
  lostBytes = false;

  constructor(client: Socket, upstream: Address, watch: () => OperationWatch) {
    this.#client = client;
    this.#watch = watch;
    this.#server = connect({ ...upstream, noDelay: true });
    this.#server.on('error', () => client.destroy());
    this.#server.on('close', () => client.end());
    client.on('end', () => this.#server.end());
    client.on('close', () => this.#server.end());
    client.on('data', (chunk) => this.#fromClient(chunk));
    this.#server.on('data', (chunk) => this.#fromServer(chunk));
  }

  get busyPort(): number | undefined {
    return this.#asked.length > 0 ? this.#server.localPort : undefined;
  }

  cut(how: 'reset' | 'end'): void {
    this.#over = true;
    // The server hears of the end only after what it was sent before.
    this.#server.end();
    if (how === 'reset') resetSocket(this.#client);
    else this.#client.destroySoon();
  }

  #fromClient(chunk: Buffer): void {
    if (this.#over) return;
    const { packets, messages } = this.#frontend.push(chunk);
    if (!this.#loggedIn || packets.length > 0) {
      this.#toServer(chunk);
      return;
    }
    for (const message of messages) {
      this.#batch.push(message);
      if (message.code === 'X' || message.code === 'Q') this.#toServer(this.#takeBatch());
      if (message.code === 'S') this.#request();
      if (this.#over) return;
    }
  }

  #takeBatch(): Buffer {
    return Buffer.concat(this.#batch.splice(0).map(({ bytes }) => bytes));
  }

  #request(): void {
    const watch = this.#watch();
    const messages = [...this.#batch];
    const bytes = this.#takeBatch();
    const part = this.#parts.partOf(messages, this.#status);
    this.#asked.push({ part, begun: false, watch });
    if (part !== undefined) {
      const cut = cutWithin(watch, part, 'request', messages, true);
      if (cut !== undefined) {
        if (cut > 0) this.#server.write(bytes.subarray(0, cut));
        this.cut(howOf(watch));
        return;
      }
      watch.sends(part);
    }
    this.#toServer(bytes);
  }

  #fromServer(chunk: Buffer): void {
    if (this.#over) return;
    const out: TypedMessage[] = [];
    for (const message of this.#backend.push(chunk)) {
      if (message.code === 'Z' && !this.#loggedIn) {
        this.#loggedIn = true;
        out.push(message);
        continue;
      }
      const [asked] = this.#asked;
      if (asked?.part !== undefined) {
        const cut = cutWithin(asked.watch, asked.part, 'reply', [message], !asked.begun);
        if (cut !== undefined) {
          this.#client.write(
            Buffer.concat([...out.map(({ bytes }) => bytes), message.bytes.subarray(0, cut)]),
          );
          this.cut(howOf(asked.watch));
          return;
        }
        asked.begun = true;
      }
      if (message.code === 'Z') {
        this.#status = message.body.toString('latin1');
        this.#asked.shift();
      }
      out.push(message);
    }
    if (out.length > 0) this.#toClient(Buffer.concat(out.map(({ bytes }) => bytes)));
  }

  #toServer(bytes: Buffer): void {
    if (this.#watch().swallowed === 'to-server') this.lostBytes = true;
    else this.#server.write(bytes);
  }

  #toClient(bytes: Buffer): void {
    if (this.#watch().swallowed === 'to-client') this.lostBytes = true;
    else this.#client.write(bytes);
  }
}

function howOf({ strike }: OperationWatch): 'reset' | 'end' {
  return strike?.kind === 'cut' ? strike.how : 'end';
}
