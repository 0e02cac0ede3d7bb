import { parseArgs } from 'node:util';
import { bringUp } from './running-stack.ts';
import { StackError } from './stack-error.ts';
import { type StackSettings, type StackState, stackFolder, withoutPassword } from './stack-state.ts';

const HELP = `Usage: node stack/up.ts [options]

Starts the full stack on 127.0.0.1: PostgreSQL 17 with pgvector, and PgBouncer in session and in transaction
mode. Its folder is .cache/stack, or the one that CDB_STACK_DIR names. Needs Debian and root. If the stack is
already running, only options that are given and differ change it.

  --durable            Postgres waits for the disk (--no-durable: it does not); default: off
  --pool-size N        server connections of a pooler for each login and database; default: CDB_STACK_POOL_SIZE or 8
  --prepared N         max_prepared_statements in transaction mode; default: CDB_STACK_PREPARED or 0
  --json               prints the whole state, with passwords
  --help
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      durable: { type: 'boolean' },
      'pool-size': { type: 'string' },
      prepared: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const poolSize = count('--pool-size', values['pool-size'] ?? process.env.CDB_STACK_POOL_SIZE, 1);
  const preparedStatements = count('--prepared', values.prepared ?? process.env.CDB_STACK_PREPARED, 0);
  const wanted: Partial<StackSettings> = {
    ...(values.durable !== undefined && { durable: values.durable }),
    ...(poolSize !== undefined && { poolSize }),
    ...(preparedStatements !== undefined && { preparedStatements }),
  };
  const begun = performance.now();
  const folder = stackFolder();
  // Progress goes to stderr: stdout may be read by a program.
  const step = (text: string) => process.stderr.write(`stack: ${text}\n`);
  const { state, started } = await bringUp(folder, wanted, step);
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  if (values.json) process.stdout.write(`${JSON.stringify(state, null, 2)}\n`);
  else process.stdout.write(describe(state, started ? `up in ${seconds} s` : 'already up'));
}

function describe(state: StackState, what: string): string {
  const { durable, poolSize, preparedStatements } = state.settings;
  return `The full stack is ${what} (durable ${durable ? 'on' : 'off'}, pool size ${poolSize}, prepared ${preparedStatements}).

  direct       ${withoutPassword(state.user.direct)}
  session      ${withoutPassword(state.user.session)}
  transaction  ${withoutPassword(state.user.transaction)}
  service      cdb_service on the same ports
  owner        ${withoutPassword(state.owner)}
  superuser    ${withoutPassword(state.superuser)}

  template database  ${state.templateDatabase}
  passwords          ${stackFolder().stateFile}
  logs               ${stackFolder().logs}
`;
}

function count(name: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new StackError(`${name} must be a whole number of at least ${least}; it was '${text}'`);
  }
  return value;
}

main().catch((error: unknown) => {
  const known =
    error instanceof StackError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  console.error(known ? `stack: ${(error as Error).message}` : error);
  process.exitCode = 1;
});
