import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Fence, root } from './markdown.ts';
import { GLOBAL_NAMES } from './snippet-globals.ts';

export interface SnippetFile {
  readonly fence: Fence;
  /** `README.md:120`, the line on which the snippet starts. */
  readonly name: string;
  readonly path: string;
}

/**
 * The snippets of all pages as modules in a folder of their own, each on the lines that it has in its page.
 *
 * What a page imports from `consolidated-db` and its further entries is taken from the source, and `./database.types.ts` is what the
 * type generator made of supabase/migrations; `./app.ts` is that of the HTTP service.
 */
export class SnippetFolder implements Disposable {
  readonly files: readonly SnippetFile[];
  readonly #folder: string;

  constructor(fences: readonly Fence[]) {
    const cache = join(root, '.cache');
    mkdirSync(cache, { recursive: true });
    this.#folder = mkdtempSync(join(cache, 'docs-'));
    const up = relative(this.#folder, root);
    this.#write('database.types.ts', `export type * from '${up}/test/support/database.generated.ts';\n`);
    this.#write('app.ts', `export * from '${up}/examples/http-service/app.ts';\n`);
    this.#write('globals.ts', globals(up));
    this.#write('tsconfig.json', JSON.stringify({ extends: `${up}/tsconfig.json`, include: ['*.ts'] }));
    this.files = fences.map((fence) => {
      const text = fence.text
        .replaceAll("from 'consolidated-db'", `from '${up}/src/index.ts'`)
        .replaceAll(/from 'consolidated-db\/(\w+)'/g, `from '${up}/src/$1/index.ts'`);
      const file = `${fence.page.replaceAll('/', '.')}.${fence.line}.ts`;
      return {
        fence,
        name: `${fence.page}:${fence.line}`,
        path: this.#write(file, `${'\n'.repeat(fence.line - 1)}${text}\nexport {};\n`),
      };
    });
  }

  /** What the compiler says of all snippets together, '' when nothing. */
  compile(): Promise<string> {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    return new Promise((resolve, reject) => {
      execFile(
        process.execPath,
        [compiler, '-p', this.#folder],
        { cwd: this.#folder },
        (error, stdout, stderr) => {
          if (error === null) resolve('');
          else if (stdout !== '') resolve(stdout);
          else reject(new Error(`The compiler could not be run: ${stderr}`));
        },
      );
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }
}

function globals(up: string): string {
  const declarations = GLOBAL_NAMES.map((name) => `  var ${name}: SnippetGlobals['${name}'];`);
  return [
    `import type { SnippetGlobals } from '${up}/test/docs/snippet-globals.ts';`,
    'declare global {',
    ...declarations,
    '}',
    '',
  ].join('\n');
}
