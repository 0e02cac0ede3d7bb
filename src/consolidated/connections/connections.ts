import { ConfigurationError, DatabaseError, ServiceError } from '../../contract/errors.ts';
import type { Actor } from '../../contract/identity.ts';
import type { ConnectionMode, ModeName } from '../../contract/mode.ts';
import type { LoginName, Tell } from '../../contract/service-event.ts';
import type { StatementKind } from '../../contract/statement.ts';
import {
  type Choice,
  type ConnectionSettings,
  chooseMode,
  embeddedMode,
  furtherModes,
  type OnConnection,
  RefusedLogins,
} from '../../modes/index.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { LoginUrls, PGliteLike } from '../options/service-options.ts';
import { LazyEmbeddedDatabase } from './lazy-embedded-database.ts';
import { Login, loginOf } from './login.ts';

/** A mode of a login. */
export interface Way {
  readonly mode: ConnectionMode;
  readonly login: LoginName;
}

/**
 * All connections that the options configure: one login for users, one for the service role, each with
 * its modes. Only this class decides which mode a statement uses.
 */
export class Connections {
  readonly #config: ServiceConfig;
  readonly #users: Login;
  readonly #service: Login;
  readonly #configured: ReadonlySet<ModeName>;
  readonly #serviceConfigured: ReadonlySet<ModeName>;
  readonly #embedded: LazyEmbeddedDatabase | undefined;
  /** Of all logins and of what listens: a pooler counts them together. */
  readonly refusedLogins = new RefusedLogins();

  constructor(config: ServiceConfig, tell?: Tell) {
    this.#config = config;
    const { embedded } = config;
    const parts = { refusedLogins: this.refusedLogins, tell };
    assertPasswordsUsed(config);
    const hasUrl = hasUrls(config) || (config.service !== undefined && hasUrls(config.service));
    if (embedded !== false) {
      if (hasUrl) throw invalid("Set either connection URLs or 'embedded', not both.");
      this.#embedded = new LazyEmbeddedDatabase(embedded === true ? {} : embedded);
      this.#users = new Login(config, 'users', false, parts);
      this.#users.modes.set('embedded', config.wrapMode(this.#embeddedMode(this.#embedded)));
      this.#service = this.#users;
    } else {
      if (!hasUrls(config)) {
        throw invalid(
          "No database is configured: set a URL ('direct', 'session' or 'transaction'), or 'embedded: true'.",
        );
      }
      const shared = config.service === undefined || !hasUrls(config.service);
      if (shared && config.production) {
        throw new ConfigurationError(
          "With 'production' the service role needs its own login: set 'service: { direct | session | transaction }'.",
          {
            code: 'PRIVILEGED_LOGIN',
            hint: "'cdb init' creates the logins and prints their URLs.",
          },
        );
      }
      this.#users = loginOf(config, 'users', config, shared, parts);
      this.#service = shared
        ? this.#users
        : loginOf(config, 'service', config.service as LoginUrls, false, parts);
    }
    this.#configured = new Set(this.#users.modes.keys());
    this.#serviceConfigured = new Set(this.#service.modes.keys());
  }

  /**
   * What a call waits for before its time begins: opening PGlite takes seconds, once, and the first call should not
   * time out because of it.
   */
  opening(): Promise<unknown> | undefined {
    return this.#embedded === undefined || this.#embedded.opened ? undefined : this.#open(this.#embedded);
  }

  /** Names of the modes that users' statements can use. */
  get configured(): ReadonlySet<ModeName> {
    return this.#configured;
  }

  /** The login that serves this actor: the service role may share that of the users. */
  loginOf(actor: Actor): LoginName {
    return actor.kind === 'service' && this.#service !== this.#users ? 'service' : 'users';
  }

