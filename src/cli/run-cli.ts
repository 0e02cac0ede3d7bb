import { stripVTControlCharacters } from 'node:util';
import { type CommandDef, type Resolvable, renderUsage, runCommand } from 'citty';
import { DatabaseError } from '../contract/errors.ts';
import { own } from '../contract/own-property.ts';
import { cdb } from './cdb.ts';
import { checkArguments, joinedValues } from './check-arguments.ts';
import { CommandLineError, EXIT, type ExitCode, InterruptedError } from './exit-code.ts';

/**
 * Runs one command line and returns its exit code. Commands print to stdout; errors and progress go to stderr.
 * With `--json` an error is one JSON object on stderr.
 */
export async function runCli(rawArgs: readonly string[]): Promise<ExitCode> {
  try {
    return await dispatch([...rawArgs]);
  } catch (error) {
    reportError(error, rawArgs.includes('--json'));
    if (error instanceof InterruptedError) return EXIT.interrupted;
    return isUsage(error) ? EXIT.usage : EXIT.failure;
  }
}

async function dispatch(rawArgs: string[]): Promise<ExitCode> {
  let command: CommandDef = cdb;
  const path: string[] = [];
  let rest = rawArgs;
  for (;;) {
    const children = await resolve(command.subCommands);
    if (children === undefined) break;
    const [name, ...after] = rest;
    if (name === undefined) {
      await printUsage(process.stderr, command, path);
      return EXIT.usage;
    }
    if (isHelp(name)) {
      await printUsage(process.stdout, command, path);
      return EXIT.ok;
    }
    const child = own(children, name);
    if (child === undefined) {
      throw new CommandLineError(
        `There is no command '${name}'. Commands: ${Object.keys(children).join(', ')}.`,
      );
    }
    path.push((await resolve(command.meta))?.name ?? '');
    command = (await resolve(child)) as CommandDef;
    rest = after;
  }
  const options = rest.includes('--') ? rest.slice(0, rest.indexOf('--')) : rest;
  if (options.some(isHelp)) {
    await printUsage(process.stdout, command, path);
    return EXIT.ok;
  }
  const args = (await resolve(command.args)) ?? {};
  const words = joinedValues(args, rest);
  checkArguments(args, words);
  const { result } = await runCommand(command, { rawArgs: words });
  return result === EXIT.failure ? EXIT.failure : EXIT.ok;
}

async function printUsage(
  stream: NodeJS.WriteStream,
  command: CommandDef,
  path: readonly string[],
): Promise<void> {
  const parent: CommandDef | undefined = path.length === 0 ? undefined : { meta: { name: path.join(' ') } };
  const usage = (await renderUsage(command, parent)).replace(/ +$/gm, '');
  stream.write(`${stream.isTTY ? usage : stripVTControlCharacters(usage)}\n`);
}

async function resolve<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : await value;
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

function isUsage(error: unknown): boolean {
  return (
    error instanceof CommandLineError || (error instanceof DatabaseError && error.code === 'INVALID_URL')
  );
}

function reportError(error: unknown, json: boolean): void {
  if (json) {
    process.stderr.write(`${JSON.stringify({ error: describe(error) })}\n`);
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint =
    error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
  process.stderr.write(`cdb: ${message}\n${hint === undefined ? '' : `     ${hint}\n`}`);
}

function describe(error: unknown): object {
  if (error instanceof DatabaseError) return error.toJSON();
  if (error instanceof CommandLineError) {
    return {
      name: error.name,
      code: 'USAGE',
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  if (error instanceof InterruptedError)
    return { name: error.name, code: 'INTERRUPTED', message: error.message };
  return { name: 'Error', code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}
