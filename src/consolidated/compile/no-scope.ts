import { unused } from '../../contract/kept-shapes.ts';
import type { Catalog, Relation } from '../catalog/model.ts';
import { Binding } from './binding.ts';
import type { StatementScope } from './statement-scope.ts';

const NO_CATALOG: Catalog = {
  epoch: 0,
  relation: unused,
  relations: unused,
  functions: unused,
  allFunctions: unused,
  type: unused,
  bypassesRowSecurity: unused,
  roleTimeoutMs: unused,
  extensionSchema: unused,
  get graph() {
    return unused();
  },
};

const NO_RELATION: Relation = {
  schema: '',
  name: '',
  kind: 'table',
  mayHideRows: true,
  visibleTo: new Set(),
  readers: new Set(),
  replacedWrites: [],
  partOf: undefined,
  columns: new Map(),
  primaryKey: [],
  uniqueKeys: [],
  singleRowKeys: [],
  searchable: undefined,
  uniqueKeysByName: new Map(),
};

/** What an example is made with where a scope is wanted. It is kept for its own shape too, with the fields in the order of all others. */
export const NO_SCOPE: StatementScope = {
  catalog: NO_CATALOG,
  role: '',
  shape: { relation: NO_RELATION, key: '', target: '', qualified: '', tables: [], columns: new Map() },
  binding: new Binding(),
};
