/** What came of all operations. */
import type { ModeName } from '../../src/index.ts';
import type { Found, Told } from '../support/journal/verdict.ts';
import type { Ended } from './lane.ts';

export interface Wrong {
  readonly op: number;
  readonly mode: ModeName;
  readonly kind: string;
  readonly cell: string;
  readonly told: Told;
  readonly words: string;
  readonly found: Found;
  readonly why: string;
  /** The operation again, alone: what `--again` takes. */
  readonly again: string;
}

export class Tally {
  readonly seed: number;
  operations = 0;
  hits = 0;
  unsettled = 0;
  /** Without the time for which this process stood still. */
  latestMs = Number.NEGATIVE_INFINITY;
  /** With it. */
  latestPassedMs = Number.NEGATIVE_INFINITY;
  /** Which operation was the latest. */
  latest = '';
  readonly wrong: Wrong[] = [];
  /** Wrong as expected, by what is known of it. */
  readonly known = new Map<string, number>();
  /** Exceptions and rejections that reached nobody: in a backend each would end the process. */
  readonly uncaught: string[] = [];
  /** How often each was told, and what was found then. */
  readonly told = new Map<string, number>();
  /** Errors by kind, code and outcome. */
  readonly errors = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
  }

  note(end: Ended, found: Found, why: string | undefined, known: string | undefined): void {
    const { plan, op, told, words, lateMs } = end;
    const { mode, kind, cell, part, skip, slower, draw } = plan;
    if (end.hit) this.hits++;
    if (told === 'unsettled') this.unsettled++;
    add(this.told, `${told}: ${found}`);
    if (words !== '') add(this.errors, `${kind.name}: ${words} ${told}`);
    this.latestPassedMs = Math.max(this.latestPassedMs, end.passedMs);
    if (lateMs > this.latestMs) {
      this.latestMs = lateMs;
      this.latest = `${mode} · ${kind.name} · ${cell} (${words === '' ? told : words})`;
    }
    if (why === undefined) return;
    if (known !== undefined) {
      add(this.known, known);
      return;
    }
    const again = JSON.stringify({ mode, kind: kind.name, cell, part, skip, slower, draw });
    this.wrong.push({ op, mode, kind: kind.name, cell, told, words, found, why, again });
  }
}

export function emptyTally(seed: number): Tally {
  return new Tally(seed);
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
