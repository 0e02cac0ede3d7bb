import { DatabaseCatalog } from '../../src/consolidated/catalog/database-catalog.ts';
import type { Introspection } from '../../src/consolidated/catalog/introspection.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';

const NOTHING: Introspection = {
  relations: [],
  types: [],
  composites: [],
  functions: [],
  timeouts: [],
  bypassing: [],
  extensions: {},
  searchable: [],
  graph: {
    relations: [],
    readers: [],
    inherits: [],
    policies: [],
    functions: [],
    cascades: [],
    triggers: [],
    rules: [],
  },
};

/** The catalog of a database without anything in it, but for what a test adds. */
export function emptyCatalog(epoch: number, added: Partial<Introspection> = {}): Catalog {
  return new DatabaseCatalog({ ...NOTHING, ...added }, epoch);
}
