import { join } from 'node:path';
import { defineCommand } from 'citty';
import { systemClock } from '../contract/clock.ts';
import { type DroppedPolicy, writePoliciesMigration } from '../ops/policies-migration.ts';
import { directoryArg, jsonArg } from './admin-session.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';

export const policiesMigrationCommand = defineCommand({
  meta: {
    name: 'migration',
    description:
      'Write a migration with the policy files that changed since the last migration that contained them. It drops every policy of their tables first. Exits with 1, and writes nothing, if policies would be lost and neither --yes nor the terminal says yes',
  },
  args: {
    name: {
      type: 'positional',
      description: 'Name of the migration: lower-case letters, digits and underscores',
      required: true,
    },
    ...directoryArg,
    yes: { type: 'boolean', description: 'Write it also if it drops policies that the files do not have' },
    ...jsonArg,
  },
  async run({ args }) {
    const written = await writePoliciesMigration({
      migrations: join(args.dir, 'migrations'),
      policies: join(args.dir, 'policies'),
      name: args.name,
      clock: systemClock,
      mayDrop: (dropped) => args.yes === true || (args.json !== true && agreed(dropped)),
    });
    const { path, carried, dropped } = written;
    const isRefused = path === undefined && carried.length > 0;
    if (args.json) printJson({ ...written, path: path ?? null });
    else if (path !== undefined) {
      for (const { table, policy } of dropped) printLine(`drops  ${policy}  (${table})`);
      printLine(`wrote  ${path}  (${carried.join(', ')})`);
    } else if (!isRefused) printLine('No policy file changed since the last migration that contained it.');
    if (isRefused) {
      process.stderr.write('Nothing was written: policies would be dropped. Use --yes to write it anyway.\n');
      return EXIT.failure;
    }
    for (const file of written.gone) {
      process.stderr.write(
        `${file} was removed: its policies stay in the database until its table is dropped.\n`,
      );
    }
    return EXIT.ok;
  },
});

/** At a terminal; elsewhere only `--yes` says yes. */
async function agreed(dropped: readonly DroppedPolicy[]): Promise<boolean> {
  process.stderr.write(
    [
      'The migration drops every policy of these tables and creates those of the files. These are lost:',
      ...dropped.map(({ table, policy }) => `  ${policy}  (${table})`),
      'So is any policy of these tables that no migration contains.',
      '',
    ].join('\n'),
  );
  return confirm('Write it?');
}
