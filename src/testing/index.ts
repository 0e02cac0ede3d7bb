/** The entry `consolidated-db/testing`: what tests of an application are made of. */
export type { AdminQueries } from './admin-queries.ts';
export {
  type ClonedDatabaseOptions,
  type ClonedTestDatabase,
  clonedDatabase,
} from './cloned-database.ts';
export { assertRls, type RlsCell, type RlsReport } from './matrix-report.ts';
export {
  type RlsMatrix,
  type RlsMatrixOptions,
  type RlsTable,
  type RowFor,
  type RowValues,
  rlsMatrix,
} from './rls-matrix.ts';
export {
  type RollbackDatabase,
  type RollbackDatabaseOptions,
  rollbackDatabase,
  type ServiceUnderTest,
  withRollback,
} from './rollback-database.ts';
export { runRlsMatrix } from './run-rls-matrix.ts';
export type { TemplateOptions } from './template-database.ts';
export {
  type TestIdentities,
  type TestIdentitiesOptions,
  type TestProfile,
  type TestUser,
  type TestUserOptions,
  testIdentities,
} from './test-identities.ts';
