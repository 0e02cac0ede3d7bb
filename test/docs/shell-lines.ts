import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArgsDef, CommandDef, Resolvable } from 'citty';
import { cdb } from '../../src/cli/cdb.ts';
import { type Fence, type Page, root } from './markdown.ts';

export interface ShellCommand {
  /** `README.md:120` */
  readonly where: string;
  readonly words: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** Needed by the pages, and not of this project: nothing of them is looked at. */
const FOREIGN = new Set(['export', 'cd', 'git']);
/** Commands of npm itself. */
const NPM = new Set(['ci', 'install', 'pack', 'run', 'test']);
/** What `npx` finds in node_modules. */
const TOOLS = new Set(['node', 'vitest', 'biome', 'tsc', 'supabase']);

/** The commands of a shell block, comments, pipes and redirections taken off. */
export function shellCommands(fence: Fence): ShellCommand[] {
  return fence.text
    .split('\n')
    .flatMap((text, index) => text.split('&&').map((part) => ({ part, line: fence.line + index })))
    .map(({ part, line }) => ({
      where: `${fence.page}:${line}`,
      words: part
        .replace(/(?:^|\s)#.*$/, '')
        .replace(/\s(?:>|\|)\s.*$/, '')
        .trim()
        .split(/\s+/)
        .filter((word) => word !== ''),
    }))
    .map(({ where, words }) => ({
      where,
      words: words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))),
    }))
    .filter(({ words }) => words.length > 0);
}

/** What is wrong with a command, or undefined. */
export async function faultOf({ words }: ShellCommand, page: Page): Promise<string | undefined> {
  const [program = '', ...rest] = words;
  if (FOREIGN.has(program)) return undefined;
  if (program === 'npm') return faultOfNpm(rest);
  if (program === 'node') return faultOfNode(rest, page);
  if (program === 'npx' && rest[0] === 'node') return faultOfNode(rest.slice(1), page);
  if (program === 'npx' && rest[0] === 'cdb') return faultOfCdb(rest.slice(1));
  if (program === 'npx' && TOOLS.has(rest[0] ?? '')) {
    return existsSync(join(root, 'node_modules/.bin', rest[0] ?? ''))
      ? undefined
      : `${rest[0]} is not installed`;
  }
  if (program.startsWith('./') || program.startsWith('.ci/')) return fileFault(program);
  return `nobody knows the command '${program}'`;
}

function faultOfNpm([command = '', name = '']: readonly string[]): string | undefined {
  if (!NPM.has(command)) return `npm ${command} is not among those that the pages may name`;
  if (command === 'test' && manifest.scripts.test === undefined) return 'there is no script test';
  if (command === 'run' && manifest.scripts[name] === undefined)
    return `package.json has no script '${name}'`;
  if (
    command === 'install' &&
    name.endsWith('.tgz') &&
    !name.endsWith(`/${manifest.name}-${manifest.version}.tgz`)
  ) {
    return `the package file is ${manifest.name}-${manifest.version}.tgz`;
  }
  return undefined;
}

/** The command line of this package, a file of the project, or one that the page tells the reader to save. */
async function faultOfNode(words: readonly string[], page: Page): Promise<string | undefined> {
  const [file = '', ...rest] = words.filter((word, index) => index > 0 || !word.startsWith('--'));
  if (file === 'node_modules/.bin/cdb') return faultOfCdb(rest);
  return page.text.includes(`Save this as \`${file}\``) ? undefined : fileFault(file);
}

function fileFault(file: string): string | undefined {
  return existsSync(join(root, file)) ? undefined : `there is no file ${file}`;
}

async function faultOfCdb(words: readonly string[]): Promise<string | undefined> {
  let command: CommandDef = cdb;
  let at = 0;
  for (let children = await resolved(command.subCommands); children !== undefined; at += 1) {
    const child = children[words[at] ?? ''];
    if (child === undefined) return `cdb has no command '${words.slice(0, at + 1).join(' ')}'`;
    command = (await resolved(child)) as CommandDef;
    children = await resolved(command.subCommands);
  }
  const args: ArgsDef = (await resolved(command.args)) ?? {};
  const unknown = words
    .slice(at)
    .find((word) => word.startsWith('--') && args[word.slice(2).split('=')[0] ?? ''] === undefined);
  return unknown === undefined ? undefined : `cdb ${words.slice(0, at).join(' ')} has no option ${unknown}`;
}

async function resolved<T>(value: Resolvable<T> | undefined): Promise<T | undefined> {
  return typeof value === 'function' ? await (value as () => T | Promise<T>)() : await value;
}
