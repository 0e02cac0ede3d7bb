import { anonymous, service } from '../../consolidated/identity/actors.ts';
import { checkedToken } from '../../consolidated/identity/token-verifier.ts';
import { AuthenticationError, ConfigurationError, UsageError } from '../../contract/errors.ts';
import type { AnonymousIdentity, ServiceIdentity } from '../../contract/identity.ts';
import { own } from '../../contract/own-property.ts';
import type { LegacyDatabaseService } from './legacy-database-service.ts';
import { type LegacySearchOptions, legacyRpc, legacySearch } from './legacy-functions.ts';
import type { LegacyConfig } from './legacy-options.ts';
import {
  found,
  type LegacyCalls,
  type LegacyReadOptions,
  legacyCount,
  legacySelect,
  legacySingle,
} from './legacy-reads.ts';
import {
  type LegacyWriteOptions,
  legacyDelete,
  legacyInsert,
  legacyUpdate,
  legacyUpsert,
} from './legacy-writes.ts';
import type { RecordedFetch } from './recorded-fetch.ts';
import type { GivenLimits, QuerySender } from './sent-query.ts';

/** What a header takes as a token (RFC 6750, 2.1). */
const TOKEN = /^[\w.~+/-]+=*$/;

/** Who calls: the key, and the token in place of it. */
interface LegacyCaller {
  readonly key: string;
  readonly token: string | null;
}

interface LegacyParts {
  readonly config: LegacyConfig;
  readonly recorded: RecordedFetch;
  readonly sender: QuerySender;
  readonly caller: LegacyCaller | undefined;
}

/**
 * A caller of the Data API, or nobody.
 *
 * The results have the type `never`, the only type that fits every `Database`. The `Database` generic gives the type of the
 * rows, and the Data API returns them.
 */
export class LegacyHandle<S> implements LegacyDatabaseService<S> {
  readonly #parts: LegacyParts;
  #calls: LegacyCalls | undefined;

  constructor(parts: LegacyParts) {
    this.#parts = parts;
  }

  withToken(jwt: string): LegacyHandle<S> {
    return this.#by({ key: this.#parts.config.key, token: checkedToken('withToken', jwt) });
  }

  as(identity: AnonymousIdentity | ServiceIdentity): LegacyHandle<S> {
    const { key, serviceKey } = this.#parts.config;
    if (identity === anonymous()) return this.#by({ key, token: null });
    if (identity !== service()) {
      throw new UsageError(
        'A legacy database acts as anonymous() or service(), or as the owner of a token by withToken(jwt).',
        { code: 'INVALID_IDENTITY' },
      );
    }
    if (serviceKey !== undefined) return this.#by({ key: serviceKey, token: null });
    throw new ConfigurationError("as(service()) needs the option 'serviceKey' of createLegacyDatabase.", {
      code: 'INVALID_OPTION',
    });
  }

  async select(table: string, options: LegacyReadOptions = {}): Promise<never> {
    return typed(await legacySelect(this.#called(), table, options));
  }

  async selectOne(table: string, options: LegacyReadOptions = {}): Promise<never> {
    return typed(found(await legacySingle(this.#called(), table, options), table));
  }

  async selectMaybe(table: string, options: LegacyReadOptions = {}): Promise<never> {
    return typed(await legacySingle(this.#called(), table, options));
  }

  async count(table: string, options: LegacyReadOptions = {}): Promise<number> {
    return legacyCount(this.#called(), table, options);
  }

  async insert(table: string, row: unknown, options: LegacyWriteOptions = {}): Promise<never> {
    return typed(await legacyInsert(this.#called(), table, row, options));
  }

  async update(table: string, set: unknown, options: LegacyWriteOptions): Promise<never> {
    return typed(await legacyUpdate(this.#called(), table, set, options ?? {}));
  }

  async delete(table: string, options: LegacyWriteOptions): Promise<never> {
    return typed(await legacyDelete(this.#called(), table, options ?? {}));
  }

  async upsert(table: string, row: unknown, options: LegacyWriteOptions = {}): Promise<never> {
    return typed(await legacyUpsert(this.#called(), table, row, options));
  }

  async rpc(name: string, args: unknown = {}, options: GivenLimits = {}): Promise<never> {
    const access = this.#parts.config.readFunctions.includes(name) ? 'read' : 'write';
    return typed(await legacyRpc(this.#called(), name, args, options, access));
  }

  async vectorSearch(table: string, options: LegacySearchOptions): Promise<never> {
    const fn = own(this.#parts.config.vectorSearch, table);
    return typed(await legacySearch(this.#called(), table, options, fn));
  }

  #by(caller: LegacyCaller): LegacyHandle<S> {
    return new LegacyHandle({ ...this.#parts, caller });
  }

  /** A client of the caller's own, made once it is used: a client has one token. */
  #called(): LegacyCalls {
    const { config, sender, recorded, caller } = this.#parts;
    if (caller === undefined) {
      throw new AuthenticationError('This call has no identity.', {
        code: 'IDENTITY_REQUIRED',
        hint: 'Use legacy.withToken(jwt), or legacy.as(anonymous()) or legacy.as(service()).',
      });
    }
    if (caller.token !== null && !TOKEN.test(caller.token)) {
      throw new AuthenticationError('The token is invalid: it is malformed.', { code: 'TOKEN_INVALID' });
    }
    this.#calls ??= {
      client: config.createClient(config.url, caller.key, {
        db: { schema: config.schema },
        global: { fetch: recorded.fetch },
        // Also without a token, so that supabase-js keeps no session of its own.
        accessToken: async () => caller.token,
      }),
      sender,
      maxRows: config.maxRows,
    };
    return this.#calls;
  }
}

/** Nothing here knows the rows of a `Database`: its generated types say what the tables hold. */
function typed(value: unknown): never {
  return value as never;
}
