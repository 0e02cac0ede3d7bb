import type { Clock } from '../../contract/clock.ts';
import { ConnectionError, type DatabaseError, OutcomeUnknownError } from '../../contract/errors.ts';
import type { ServerMessage } from '../wire/messages.ts';
import { failureOfClosed, translateServerError } from '../wire/server-errors.ts';
import { connectTimedOut, translateConnectError } from './connect-errors.ts';
import { type ConnectionSettings, parseConnectionUrl, type TlsOptions } from './connection-settings.ts';
import { Client, type ClientConfig, type DriverClient, type PgClient } from './driver.ts';
import { loginConfig, startupParameters } from './login-config.ts';

/**
 * One connection for management: migrations, logins, checks. It has no caller and no call
 * limits: it can do what its login can do.
 */
export interface AdminConnection {
  /** `user@host:port/database`, for messages. */
  readonly where: string;
  readonly user: string;
  readonly database: string;
  /** Runs one statement with bound values. int8 and numeric arrive in the driver's form: cast them to int4 or text. */
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs one or more statements with the simple protocol. The error's `cause` is a `ServerFault`. */
  script(text: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * What the server reported about one of our own scripts, whose text is not secret. Postgres' `detail` is left
 * out because it contains values of rows.
 */
interface ServerFault {
  readonly message: string;
  readonly hint: string | undefined;
  /** Offset in the script in characters, from 1. */
  readonly position: number | undefined;
}

interface Notice {
  readonly severity: string;
  readonly message: string;
}

interface AdminConnectionOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** What messages call the URL, such as `CDB_ADMIN_URL`. */
  readonly name: string;
  readonly tls?: TlsOptions;
  readonly clock: Clock;
  /** @defaultValue 10_000 */
  readonly connectTimeoutMs?: number;
  /** Sent at login beside user, database and application name. Poolers refuse or ignore most of them. */
  readonly startupParameters?: Readonly<Record<string, string>>;
  readonly onNotice?: (notice: Notice) => void;
}

/** An open connection, with the properties that only a socket has. */
export interface RemoteAdminConnection extends AdminConnection {
  readonly settings: ConnectionSettings;
  /** The process id that the server, or the pooler in front of it, gave at login. */
  readonly processId: number | undefined;
  /** Runs a statement that returns one text, as a named one: poolers that do not follow names may refuse it. */
  named(name: string, text: string): Promise<string>;
}

/**
 * Opens a connection to a server.
 *
 * @throws ConfigurationError `INVALID_URL`; ConnectionError, such as `LOGIN_REFUSED`. None of them
 * contains the URL.
 */
export async function openAdminConnection(options: AdminConnectionOptions): Promise<RemoteAdminConnection> {
  const settings = parseConnectionUrl(options.name, options.url, 'cdb', options.tls);
  const address = `${settings.host}:${settings.port}`;
  const connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
  const client = withHandshake(loginConfig(settings, settings.password));
  client.getStartupConf = () => startupParameters(settings, options.startupParameters);
  // A connection that ends while idle only emits an event; the next call gets the error.
  client.on('error', ignoreUntilNextCall);
  client.on('notice', (notice) => {
    options.onNotice?.({ severity: notice.severity ?? 'NOTICE', message: notice.message ?? '' });
  });
  let timedOut = false;
  const timer = options.clock.schedule(() => {
    timedOut = true;
    client.connection.stream.destroy();
  }, connectTimeoutMs);
  try {
    await client.connect();
  } catch (cause) {
    client.connection.stream.destroy();
    throw timedOut
      ? connectTimedOut(address, connectTimeoutMs)
      : translateConnectError(cause, address, CA_HINT);
  } finally {
    timer.cancel();
  }
  return new ServerConnection(client, settings);
}

const CA_HINT =
  "Download the project's CA certificate and pass its file: --tls-ca prod-ca.crt, or the variable CDB_TLS_CA.";

/** `pg`'s client, with the parts that are missing in its types. */
type HandshakeClient = PgClient & Pick<DriverClient, 'processID' | 'getStartupConf'>;

function withHandshake(config: ClientConfig): HandshakeClient {
  return new Client(config) as HandshakeClient;
}

class ServerConnection implements RemoteAdminConnection {
  readonly where: string;
  readonly user: string;
  readonly database: string;
  readonly settings: ConnectionSettings;
  readonly processId: number | undefined;
  readonly #client: HandshakeClient;

