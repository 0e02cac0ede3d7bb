import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CommandLineError } from './exit-code.ts';

/** Whether this Node runs TypeScript: from 22.18 without being told to. */
const RUNS_TYPESCRIPT = process.features.typescript !== false;

/**
 * The default export of a module of whoever runs the command. What it imports, and what it does, is the file's business.
 *
 * @throws CommandLineError where there is no such file, or this Node cannot run it; what the module throws
 */
export async function defaultExport(file: string, runsTypeScript = RUNS_TYPESCRIPT): Promise<unknown> {
  const path = resolve(file);
  if (!(await isFile(path))) throw new CommandLineError(`There is no file '${file}'.`);
  if (/^\.[cm]?ts$/.test(extname(path)) && !runsTypeScript) {
    throw new CommandLineError(
      `Node ${process.versions.node} does not run '${file}' as it was started: it is TypeScript.`,
      'Write it as .mjs or .js, use Node 22.18 or newer, or set NODE_OPTIONS=--experimental-strip-types.',
    );
  }
  const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
  return module.default;
}

export function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
