/**
 * The only file that imports `pg` and `pg-protocol`: the part of them that this package uses.
 *
 * `pg` opens, encrypts and authenticates a connection; `pg-protocol` parses what the server sends. The
 * statements themselves are written by `wire/`, because one write must contain a whole batch.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import { parse } from 'pg-protocol';
import type { BackendMessage } from '../wire/messages.ts';

export const { Client } = pg;
export type { Client as PgClient, ClientConfig } from 'pg';

/** Turns chunks into messages. Throws on bytes that are not messages, so the caller must catch. */
interface MessageParser {
  push(chunk: Buffer): void;
}

export function createMessageParser(onMessage: (message: BackendMessage) => void): MessageParser {
  const source = new EventEmitter();
  // The types differ: pg-protocol declares its messages only by their base type.
  void parse(source as unknown as NodeJS.ReadableStream, onMessage as unknown as Parameters<typeof parse>[1]);
  return {
    push(chunk) {
      source.emit('data', chunk);
    },
  };
}

/** The parts of `pg`'s connection that we use before and after the handshake. */
export interface DriverConnection extends EventEmitter {
  stream: Socket;
  attachListeners(stream: Socket): void;
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

interface DriverConnectionConfig {
  readonly ssl: false | object;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelayMillis: number;
  /** Not connected yet. `pg` creates one if none is given. */
  readonly stream?: () => Socket;
}

export function createDriverConnection(config: DriverConnectionConfig): DriverConnection {
  // The types of `pg` leave out the methods of a connection.
  return new pg.Connection(
    config as ConstructorParameters<typeof pg.Connection>[0],
  ) as unknown as DriverConnection;
}

/** The parts of `pg.Client` that open a connection. */
export interface DriverClient extends EventEmitter {
  readonly processID: number | null;
  readonly secretKey: number | null;
  connect(): Promise<unknown>;
  getStartupConf(): Record<string, string>;
}

export function createDriverClient(config: Record<string, unknown>): DriverClient {
  // The types of `pg` leave out the process id, the key and the startup parameters.
  return new pg.Client(config as ConstructorParameters<typeof pg.Client>[0]) as unknown as DriverClient;
}
