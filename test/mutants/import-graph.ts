import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { moduleImports } from '../support/module-imports.ts';

/** Which files of the project load which others when they run. Paths are relative to the project's root. */
export class ImportGraph {
  readonly #root: string;
  readonly #loaded = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** All files that `file` loads, each with the number of imports between them; itself, with 0, among them. */
  loadedBy(file: string): ReadonlyMap<string, number> {
    const distances = new Map([[file, 0]]);
    // A map hands out what is added to it while it is walked.
    for (const [from, distance] of distances) {
      for (const to of this.#loadedDirectly(from)) {
        if (!distances.has(to)) distances.set(to, distance + 1);
      }
    }
    return distances;
  }

  /** Stays the same as long as no file changes that `file` loads. */
  fingerprint(file: string): string {
    const hash = createHash('sha256');
    for (const loaded of [...this.loadedBy(file).keys()].sort()) {
      hash.update(`${loaded}\n`).update(readFileSync(join(this.#root, loaded)));
    }
    return hash.digest('hex');
  }

  #loadedDirectly(file: string): readonly string[] {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known;
    const imports = file.endsWith('.ts') ? moduleImports(readFileSync(join(this.#root, file), 'utf8')) : [];
    const loaded = imports
      .filter(({ kind }) => kind !== 'type')
      .map(({ specifier }) => join(dirname(file), specifier))
      .filter((path) => isFile(join(this.#root, path)));
    this.#loaded.set(file, loaded);
    return loaded;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
