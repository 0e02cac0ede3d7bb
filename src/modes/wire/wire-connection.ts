import type { Clock } from '../../contract/clock.ts';
import type { DatabaseError } from '../../contract/errors.ts';
import { connectionGivenUp, connectionLost, replyMismatch, resultTooLarge } from '../../contract/failures.ts';
import { Exchange, type ExchangeRequest } from './exchange.ts';
import { FrontendWriter } from './frontend-writer.ts';
import { MessageReader } from './message-reader.ts';
import type { BackendMessage } from './messages.ts';
import { PreparedStatements } from './prepared-statements.ts';
import { ProtocolViolation, type ReplyEnd, ResultTooLarge } from './reply-machine.ts';
import type { SessionDefaults } from './session-defaults.ts';

/** The transport of a connection: a socket, or PGlite in this process. */
export interface Channel {
  write(bytes: Buffer): void;
  /** Nothing that was written is buffered any more, so its memory can be reused. */
  readonly flushed: boolean;
  /** Closes immediately, without Terminate. */
  destroy(): void;
  /** Sends Terminate and closes. */
  end(): void;
  /** Asks the server to cancel what this connection runs; undefined where that cannot be done. */
  readonly cancel: (() => Promise<void>) | undefined;
}

/** Bytes that an idle connection may receive (notices, parameter changes) before it counts as broken. */
const MAX_IDLE_BYTES = 1 << 20;
/** Postgres ends a statement whose row would take more (54000). */
const MAX_MESSAGE_BYTES = 2 ** 30;
const DATA_ROW = 0x44; // D

/**
 * One connection that runs one batch at a time and trusts no reply.
 *
 * Invariant: at most one Sync is outstanding; a message that comes while none is, except the three kinds
 * that may come at any time, breaks the connection.
 */
export class WireConnection {
  readonly prepared: PreparedStatements;
  /** Set after raw SQL: any setting may have been left behind. */
  tainted = false;
  /** A write was refused because of the server, not of the statement. */
  isReadOnly = false;
  defaults: SessionDefaults = 'other';
  readonly openedAt: number;
  lastUsedAt: number;
  /** What the other end gave at the login; undefined where there was none. */
  readonly processId: number | undefined;

  readonly #clock: Clock;
  readonly #channel: Channel;
  readonly #reader: MessageReader;
  #writer: FrontendWriter | undefined;
  #exchange: Exchange | undefined;
  #status = 'I';
  #broken: DatabaseError | undefined;
  /** What ended it, set with `broken` where a cancel of ours may still be on its way. */
  #givenUp: DatabaseError | undefined;
  #bytes = 0;
  #onIdle: (() => void) | undefined;
  #onBroken: (() => void) | undefined;

