import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Verdict } from './mutation-run.ts';

type Entry =
  | {
      readonly of: 'mutant';
      readonly name: string;
      readonly change: string;
      readonly tests: string;
      readonly verdict: Verdict;
    }
  | { readonly of: 'test'; readonly file: string; readonly sources: string; readonly ms: number };

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

  /**
   * @param change - fingerprint of the source text with the change made
   * @param tests - fingerprint of the tests: one that survived gets another chance when they change
   */
  verdictOf(name: string, change: string, tests: string): Verdict | undefined {
    const entry = this.#mutants.get(name);
    if (entry?.change !== change) return undefined;
    return entry.verdict.end === 'killed' || entry.tests === tests ? entry.verdict : undefined;
  }

  /** Milliseconds that a test file took when it was green with these sources. */
  greenMs(file: string, sources: string): number | undefined {
    const entry = this.#tests.get(file);
    return entry?.sources === sources ? entry.ms : undefined;
  }

  addVerdict(name: string, change: string, tests: string, verdict: Verdict): void {
    this.#add({ of: 'mutant', name, change, tests, verdict });
  }

  addGreen(file: string, sources: string, ms: number): void {
    this.#add({ of: 'test', file, sources, ms });
  }

  #add(entry: Entry): void {
    this.#keep(entry);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify(entry)}\n`);
  }

  #keep(entry: Entry): void {
    if (entry.of === 'mutant') this.#mutants.set(entry.name, entry);
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