  constructor(client: HandshakeClient, settings: ConnectionSettings) {
    this.#client = client;
    this.settings = settings;
    this.user = settings.user;
    this.database = settings.database;
    this.where = `${settings.user}@${settings.host}:${settings.port}/${settings.database}`;
    this.processId = client.processID ?? undefined;
  }

  async query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    try {
      return (await this.#client.query<Row>(text, [...values])).rows;
    } catch (cause) {
      throw translate(cause, this.where, 'values');
    }
  }

  async named(name: string, text: string): Promise<string> {
    try {
      const { rows } = await this.#client.query<string[]>({ name, text, rowMode: 'array' });
      return rows[0]?.[0] ?? '';
    } catch (cause) {
      throw translate(cause, this.where, 'values');
    }
  }

  async script(text: string): Promise<void> {
    try {
      await this.#client.query(text);
    } catch (cause) {
      throw translate(cause, this.where, 'script');
    }
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

/** The part of PGlite that management needs. */
interface ManagedDatabase {
  query<Row>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>;
  exec(text: string): Promise<unknown>;
}

/** For management operations on an embedded database. `close()` leaves it open: it belongs to its owner. */
export function embeddedAdminConnection(database: ManagedDatabase): AdminConnection {
  const where = 'the embedded database';
  return {
    where,
    user: 'postgres',
    database: 'postgres',
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      try {
        return (await database.query<Row>(text, [...values])).rows;
      } catch (cause) {
        throw translate(cause, where, 'values');
      }
    },
    async script(text) {
      try {
        await database.exec(text);
      } catch (cause) {
        throw translate(cause, where, 'script');
      }
    },
    async close() {},
  };
}

/** What the server reported about a failed `script`; undefined when the error is not the server's. */
export function serverFaultOf(error: unknown): ServerFault | undefined {
  if (!(error instanceof Error) || !(error.cause instanceof ScriptFault)) return undefined;
  return error.cause;
}

class ScriptFault implements ServerFault {
  readonly message: string;
  readonly hint: string | undefined;
  readonly position: number | undefined;
  constructor(error: ServerMessage & { readonly position?: unknown }) {
    this.message = error.message ?? '';
    this.hint = error.hint;
    this.position = typeof error.position === 'string' ? Number(error.position) : undefined;
  }
}

function translate(cause: unknown, where: string, kind: 'values' | 'script'): DatabaseError {
  if (isServerError(cause)) {
    const error =
      cause.severity === 'ERROR'
        ? translateServerError(cause, { access: 'write', trusted: kind === 'script' })
        : failureOfClosed(cause, 'write', true);
    return kind === 'script'
      ? Object.defineProperty(error, 'cause', { value: new ScriptFault(cause) })
      : error;
  }
  if (cause instanceof Error && /not queryable|Client was closed/.test(cause.message)) {
    return new ConnectionError(`The connection to ${where} is closed.`, { code: 'CONNECTION_LOST' });
  }
  return new OutcomeUnknownError(`The connection to ${where} was lost while a statement was running.`, {
    code: 'CONNECTION_LOST',
    cause,
  });
}

function isServerError(cause: unknown): cause is ServerMessage {
  return (
    cause instanceof Error &&
    'severity' in cause &&
    typeof cause.severity === 'string' &&
    'code' in cause &&
    typeof cause.code === 'string'
  );
}

function ignoreUntilNextCall(): void {}