  choose(kind: StatementKind, actor: Actor, choice: Choice): ConnectionMode {
    const service = actor.kind === 'service';
    const configured = service ? this.#serviceConfigured : this.#configured;
    const name = chooseMode(this.#config.modes, kind, configured, choice);
    return (service ? this.#service : this.#users).modes.get(name) as ConnectionMode;
  }

  /**
   * The mode for one batch that prefers `mode`: that one, unless it is full and another one of the row can begin at
   * once.
   *
   * @param fits whether a mode may be used in place of another one
   */
  relieve(
    mode: ConnectionMode,
    kind: StatementKind,
    actor: Actor,
    choice: Choice,
    fits?: (other: ConnectionMode) => boolean,
  ): ConnectionMode {
    return mode.isFull ? (this.elsewhere(mode, kind, actor, choice, fits) ?? mode) : mode;
  }

  /**
   * Another mode of the row that can begin at once. Nothing waits there, and nothing goes where the login was not
   * checked.
   */
  elsewhere(
    mode: ConnectionMode,
    kind: StatementKind,
    actor: Actor,
    choice: Choice,
    fits: (other: ConnectionMode) => boolean = always,
  ): ConnectionMode | undefined {
    const login = actor.kind === 'service' ? this.#service : this.#users;
    if (login.modes.size === 1) return undefined;
    for (const name of furtherModes(this.#config.modes, kind, mode.name, choice)) {
      const other = login.modes.get(name);
      if (other === undefined || name === 'embedded') continue;
      if (!login.isChecked(other)) login.checkAhead(other, actor);
      else if (other.hasRoom(login.reserveOf(name)) && fits(other)) return other;
    }
    return undefined;
  }

  /** Each mode of each login once. */
  ways(): readonly Way[] {
    const users = [...this.#users.modes.values()].map((mode): Way => ({ mode, login: 'users' }));
    if (this.#service === this.#users) return users;
    return [...users, ...[...this.#service.modes.values()].map((mode): Way => ({ mode, login: 'service' }))];
  }

  check(mode: ConnectionMode, actor: Actor): Promise<void> | undefined {
    return (actor.kind === 'service' ? this.#service : this.#users).check(mode, actor);
  }

  /** Where LISTEN runs: a server connection of the service's own login, or PGlite. */
  listenTarget(mode: ModeName):
    | {
        readonly settings: ConnectionSettings;
        readonly login: LoginName;
        readonly onConnection: OnConnection | undefined;
      }
    | { readonly embedded: LazyEmbeddedDatabase } {
    if (this.#embedded !== undefined) return { embedded: this.#embedded };
    const settings = mode === 'direct' || mode === 'session' ? this.#service.settings.get(mode) : undefined;
    if (settings === undefined) {
      throw new ConfigurationError(
        "listen() needs a 'direct' or 'session' URL: a pooler in transaction mode loses subscriptions.",
        {
          code: 'UNSUPPORTED',
        },
      );
    }
    const login = this.#service === this.#users ? 'users' : 'service';
    return { settings, login, onConnection: this.#service.onConnection(mode) };
  }

  async close(drainMs: number): Promise<void> {
    const modes = new Set([...this.#users.modes.values(), ...this.#service.modes.values()]);
    await Promise.all([...modes].map((mode) => mode.close(drainMs)));
    await this.#embedded?.close();
  }

  async #open(database: LazyEmbeddedDatabase): Promise<PGliteLike> {
    try {
      return await database.open();
    } catch (cause) {
      if (cause instanceof DatabaseError) throw cause;
      throw new ServiceError('The embedded database could not be opened.', {
        code: 'EMBEDDED_FAILED',
        cause,
      });
    }
  }

  #embeddedMode(database: LazyEmbeddedDatabase): ConnectionMode {
    const { clock, maxPrepared, random, searchPath } = this.#config;
    return embeddedMode({
      database: () => this.#open(database),
      discardCommands: database.discardCommands,
      searchPath,
      maxWaiting: 10_000,
      maxPrepared,
      clock,
      random,
      onConnection: this.#users.onConnection('embedded'),
    });
  }
}

function always(): boolean {
  return true;
}

function hasUrls(urls: LoginUrls): boolean {
  return urls.direct !== undefined || urls.session !== undefined || urls.transaction !== undefined;
}

/** A password that nobody asks for would be a login that is not the one that was meant. */
function assertPasswordsUsed(config: ServiceConfig): void {
  const name = [
    config.password !== undefined && !hasUrls(config) && 'password',
    config.service?.password !== undefined && !hasUrls(config.service) && 'service.password',
  ].find((found) => found !== false);
  if (name === undefined) return;
  throw invalid(`The option '${name}' needs a URL beside it: 'direct', 'session' or 'transaction'.`);
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(message, { code: 'INVALID_OPTION' });
}
