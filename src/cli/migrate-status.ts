import { join } from 'node:path';
import { defineCommand } from 'citty';
import { migrationStatus } from '../ops/migrate.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printTable } from './output.ts';

export const migrateStatusCommand = defineCommand({
  meta: {
    name: 'status',
    description:
      'List migrations as applied, pending, changed, out-of-order or unknown. Exits with 1 unless all are applied',
  },
  args: { ...adminArgs, ...directoryArg, ...jsonArg },
  async run({ args }) {
    const status = await withAdmin(args, (connection) =>
      migrationStatus(connection, join(args.dir, 'migrations')),
    );
    if (args.json) printJson({ migrations: status });
    else
      printTable(
        ['VERSION', 'STATE', 'NAME'],
        status.map(({ version, state, name }) => [version, state, name]),
      );
    return status.every((migration) => migration.state === 'applied') ? EXIT.ok : EXIT.failure;
  },
});
