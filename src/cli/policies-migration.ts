import { join } from 'node:path';
import { defineCommand } from 'citty';
import { systemClock } from '../contract/clock.ts';
import { writePoliciesMigration } from '../ops/policies-migration.ts';
import { directoryArg, jsonArg } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';

export const policiesMigrationCommand = defineCommand({
  meta: {
    name: 'migration',
    description:
      'Write a migration with the policy files that changed since the last migration that contained them',
  },
  args: {
    name: {
      type: 'positional',
      description: 'Name of the migration: lower-case letters, digits and underscores',
      required: true,
    },
    ...directoryArg,
    ...jsonArg,
  },
  async run({ args }) {
    const written = await writePoliciesMigration({
      migrations: join(args.dir, 'migrations'),
      policies: join(args.dir, 'policies'),
      name: args.name,
      clock: systemClock,
    });
    if (args.json) printJson({ path: written.path ?? null, carried: written.carried, gone: written.gone });
    else if (written.path === undefined)
      printLine('No policy file changed since the last migration that contained it.');
    else printLine(`wrote  ${written.path}  (${written.carried.join(', ')})`);
    for (const file of written.gone) {
      process.stderr.write(
        `${file} was removed: its policies stay in the database until its table is dropped.\n`,
      );
    }
    return EXIT.ok;
  },
});
