import { type NamedTable, namedTables } from '../ops/named-tables.ts';
import { CommandLineError } from './exit-code.ts';

const INVALID_TABLE = 'INVALID_TABLE';

/**
 * The one table of an option.
 *
 * @throws UsageError `INVALID_TABLE`; CommandLineError
 */
export function oneTable(name: string): NamedTable {
  const [table, ...others] = namedTables(name, INVALID_TABLE);
  if (table !== undefined && others.length === 0) return table;
  throw new CommandLineError(`--table takes one table. It was '${name}'.`);
}

/** As people write it: `public.trips`. */
export function shownTable({ schema, table }: NamedTable): string {
  return `${schema}.${table}`;
}
