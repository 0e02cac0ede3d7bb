import type { Actor } from '../../contract/identity.ts';
import type { CallLimits, ConnectionMode, ModeName } from '../../contract/mode.ts';
import type { PasswordSource } from '../../contract/password.ts';
import type { LoginName, Tell } from '../../contract/service-event.ts';
import {
  assertPortOf,
  type ConnectionSettings,
  deriveUrls,
  directMode,
  type OnConnection,
  parseConnectionUrl,
  type RefusedLogins,
  reserveOf,
  type SocketModeOptions,
  sessionMode,
  transactionMode,
} from '../../modes/index.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { LoginUrls } from '../options/service-options.ts';
import { checkLogin } from './login-check.ts';

type SocketModeName = Exclude<ModeName, 'embedded'>;

const SOCKET_MODES = ['direct', 'session', 'transaction'] as const satisfies readonly SocketModeName[];

const CHECK_PAUSE_MS = 30_000;

const MAKERS: Readonly<Record<SocketModeName, (options: SocketModeOptions) => ConnectionMode>> = {
  direct: directMode,
  session: sessionMode,
  transaction: transactionMode,
};

/** What the logins of a service share. */
interface LoginParts {
  readonly refusedLogins: RefusedLogins;
  readonly tell: Tell;
}

/** The modes of one login. */
export class Login {
  readonly modes = new Map<ModeName, ConnectionMode>();
  readonly settings = new Map<SocketModeName, ConnectionSettings>();
  readonly #config: ServiceConfig;
  readonly #shared: boolean;
  /** The option that holds the URL of each mode. */
  readonly #options = new Map<ModeName, string>();
  readonly #checked = new Map<ConnectionMode, Promise<void>>();
  readonly #trusted = new Set<ConnectionMode>();
  /** When a check that failed may be started ahead again. */
  readonly #notBefore = new Map<ConnectionMode, number>();

  readonly #name: LoginName;
  readonly #parts: LoginParts;

  /** @param shared - it serves users and the service role alike */
  constructor(config: ServiceConfig, name: LoginName, shared: boolean, parts: LoginParts) {
    this.#config = config;
    this.#name = name;
    this.#parts = parts;
    this.#shared = shared;
  }

  /** @param source - where the URL comes from, for messages */
  add(
    name: SocketModeName,
    option: string,
    url: string,
    source: string,
    password: PasswordSource | undefined,
  ): void {
    const config = this.#config;
    assertPortOf(name, option, url);
    const tls = config.tls?.ca === undefined ? {} : { ca: config.tls.ca };
    const settings = parseConnectionUrl(option, url, config.applicationName, tls, source, password);
    this.settings.set(name, settings);
    this.#options.set(name, option);
    const made = MAKERS[name]({
      settings,
      pool: config.pools[name],
      refusedLogins: this.#parts.refusedLogins,
      connectTimeoutMs: config.connectTimeoutMs,
      maxPrepared: config.maxPrepared,
      pooledStatements: config.pooledStatements,
      onNamesGivenUp: () => config.onWarning(namesGivenUp(option)),
      onConnection: this.onConnection(name),
      searchPath: config.searchPath,
      clock: config.clock,
      random: config.random,
    });
    this.modes.set(name, config.wrapMode(made));
  }

  /** Tells of the connections of a mode. One whose reply was not the one that was due ends with that. */
  onConnection(mode: ModeName): OnConnection | undefined {
    const tell = this.#parts.tell;
    if (tell === undefined) return undefined;
    const login = this.#name;
    return (change, milliseconds, errorCode) => {
      tell({ type: 'connection', mode, login, change, milliseconds, errorCode });
      if (change === 'ended' && errorCode === 'REPLY_MISMATCH') tell({ type: 'mismatch', mode, login });
    };
  }

  /** For whoever would use the mode in place of another one, and must not wait for that. */
  isChecked(mode: ConnectionMode): boolean {
    return this.#trusted.has(mode);
  }

  /** Starts the check for those that come later. What is wrong is told to the first call that needs the mode. */
  checkAhead(mode: ConnectionMode, actor: Actor): void {
    const { clock } = this.#config;
    if (this.#checked.has(mode) || clock.now() < (this.#notBefore.get(mode) ?? 0)) return;
    this.check(mode, actor)?.catch(() => this.#notBefore.set(mode, clock.now() + CHECK_PAUSE_MS));
  }

  /** Connections that statements leave free where they prefer another mode. */
  reserveOf(name: SocketModeName): number {
    const { modes, pools } = this.#config;
    return reserveOf(modes, new Set(this.modes.keys()), name, pools[name].max);
  }

  /** Undefined if the mode can be used immediately; otherwise a promise to wait for, which rejects if the login is refused. */
  check(mode: ConnectionMode, actor: Actor): Promise<void> | undefined {
    if (this.#trusted.has(mode) || mode.name === 'embedded') return undefined;
    let check = this.#checked.get(mode);
    if (check === undefined) {
      check = checkLogin(mode, actor, this.#checkLimits(), {
        ...this.#config,
        sharedLogin: this.#shared,
        option: this.#options.get(mode.name) ?? mode.name,
      }).then(
        () => void this.#trusted.add(mode),
        (error: unknown) => {
          this.#checked.delete(mode);
          throw error;
        },
      );
      this.#checked.set(mode, check);
    }
    return check;
  }

  /** All waiting callers share the check, so no caller's deadline or abort limits it. */
  #checkLimits(): CallLimits {
    const { clock, timeoutMs, maxBytes } = this.#config;
    return { deadline: clock.now() + timeoutMs, signal: undefined, maxRows: 1, maxBytes };
  }
}

/** A login with the modes of its URLs, and those that can be derived from them. */
export function loginOf(
  config: ServiceConfig,
  name: LoginName,
  given: LoginUrls,
  shared: boolean,
  parts: LoginParts,
): Login {
  const login = new Login(config, name, shared, parts);
  const prefix = name === 'service' ? 'service.' : '';
  const { direct, session, transaction } = given;
  const optionOf = (mode: SocketModeName) => `${prefix}${mode}`;
  const urls = deriveUrls({ direct, session, transaction }, optionOf);
  const derivedFrom = optionOf(session === undefined ? 'transaction' : 'session');
  const isGiven = (mode: SocketModeName) => urls[mode] === given[mode];
  const add = (mode: SocketModeName, source: string) => {
    const url = urls[mode];
    if (url !== undefined) login.add(mode, optionOf(mode), url, source, given.password);
  };
  // Those that were given come first: what is wrong with one is not told of another that was derived from it.
  for (const mode of SOCKET_MODES) if (isGiven(mode)) add(mode, `URL of the option '${optionOf(mode)}'`);
  for (const mode of SOCKET_MODES)
    if (!isGiven(mode)) add(mode, `URL derived from the option '${derivedFrom}'`);
  return login;
}

function namesGivenUp(option: string): string {
  return `The pooler of the option '${option}' lost the names of prepared statements several times within a minute, so statements are unnamed from now on. Check its max_prepared_statements, or remove the option 'pooledStatements'.`;
}
