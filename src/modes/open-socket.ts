import type { Socket } from 'node:net';
import type { Clock } from '../contract/clock.ts';
import { connectTimedOut, translateConnectError } from './connect-errors.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import {
  type BackendMessage,
  createDriverClient,
  createDriverConnection,
  createMessageParser,
  type DriverConnection,
} from './driver.ts';
import { tlsConfig } from './tls-config.ts';
import { type Channel, WireConnection } from './wire/wire-connection.ts';

const KEEP_ALIVE_AFTER_MS = 10_000;
/** Startup and authentication take a few hundred bytes; whoever sends a megabyte is no Postgres. */
const MAX_HANDSHAKE_BYTES = 1 << 20;
const CANCEL_PATIENCE_MS = 500;

export interface OpenSocketOptions {
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly maxPrepared: number;
}

/**
 * Opens a connection over a socket: `pg` does the handshake (TLS, SCRAM), then the bytes are ours.
 *
 * The parser runs inside the socket's data event, where an exception would end the process: it is guarded
 * from the first byte on, handshake included.
 */
export async function openSocket(
  settings: ConnectionSettings,
  options: OpenSocketOptions,
): Promise<WireConnection> {
  const where = `${settings.host}:${settings.port}`;
  const connection = createDriverConnection({
    ssl: tlsConfig(settings.tls),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
  });
  const receiver = guardReceiver(connection);
  const client = createDriverClient({
    connection,
    host: settings.host,
    port: settings.port,
    user: settings.user,
    database: settings.database,
    password: settings.password,
    ssl: tlsConfig(settings.tls),
  });
  // Poolers refuse or ignore every other startup parameter.
  client.getStartupConf = () => ({
    user: settings.user,
    database: settings.database,
    application_name: settings.applicationName,
  });
  // `pg` repeats a socket's error here; ours hears it from the connection.
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
  const wire = new WireConnection(channel, options.clock, options.maxPrepared);
  receiver.handOver(wire);
  let lastError: Error | undefined;
  connection.on('error', (error: Error) => {
    lastError = error;
  });
  connection.on('end', () => wire.closed(lastError));
  // It may have ended in the same chunk that completed the login, before anybody listened.
  if (connection.stream.destroyed) wire.closed();
  return wire;
}

function ignoreRepetition(): void {}

interface Receiver {
  handOver(wire: WireConnection): void;
}

/** Puts our guarded receiver where `pg` would parse the socket's data by itself. */
function guardReceiver(connection: DriverConnection): Receiver {
  let wire: WireConnection | undefined;
  let bytes = 0;
  const handshake = createMessageParser((message: BackendMessage) => {
    connection.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
  });
  connection.attachListeners = (stream: Socket) => {
    stream.on('data', (chunk: Buffer) => {
      if (wire !== undefined) {
        wire.receive(chunk);
        return;
      }
      try {
        bytes += chunk.length;
        if (bytes > MAX_HANDSHAKE_BYTES) throw new Error('The server sends too much before it is ready.');
        handshake.push(chunk);
      } catch (error) {
        stream.destroy(error instanceof Error ? error : new Error('The handshake is malformed.'));
      }
    });
  };
  return {
    handOver(next) {
      wire = next;
    },
  };
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
    write: (bytes) => void connection.stream.write(bytes),
    destroy: () => void connection.stream.destroy(),
    end: () => void connection.stream.end(terminate),
    cancel: () => sendCancel(settings, clock, processId, secretKey),
  };
}

/** A cancel request travels on a connection of its own. It has no answer; resolves when sent or given up. */
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
    // A cancel that cannot be delivered changes nothing: the connection it is for is destroyed instead.
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
