import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import { CommandLineError } from './exit-code.ts';

/**
 * Throws a `CommandLineError` for an option that the command does not have, and for arguments that are missing or too many.
 *
 * citty ignores unknown options, but a mistyped option must be an error. The words of the command line are checked, not
 * what citty made of them: it keeps `--warm-up` also as `warmUp`.
 */
export function checkArguments(args: ArgsDef, rawArgs: readonly string[]): void {
  const named = Object.entries(args).filter(([, arg]) => arg.type !== 'positional');
  const positionals = Object.keys(args).filter((name) => args[name]?.type === 'positional');
  const options = Object.fromEntries(
    named.map(([name, arg]) => [
      name,
      { type: arg.type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...rawArgs], options, allowPositionals: true, strict: true });
    const missing = positionals[parsed.positionals.length];
    if (missing !== undefined)
      throw new CommandLineError(`The argument ${missing.toUpperCase()} is missing.`);
    if (parsed.positionals.length > positionals.length) {
      throw new CommandLineError(`Unexpected argument: '${parsed.positionals.at(-1)}'.`);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const known = named.map(([name]) => `--${name}`).join(', ');
    throw new CommandLineError(error.message.replace(/\. To specify[\s\S]*/, '.'), `Options: ${known}.`);
  }
}
