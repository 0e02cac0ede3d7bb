import { Socket } from 'node:net';
import type { Clock } from '../../contract/clock.ts';
import type { BackendMessage } from '../wire/messages.ts';
import { type Channel, WireConnection } from '../wire/wire-connection.ts';
import { connectTimedOut, translateConnectError } from './connect-errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import {
  createDriverClient,
  createDriverConnection,
  createMessageParser,
  type DriverConnection,
} from './driver.ts';
import { loginConfig, startupParameters } from './login-config.ts';
import { tlsConfig } from './tls-config.ts';
import { handOver, receiveInTurn, writeInTurn } from './turn.ts';

const KEEP_ALIVE_AFTER_MS = 10_000;
/** Startup and authentication take a few hundred bytes; a server that sends a megabyte is not Postgres. */
const MAX_HANDSHAKE_BYTES = 1 << 20;
const CANCEL_PATIENCE_MS = 500;
/** All sockets without TLS read into this buffer: a chunk is handled or copied before the next is read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);
/** A larger chunk is handled in place: to delay it would mean to copy it. */
const MAX_COPIED_BYTES = 4 * 1024;

interface OpenSocketOptions {
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly maxPrepared: number;
  readonly password: string;
  /** `options` of the startup packet. A pooler refuses or ignores them. */
  readonly startupOptions: string | undefined;
}

/**
 * Opens a connection over a socket: `pg` does the handshake (TLS, SCRAM), then we read and write the bytes.
 *
 * The parser runs inside the socket's data event, where an exception would end the process. So its errors are
 * caught from the first byte on, including the handshake.
 */
export async function openSocket(
  settings: ConnectionSettings,
  options: OpenSocketOptions,
): Promise<WireConnection> {
  const where = `${settings.host}:${settings.port}`;
  const receiver = new SocketReceiver();
  const connection = createDriverConnection({
    ssl: tlsConfig(settings.tls),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    // With TLS the socket reads encrypted bytes.
    ...(settings.tls.kind === 'off' && { stream: () => receiver.plainSocket() }),
  });
  receiver.attach(connection);
  const client = createDriverClient({ connection, ...loginConfig(settings, options.password) });
  const asked = options.startupOptions;
  client.getStartupConf = () => startupParameters(settings, asked === undefined ? {} : { options: asked });
  // `pg` repeats a socket's error here. We get it from the connection.
  client.on('error', ignoreRepetition);

  let timedOut = false;
  const timer = options.clock.schedule(() => {
    timedOut = true;
    connection.stream.destroy();
  }, options.connectTimeoutMs);
  try {
    await client.connect();
  } catch (cause) {
    connection.stream.destroy();
    throw timedOut ? connectTimedOut(where, options.connectTimeoutMs) : translateConnectError(cause, where);
  } finally {
    timer.cancel();
  }

  const channel = socketChannel(
    connection,
    settings,
    options.clock,
    client.processID ?? 0,
    client.secretKey ?? 0,
  );
  const wire = new WireConnection(channel, options.clock, options.maxPrepared, client.processID ?? undefined);
  if (asked !== undefined) wire.defaults = 'asked';
  receiver.handOver(wire);
  let lastError: Error | undefined;
  connection.on('error', (error: Error) => {
    lastError = error;
  });
  connection.on('end', () => {
    // Handle first what came before the end: it may give the reason.
    handOver();
    wire.closed(lastError);
  });
  // It may have ended in the same chunk that completed the login, before the listener was added.
  if (connection.stream.destroyed) wire.closed();
  return wire;
}

function ignoreRepetition(): void {}

/** Replaces `pg`'s own parsing of the socket's data, and catches its errors. */
class SocketReceiver {
  #wire: WireConnection | undefined;
  #connection: DriverConnection | undefined;
  #handshakeBytes = 0;
  readonly #handshake = createMessageParser((message: BackendMessage) => {
    this.#connection?.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
  });

  /** A socket that reads into existing memory. */
  plainSocket(): Socket {
    const socket: Socket = new Socket({
      onread: {
        buffer: readBuffer,
        callback: (bytes) => {
          this.#receive(socket, readBuffer.subarray(0, bytes), true);
          return true;
        },
      },
    });
    return socket;
  }

  attach(connection: DriverConnection): void {
    this.#connection = connection;
    // A socket with its own buffer has no such events.
    connection.attachListeners = (stream: Socket) => {
      stream.on('data', (chunk: Buffer) => this.#receive(stream, chunk, false));
    };
  }

  handOver(wire: WireConnection): void {
    this.#wire = wire;
  }

  #receive(stream: Socket, chunk: Buffer, isOverwritten: boolean): void {
    if (this.#wire === undefined) {
      this.#shakeHands(stream, chunk);
      return;
    }
    if (!isOverwritten) receiveInTurn(this.#wire, chunk);
    else if (chunk.length <= MAX_COPIED_BYTES) receiveInTurn(this.#wire, Buffer.from(chunk));
    else {
      handOver();
      this.#wire.receive(chunk);
    }
  }

  #shakeHands(stream: Socket, chunk: Buffer): void {
    try {
      this.#handshakeBytes += chunk.length;
      if (this.#handshakeBytes > MAX_HANDSHAKE_BYTES) {
        throw new Error('The server sent too much data during the handshake.');
      }
      // The driver's parser keeps the chunk.
      this.#handshake.push(Buffer.from(chunk));
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error('The handshake is malformed.'));
    }
  }
}

function socketChannel(
  connection: DriverConnection,
  settings: ConnectionSettings,
  clock: Clock,
  processId: number,
  secretKey: number,
): Channel {
  const terminate = Buffer.from([0x58, 0, 0, 0, 4]);
  return {
    write: (bytes) => writeInTurn(connection.stream, bytes),
    get flushed() {
      return connection.stream.writableLength === 0;
    },
    destroy: () => void connection.stream.destroy(),
    end: () => void connection.stream.end(terminate),
    cancel: () => sendCancel(settings, clock, processId, secretKey),
  };
}

/** A cancel request uses its own connection. It has no answer; resolves when it was sent or has failed. */
function sendCancel(
  settings: ConnectionSettings,
  clock: Clock,
  processId: number,
  secretKey: number,
): Promise<void> {
  return new Promise((resolve) => {
    const connection = createDriverConnection({
      ssl: tlsConfig(settings.tls),
      keepAlive: false,
      keepAliveInitialDelayMillis: 0,
    });
    // If the cancel cannot be delivered, the connection that it is for is destroyed instead.
    const done = (): void => {
      timer.cancel();
      connection.stream.destroy();
      resolve();
    };
    const timer = clock.schedule(done, CANCEL_PATIENCE_MS);
    const send = (): void => {
      connection.cancel(processId, secretKey);
      connection.stream.end();
    };
    connection.attachListeners = (stream: Socket) => void stream.resume();
    connection.on('error', done);
    connection.on('end', done);
    connection.on('connect', () => {
      if (settings.tls.kind === 'off') send();
      else connection.requestSsl();
    });
    connection.on('sslconnect', send);
    if (settings.host.startsWith('/')) connection.connect(`${settings.host}/.s.PGSQL.${settings.port}`);
    else connection.connect(settings.port, settings.host);
  });
}
