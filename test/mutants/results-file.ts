import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** By which tests a mutant was tried. */
export type Round = 'units' | 'others';

type Entry =
  | {
      readonly of: 'mutant';
      readonly name: string;
      readonly round: Round;
      readonly change: string;
      readonly tests: string;
      /** Undefined: it lives. */
      readonly killer: string | undefined;
    }
  | { readonly of: 'test'; readonly file: string; readonly sources: string; readonly ms: number };

/** What a mutant was tried with: it is tried again when that has changed. */
export interface Tried {
  readonly name: string;
  readonly round: Round;
  /** Fingerprint of the source text with the change made. */
  readonly change: string;
  /** Fingerprint of the tests: one that lived gets another chance when they change. */
  readonly tests: string;
}

/**
 * What was found out so far, a line of JSON for each thing: a run that is stopped loses nothing but what was under way.
 * It holds as long as the texts do of which it tells.
 */
export class ResultsFile {
  readonly #path: string | undefined;
  readonly #mutants = new Map<string, Entry & { of: 'mutant' }>();
  readonly #tests = new Map<string, Entry & { of: 'test' }>();

  /** @param path - kept in memory only where undefined */
  constructor(path: string | undefined) {
    this.#path = path;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    // A line that a kill cut off must not take the next one along.
    if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
    for (const line of text.split('\n')) {
      const entry = entryOf(line);
      if (entry !== undefined) this.#keep(entry);
    }
  }

  /** What came of it; undefined where nobody knows. */
  resultOf({ name, round, change, tests }: Tried): { readonly killer: string | undefined } | undefined {
    const entry = this.#mutants.get(`${round} ${name}`);
    if (entry?.change !== change) return undefined;
    return entry.killer !== undefined || entry.tests === tests ? entry : undefined;
  }

  /** Milliseconds that a test file took when it was green with these sources. */
  greenMs(file: string, sources: string): number | undefined {
    const entry = this.#tests.get(file);
    return entry?.sources === sources ? entry.ms : undefined;
  }

  addResult(tried: Tried, killer: string | undefined): void {
    this.#add({ of: 'mutant', ...tried, killer });
  }

  addGreen(file: string, sources: string, ms: number): void {
    this.#add({ of: 'test', file, sources, ms });
  }

  #add(entry: Entry): void {
    this.#keep(entry);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  #keep(entry: Entry): void {
    if (entry.of === 'mutant') this.#mutants.set(`${entry.round} ${entry.name}`, entry);
    else this.#tests.set(entry.file, entry);
  }
}

/** Undefined for a line that was cut off. */
function entryOf(line: string): Entry | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as Entry;
  } catch {
    return undefined;
  }
}
