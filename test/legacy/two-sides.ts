import { createClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import {
  anonymous,
  type ConsolidatedDatabaseService,
  createDatabaseService,
  createLegacyDatabase,
  type DatabaseOperations,
  type LegacyDatabaseOptions,
  type LegacyDatabaseService,
  service,
  type UntypedDatabase,
} from '../../src/index.ts';
import { serverDatabase } from '../support/data-api/api-database.ts';
import { FakeDataApi, type FakeDataApiOptions } from '../support/data-api/fake-data-api.ts';
import { createTestDatabase, type TestDatabase, type TestDatabaseOptions } from '../support/full-stack.ts';

const SECRET = 'a secret of the legacy tests, thirty-two bytes or more';

export type AnyOperations = DatabaseOperations<UntypedDatabase['public']>;

/** One database of the server, behind the service and behind the fake Data API. */
export class TwoSides implements AsyncDisposable {
  readonly database: TestDatabase;
  readonly api: FakeDataApi;
  readonly consolidated: ConsolidatedDatabaseService;

  private constructor(database: TestDatabase, api: FakeDataApi) {
    this.database = database;
    this.api = api;
    this.consolidated = createDatabaseService({
      direct: database.user.direct,
      service: { direct: database.service.direct },
      jwt: { secret: SECRET },
    });
  }

  static async open(
    options: TestDatabaseOptions,
    api: Omit<FakeDataApiOptions, 'database' | 'secret'> = {},
  ): Promise<TwoSides> {
    const database = await createTestDatabase(options);
    const data = serverDatabase(database.adminUrl);
    return new TwoSides(database, await FakeDataApi.start({ database: data, secret: SECRET, ...api }));
  }

  legacy(
    options: Partial<Omit<LegacyDatabaseOptions, 'schema'>> = {},
  ): LegacyDatabaseService<UntypedDatabase['public']> {
    const { url, anonKey, serviceKey } = this.api;
    return createLegacyDatabase({ createClient, url, key: anonKey, serviceKey, ...options });
  }

  /** The two as the same caller, with what their answers are called. */
  as(caller: 'anonymous' | 'service' | { readonly token: string }): Readonly<Record<Side, AnyOperations>> {
    const [legacy, consolidated] = [this.legacy(), this.consolidated];
    if (caller === 'anonymous')
      return { legacy: legacy.as(anonymous()), consolidated: consolidated.as(anonymous()) };
    if (caller === 'service')
      return { legacy: legacy.as(service()), consolidated: consolidated.as(service()) };
    return { legacy: legacy.withToken(caller.token), consolidated: consolidated.withToken(caller.token) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.consolidated.close({ drainMs: 1_000 });
    await this.api[Symbol.asyncDispose]();
    await this.database.drop();
  }
}

export type Side = 'legacy' | 'consolidated';

/** A token as the project's authentication signs it. */
export function tokenOf(sub: string, expiresIn = '1h'): Promise<string> {
  return new SignJWT({ sub, role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(SECRET));
}