  constructor(channel: Channel, clock: Clock, maxPrepared: number, processId?: number) {
    this.processId = processId;
    this.#channel = channel;
    this.#clock = clock;
    this.prepared = new PreparedStatements(maxPrepared);
    this.openedAt = clock.now();
    this.lastUsedAt = this.openedAt;
    this.#reader = new MessageReader({
      announce: (code, length) => this.#announced(code, length),
      accept: (message) => this.#message(message),
    });
  }

  get busy(): boolean {
    return this.#exchange !== undefined;
  }

  get broken(): DatabaseError | undefined {
    return this.#broken;
  }

  /** Status of the last ReadyForQuery. */
  get status(): string {
    return this.#status;
  }

  /** Calls back once, when the running exchange has ended or the connection broke. */
  whenIdle(callback: () => void): void {
    this.#onIdle = callback;
  }

  /** Calls back when the connection breaks while nothing runs on it. */
  whenBroken(callback: (() => void) | undefined): void {
    this.#onBroken = callback;
  }

  /**
   * An empty writer for the next batch, whose bytes must be sent before another writer is requested. It reuses the
   * memory of the last batch: the server has answered it, so its bytes were sent, unless they are still buffered.
   */
  writer(): FrontendWriter {
    if (this.#writer?.reusable !== true || !this.#channel.flushed) this.#writer = new FrontendWriter();
    return this.#writer.reset();
  }

  /** Writes one batch and follows its replies to ReadyForQuery. */
  exchange(request: ExchangeRequest): Promise<ReplyEnd> {
    if (this.#broken !== undefined)
      return Promise.reject(this.#givenUp ?? connectionLost('read', this.#broken));
    if (this.#exchange !== undefined) throw new Error('A batch is already running on this connection.');
    const exchange = new Exchange(request, this.#clock, {
      cancel: this.#channel.cancel,
      destroy: (error) => this.#break(error),
    });
    this.#exchange = exchange;
    this.#bytes = 0;
    this.#channel.write(request.bytes);
    return exchange.promise;
  }

  /**
   * Takes what the channel received; the chunk may be overwritten afterwards. Never throws: whatever the server
   * sends can break only this connection.
   */
  receive(chunk: Buffer): void {
    if (this.#broken !== undefined) return;
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limit()) {
      this.#outgrown();
      return;
    }
    try {
      this.#reader.push(chunk);
    } catch (cause) {
      // If the connection is already broken, its first error stays.
      if (this.#exchange !== undefined && cause instanceof ResultTooLarge) {
        this.#break(resultTooLarge(cause.message, 'maxRows', this.#exchange.access));
      } else {
        const what = cause instanceof Error ? cause.message : 'The reply is malformed.';
        this.#break(replyMismatch(what, this.#exchange?.access ?? 'read', cause));
      }
    }
  }

  /** The channel has ended. */
  closed(cause?: Error): void {
    if (this.#broken !== undefined) return;
    const failure = this.#exchange?.failureAtClose(cause) ?? connectionLost('read', cause);
    this.#break(failure);
  }

  /** Closes an idle connection politely. */
  end(): void {
    if (this.#broken !== undefined) return;
    this.#broken = connectionLost('read');
    this.#channel.end();
  }

  destroy(error: DatabaseError): void {
    this.#break(error);
  }

  #limit(): number {
    return this.#exchange?.maxBytes ?? MAX_IDLE_BYTES;
  }

  #outgrown(): void {
    const exchange = this.#exchange;
    if (exchange === undefined)
      this.#break(replyMismatch('The server sent too much data on an idle connection.', 'read'));
    else this.#break(resultTooLarge(`more than ${exchange.maxBytes} bytes`, 'maxBytes', exchange.access));
  }

  /** Checks the header. Otherwise a document would be buffered up to the limit before it is refused. */
  #announced(code: number, length: number): void {
    const limit = this.#limit();
    if (length > MAX_MESSAGE_BYTES || (length > limit && code !== DATA_ROW)) {
      // Only a row can be that long: the framing is lost, as after a reply that was cut.
      throw new ProtocolViolation('The server announced a message that is too long.');
    }
    if (length > limit) this.#outgrown();
  }

  #message(message: BackendMessage): void {
    // After a break the rest of the chunk is still read.
    if (this.#broken !== undefined) return;
    const exchange = this.#exchange;
    if (exchange === undefined) {
      this.#messageWhileIdle(message);
      return;
    }
    const end = exchange.accept(message);
    if (end === undefined) return;
    this.#exchange = undefined;
    if (end.error !== undefined) this.prepared.settleFailed(end.error);
    else for (const step of exchange.steps) if (step.kind === 'close') this.prepared.confirmClosed(step.name);
    if (end.defaults !== undefined) this.defaults = end.defaults;
    this.#status = end.status;
    this.#bytes = 0;
    this.lastUsedAt = this.#clock.now();
    exchange.finish(end);
    const { cancelled } = exchange;
    if (cancelled === undefined) {
      this.#tellIdle();
      return;
    }
    // A transaction that had more to send is told of the abort, not of a lost connection.
    this.#givenUp = connectionGivenUp(cancelled, exchange.signal);
    this.#break(connectionLost('read', new Error('A cancel may still be on its way.')));
  }

  #messageWhileIdle(message: BackendMessage): void {
    if (message.name === 'notice' || message.name === 'parameterStatus' || message.name === 'notification')
      return;
    if (message.name === 'error' && message.severity !== undefined) {
      // Usually 57P01: the server or the pooler is going down.
      this.#break(
        connectionLost('read', new Error(`The server closed the connection (${message.code ?? 'no code'}).`)),
      );
      return;
    }
    this.#break(replyMismatch(`The server sent ${message.name} while no batch was running.`, 'read'));
  }

  #break(error: DatabaseError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#channel.destroy();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.fail(error);
    this.#tellIdle();
    this.#onBroken?.();
  }

  #tellIdle(): void {
    const callback = this.#onIdle;
    this.#onIdle = undefined;
    callback?.();
  }
}
