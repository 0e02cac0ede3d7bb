/** The entry `consolidated-db/testing`: what tests of an application are made of. */
export type { AdminQueries } from './admin-queries.ts';
export { assertRls, type RlsCell, type RlsReport } from './matrix-report.ts';
export {
  type RlsMatrix,
  type RlsMatrixOptions,
  type RlsTable,
  type RowFor,
  type RowValues,
  rlsMatrix,
} from './rls-matrix.ts';
export { runRlsMatrix } from './run-rls-matrix.ts';
