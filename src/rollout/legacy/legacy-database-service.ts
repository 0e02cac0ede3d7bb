import type { AnonymousIdentity, ServiceIdentity } from '../../contract/identity.ts';
import type { DatabaseOperations } from '../database-operations.ts';

/**
 * The database over the Data API, made by `createLegacyDatabase`. Without a caller, from `withToken` or `as`, calls reject with an
 * `AuthenticationError` of code `IDENTITY_REQUIRED`.
 */
export interface LegacyDatabaseService<S> extends DatabaseOperations<S> {
  /** The same database as the owner of a token, which the Data API verifies with each call. */
  withToken(jwt: string): LegacyDatabaseService<S>;

  /** The same database as `anonymous()`, or as `service()`, which needs the option `serviceKey`. */
  as(identity: AnonymousIdentity | ServiceIdentity): LegacyDatabaseService<S>;
}
