import { parseArgs } from 'node:util';
import type { ArgsDef } from 'citty';
import { CommandLineError } from './exit-code.ts';

/**
 * The words of a command line, with each value that begins with a dash joined to its option: `--tls-ca '-----BEGIN …'` becomes
 * `--tls-ca=-----BEGIN …`. Only a word with white space is taken for such a value: any other one may be an option.
 */
export function joinedValues(args: ArgsDef, rawArgs: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < rawArgs.length; at += 1) {
    const word = rawArgs[at]!;
    const next = rawArgs[at + 1];
    if (word === '--') return [...joined, ...rawArgs.slice(at)];
    const name = word.slice(2);
    const takesValue = word.startsWith('--') && Object.hasOwn(args, name) && args[name]?.type === 'string';
    if (takesValue && next !== undefined && /^-\S*\s/.test(next)) {
      joined.push(`${word}=${next}`);
      at += 1;
    } else joined.push(word);
  }
  return joined;
}

/**
 * Throws a `CommandLineError` for an option that the command does not have, and for arguments that are missing or too many.
 *
 * citty ignores unknown options, but a mistyped option must be an error. The words of the command line are checked, not
 * what citty made of them: it keeps `--warm-up` also as `warmUp`.
 *
 * @param rawArgs - with their values joined
 */
export function checkArguments(args: ArgsDef, rawArgs: readonly string[]): void {
  const named = Object.entries(args).filter(([, arg]) => arg.type !== 'positional');
  const positionals = Object.keys(args).filter((name) => args[name]?.type === 'positional');
  const needed = positionals.filter((name) => args[name]?.required !== false);
  const options = Object.fromEntries(
    named.map(([name, arg]) => [
      name,
      { type: arg.type === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    const parsed = parseArgs({ args: [...rawArgs], options, allowPositionals: true, strict: true });
    const missing = needed[parsed.positionals.length];
    if (missing !== undefined)
      throw new CommandLineError(`The argument ${missing.toUpperCase()} is missing.`);
    const left = named.find(([name, arg]) => arg.required === true && parsed.values[name] === undefined);
    if (left !== undefined) throw new CommandLineError(`The option --${left[0]} is missing.`);
    if (parsed.positionals.length > positionals.length) {
      throw new CommandLineError(`Unexpected argument: '${parsed.positionals.at(-1)}'.`);
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const known = named.map(([name]) => `--${name}`).join(', ');
    const ambiguous = /^Option '(--[\w-]+)[^']*' argument is ambiguous/.exec(error.message)?.[1];
    if (ambiguous !== undefined) {
      throw new CommandLineError(
        `The option ${ambiguous} has no value. One that begins with a dash is written with an equals sign: ${ambiguous}=VALUE.`,
        `Options: ${known}.`,
      );
    }
    throw new CommandLineError(error.message.replace(/\. To specify[\s\S]*/, '.'), `Options: ${known}.`);
  }
}
