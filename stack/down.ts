import { parseArgs } from 'node:util';
import { takeDown } from './running-stack.ts';
import { StackError } from './stack-error.ts';
import { stackFolder } from './stack-state.ts';

const HELP = `Usage: node stack/down.ts [options]

Stops the full stack. Afterwards nothing of it is running or mounted. Databases are kept for the next start.

  --purge   also deletes its folder
  --json
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      purge: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  await takeDown(stackFolder(), values.purge);
  const done = values.purge ? 'down, and deleted' : 'down';
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ running: false, purged: values.purge })}\n`
      : `The full stack is ${done}.\n`,
  );
}

main().catch((error: unknown) => {
  const known =
    error instanceof StackError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(known ? `stack: ${(error as Error).message}` : error);
  process.exitCode = 1;
});
