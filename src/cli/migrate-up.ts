import { join } from 'node:path';
import { defineCommand } from 'citty';
import { type MigrationProgress, migrateUp } from '../ops/migrate.ts';
import { assertKeepsSession } from '../ops/pooler-probe.ts';
import { adminArgs, directoryArg, jsonArg, withAdmin } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { printJson, printLine, showProgress } from './output.ts';

export const migrateUpCommand = defineCommand({
  meta: {
    name: 'up',
    description:
      'Apply the pending migrations, each in one transaction unless its first line is -- cdb: no-transaction',
  },
  args: {
    ...adminArgs,
    ...directoryArg,
    'include-all': {
      type: 'boolean',
      description: 'Also apply migrations that are older than the newest applied one',
    },
    'lock-timeout-ms': {
      type: 'string',
      valueHint: 'ms',
      description: 'How long a statement may wait for a lock; 0 means no limit',
      default: '10000',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const lockTimeoutMs = Number(args['lock-timeout-ms']);
    if (!Number.isInteger(lockTimeoutMs) || lockTimeoutMs < 0) {
      throw new CommandLineError('--lock-timeout-ms must be a whole number of milliseconds, 0 or more.');
    }
    const applied = await withAdmin(args, async (connection, place) => {
      await assertKeepsSession(connection, place);
      return migrateUp(connection, join(args.dir, 'migrations'), {
        includeAll: args['include-all'] ?? false,
        lockTimeoutMs,
        onProgress: report,
      });
    });
    if (args.json) printJson({ applied: applied.map(({ version, name }) => ({ version, name })) });
    else if (applied.length === 0) printLine('Nothing to apply.');
    else for (const { version, name } of applied) printLine(`applied  ${version}  ${name}`);
    return EXIT.ok;
  },
});

function report(event: MigrationProgress): void {
  if (event.kind === 'waiting')
    showProgress('Another migration is running on this database; waiting for it …');
  else if (event.kind === 'started') {
    showProgress(`[${event.index + 1}/${event.total}] ${event.migration.version} ${event.migration.name} …`);
  }
}
