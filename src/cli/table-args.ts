import { type NamedTable, namedTables, tablesOf } from '../ops/named-tables.ts';
import { withAdmin } from './admin-session.ts';
import { CommandLineError } from './exit-code.ts';

/** The arguments of every command that writes a migration for some tables. */
export const tableArgs = {
  tables: {
    type: 'string',
    valueHint: 'names',
    description: 'The tables, separated by commas, such as trips,other."Odd name". No database is needed',
  },
  all: { type: 'boolean', description: 'All tables that the database has now in the schemas of --schema' },
  schema: {
    type: 'string',
    valueHint: 'names',
    description: 'Schemas of --all, separated by commas',
    default: 'public',
  },
  drop: { type: 'boolean', description: 'Write a migration that drops the triggers' },
  print: { type: 'boolean', description: 'Print the SQL and write no file' },
} as const;

interface TableArguments {
  readonly tables?: string | undefined;
  readonly all?: boolean | undefined;
  readonly schema: string;
  readonly url?: string | undefined;
  readonly 'tls-ca'?: string | undefined;
}

/** @throws CommandLineError; UsageError with this code, if the list cannot be read */
export async function tablesFrom(args: TableArguments, invalidList: string): Promise<readonly NamedTable[]> {
  if ((args.tables === undefined) === (args.all !== true)) {
    throw new CommandLineError(
      'Name the tables with --tables, or take all of a database with --all: one of the two.',
    );
  }
  if (args.tables !== undefined) return namedTables(args.tables, invalidList);
  const found = await withAdmin(args, (connection) => tablesOf(connection, args.schema.split(',')));
  if (found.length === 0) {
    throw new CommandLineError(`The database has no table in ${args.schema}: nothing was written.`);
  }
  return found;
}
