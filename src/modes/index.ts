/** The entry of this layer: everything that the layers above know about connecting to Postgres. */
export {
  type Choice,
  chooseMode,
  DEFAULT_MODE_TABLE,
  furtherModes,
  type ModeTable,
  reserveOf,
} from './choice.ts';
export { embeddedMode } from './embedded/embedded.ts';
export type { EmbeddedDatabase } from './embedded/embedded-database.ts';
export { runScript } from './embedded/run-script.ts';
export { WorkerDatabase } from './embedded/worker-database.ts';
export { ConnectionWatch, type OnConnection } from './pool/connection-watch.ts';
export { notOpened, wasNotOpened } from './pool/not-opened.ts';
export { RefusedLogins } from './pool/refused-logins.ts';
export {
  type AdminConnection,
  openAdminConnection,
  type RemoteAdminConnection,
  serverFaultOf,
} from './socket/admin-connection.ts';
export { connectTimedOut, translateConnectError } from './socket/connect-errors.ts';
export {
  type ConnectionSettings,
  decodedPart,
  isLoopback,
  parseConnectionUrl,
  parseUrl,
  type TlsOptions,
} from './socket/connection-settings.ts';
export { directMode } from './socket/direct.ts';
export {
  type Patience,
  passwordOf,
  withPassword,
} from './socket/login-password.ts';
export {
  assertPortOf,
  deriveUrls,
  isSupabasePooler,
  type ModeUrls,
  type NameOfUrl,
} from './socket/pooler-urls.ts';
export {
  isPooled,
  misplacedUrl,
  type ProbedConnection,
  type ReachedMode,
  refusesStartupParameter,
  sharesBackends,
} from './socket/reached-mode.ts';
export { sessionMode } from './socket/session.ts';
export type { SocketModeOptions } from './socket/socket-mode.ts';
export { tlsConfig } from './socket/tls-config.ts';
export { transactionMode } from './socket/transaction.ts';
export { followedNames } from './wire/followed-names.ts';
export { namesOwnSchema } from './wire/missing-own-schema.ts';
export { unanswered, wasUnanswered } from './wire/unanswered.ts';
