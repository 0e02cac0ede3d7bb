export type { ApiKeySecret } from './business/api-keys/api-key-secret.ts';
export type { ApiKeyVerifier, ApiKeyVerifierStats } from './business/api-keys/api-key-verifier.ts';
export type {
  ApiKeys,
  CreatedApiKey,
  KeyPage,
  KeyRotation,
  ListedKeys,
  NewApiKey,
} from './business/api-keys/api-keys.ts';
export type {
  ApiKeyRecord,
  ApiKeysSchema,
  KeyVerificationSchema,
} from './business/api-keys/api-keys-schema.ts';
export type { ListeningHandle } from './business/api-keys/change-watch.ts';
export {
  type ApiKeyVerifierOptions,
  createApiKeyVerifier,
} from './business/api-keys/create-api-key-verifier.ts';
export { type ApiKeysOptions, createApiKeys } from './business/api-keys/create-api-keys.ts';
export { requireScope } from './business/api-keys/require-scope.ts';
export { createRepository } from './business/create-repository.ts';
export type { Json, JsonObject } from './business/json-object.ts';
export type { ActingHandle, ModuleHandle } from './business/module-handle.ts';
export type {
  KeyColumns,
  KeyOf,
  Page,
  Repository,
  RepositoryHandle,
  RepositoryOptions,
  RepositoryTable,
} from './business/repository.ts';
export type {
  NewSearch,
  PopularOptions,
  PopularSearch,
  PurgeOptions,
  RecentOptions,
  Search,
} from './business/search-history/search.ts';
export { createSearchHistory, type SearchHistory } from './business/search-history/search-history.ts';
export type { SearchHistorySchema } from './business/search-history/search-history-schema.ts';
export {
  createSearchRecorder,
  type SearchRecorder,
  type SearchRecorderOptions,
  type SearchRecorderStats,
} from './business/search-history/search-recorder.ts';
export type { AccessTokenOptions } from './business/sign-in/access-tokens.ts';
export type {
  AuthService,
  AuthSession,
  Credentials,
  SessionTokens,
} from './business/sign-in/auth-service.ts';
export { type LocalAuthOptions, localAuth } from './business/sign-in/create-local-auth.ts';
export type { Argon2 } from './business/sign-in/load-argon2.ts';
export type { LocalAuth, PasswordChange, Registration } from './business/sign-in/local-auth.ts';
export type { SignInSchema } from './business/sign-in/sign-in-schema.ts';
export { type SupabaseAuthOptions, supabaseAuth } from './business/sign-in/supabase-auth.ts';
export type { SupabaseClientLike } from './business/sign-in/supabase-client.ts';
export type { AlikeTrip, Collaborator, FoundTrip, Trip } from './business/trips/trip.ts';
export type { NewTrip, TripChanges } from './business/trips/trip-input.ts';
export type { TripLikeness, TripListOptions, TripSearch } from './business/trips/trip-options.ts';
export { createTrips, type Trips } from './business/trips/trips.ts';
export type { TripsSchema } from './business/trips/trips-schema.ts';
export type { Profile, RemovedUser } from './business/users/profile.ts';
export type { NewProfile, ProfileChanges, UserListOptions } from './business/users/profile-input.ts';
export { createUsers, type Users } from './business/users/users.ts';
export type { UsersSchema } from './business/users/users-schema.ts';
export { op } from './consolidated/filters/operator.ts';
export { path } from './consolidated/filters/path.ts';
export type { TextSearchLanguage } from './consolidated/filters/text-search-languages.ts';
export { anonymous, service, user } from './consolidated/identity/actors.ts';
export {
  type MonitoringHandler,
  type MonitoringHandlerOptions,
  monitoringHandler,
} from './consolidated/monitoring/monitoring-handler.ts';
export { nodeListener } from './consolidated/monitoring/node-listener.ts';
export { statusPage } from './consolidated/monitoring/status-page.ts';
export type {
  CacheServiceOptions,
  SecondLevelOptions,
} from './consolidated/options/cache-service-options.ts';
export type {
  BreakerOptions,
  DatabaseServiceOptions,
  EmbeddedOptions,
  JwtOptions,
  KeySourceOptions,
  LoginUrls,
  MetricsOptions,
  PoolOptions,
  RetryOptions,
} from './consolidated/options/service-options.ts';
export { closeDatabaseService, getDatabaseService } from './consolidated/process-service.ts';
export { fragment, identifier, join, json } from './consolidated/raw-sql/fragment.ts';
export { type KeyvLike, keyvStore } from './consolidated/second-level/keyv-store.ts';
export { createDatabaseService } from './consolidated/service.ts';
export { type EndingSignal, type ShutdownOptions, shutdown } from './consolidated/shutdown.ts';
export type { BuiltStatement } from './consolidated/typed/built-statement.ts';
export type {
  CachedReadOption,
  CacheOption,
  CacheOptions,
  Frozen,
} from './consolidated/typed/cache-options.ts';
export type {
  CacheControl,
  CacheReport,
  CacheStats,
  InvalidationCause,
  SecondLevelStats,
} from './consolidated/typed/cache-report.ts';
export type { CallOptions } from './consolidated/typed/call-options.ts';
export type { ConnectionStats } from './consolidated/typed/connection-stats.ts';
export type { DatabaseHandle } from './consolidated/typed/database-handle.ts';
export type { CloseOptions, ConsolidatedDatabaseService } from './consolidated/typed/database-service.ts';
export type { DeclaredWrites } from './consolidated/typed/declared-writes.ts';
export type { FilterObject, Filters } from './consolidated/typed/filters.ts';
export type {
  HealthCheckOptions,
  HealthReport,
  HealthStatus,
  ModeHealth,
} from './consolidated/typed/health-report.ts';
export type { IdempotencyOption } from './consolidated/typed/idempotency-option.ts';
export type { LargeNumbersAsText } from './consolidated/typed/large-numbers.ts';
export type { MetricsText, Monitoring } from './consolidated/typed/monitoring.ts';
export type { Overrides, ReadWrite } from './consolidated/typed/overrides.ts';
export type { QueryMetrics, QueryMetricsOptions } from './consolidated/typed/query-metrics.ts';
export type { Querying } from './consolidated/typed/querying.ts';
export type { CountMethod, OrderBy } from './consolidated/typed/read-options.ts';
export type { RecentFailure } from './consolidated/typed/recent-failure.ts';
export type { DatabaseShape, UntypedDatabase } from './consolidated/typed/schema-names.ts';
export type { SecondLevelStore } from './consolidated/typed/second-level-store.ts';
export type { SqlOptions } from './consolidated/typed/sql-tag.ts';
export type { NotificationHandler, Subscription } from './consolidated/typed/subscription.ts';
export type { TransactionHandle, TransactionOptions } from './consolidated/typed/transaction-handle.ts';
export type { QueryVector, SearchInfo } from './consolidated/typed/vector-search-clauses.ts';
export type { JsonText } from './consolidated/values/json-text.ts';
export type { CallEvent, SlowCall } from './contract/call-event.ts';
export {
  AuthenticationError,
  AuthorizationError,
  CheckError,
  CircuitOpenError,
  ConfigurationError,
  ConflictError,
  ConnectionError,
  DatabaseError,
  ForeignKeyError,
  NotFoundError,
  NotNullError,
  type Outcome,
  OutcomeUnknownError,
  OverloadedError,
  SerializationError,
  type SerializedDatabaseError,
  ServiceError,
  ThrottledError,
  TimeoutError,
  UniqueConstraintError,
  UnreadableDataError,
  UsageError,
  ValidationError,
} from './contract/errors.ts';
export type { Claims, Identity, UserIdentity } from './contract/identity.ts';
export type { IsolationLevel, ModeName } from './contract/mode.ts';
export type { PasswordRequest, PasswordSource } from './contract/password.ts';
export { type PublicError, publicError } from './contract/public-error.ts';
export type { BreakerState, LoginName, ServiceEvent } from './contract/service-event.ts';
export type { StatementKind } from './contract/statement.ts';
