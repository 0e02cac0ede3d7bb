/**
 * The table boundary × kind × mode: which cells there are, how often each was hit, and which one needs the next
 * operation.
 *
 * Which boundaries a kind has is learned from operations that nothing meets: a cell exists once its boundary was seen.
 * What only chance brings about may be seen then too; `chance.ts` says which cells that are, and they need no hits.
 */
import type { ModeName } from '../../src/index.ts';
import type { OperationKind } from '../support/journal/operation.ts';
import { isBoundary, type Part } from '../support/network/boundaries.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import type { OperationWatch } from '../support/network/strike.ts';
import { isHopeless, isMetByChance } from './chance.ts';
import { FAULTS, type Fault, impossible, isRestart, type Restart } from './faults.ts';
import type { Plan } from './plan.ts';

export interface Cell {
  readonly mode: ModeName;
  readonly kind: OperationKind;
  /** A boundary or a fault. */
  readonly name: string;
  hits: number;
  tries: number;
  /** Operations that are under way for it. */
  underWay: number;
  /** How often one operation passes that boundary, at most. */
  times: number;
  /** Operations that were to be cut there, and that nothing met. */
  missed: number;
  /** Operations that nothing met and that passed that boundary, those that were to be cut there included. */
  seen: number;
}

/** After so many misses a fault that comes too late finds the server busy for longer: a loaded machine needs more time. */
const MISSES_BEFORE_SLOWER = 10;

export class Cells {
  readonly #wanted: number;
  readonly #random: SeededRandom;
  readonly #cells = new Map<string, Cell>();
  readonly #planned = new Map<string, number>();
  readonly #parts = new Map<string, Map<Part, number>>();
  /** Operations of a kind that nothing met, by mode and kind. */
  readonly #unmet = new Map<string, number>();
  /** Cells that cannot be, by their reason. */
  readonly missing = new Map<string, string[]>();

  constructor(
    kinds: readonly OperationKind[],
    modes: readonly ModeName[],
    wanted: number,
    random: SeededRandom,
    cannot: (fault: Fault, mode: ModeName) => string | undefined,
  ) {
    this.#wanted = wanted;
    this.#random = random;
    for (const mode of modes) {
      for (const kind of kinds) {
        for (const name of FAULTS) {
          const why = impossible(name, kind, mode) ?? cannot(name, mode);
          if (why === undefined) this.#add(mode, kind, name);
          else this.missing.set(why, [...(this.missing.get(why) ?? []), `${mode} · ${kind.name} · ${name}`]);
        }
      }
    }
  }

  get all(): readonly Cell[] {
    return [...this.#cells.values()];
  }

  /** Those that were not hit often enough, though an operation can be brought there at will. */
  get lacking(): readonly Cell[] {
    return this.all.filter((cell) => cell.hits < this.#wanted && !this.#isByChance(cell));
  }

  /** Those that were not hit often enough, because only chance brings an operation there. */
  get leftOut(): readonly Cell[] {
    return this.all.filter((cell) => cell.hits < this.#wanted && this.#isByChance(cell));
  }

  /** How many boundaries of a mode have a cell that is not left out, over all kinds. */
  boundariesOf(mode: ModeName): number {
    const leftOut = new Set(this.leftOut);
    return this.all.filter((cell) => cell.mode === mode && isBoundary(cell.name) && !leftOut.has(cell))
      .length;
  }

  /** How many operations of the cell's kind nothing met: those for which that was planned, and those that missed the cell. */
  unmetOf({ mode, kind, missed }: Cell): number {
    return (this.#unmet.get(kindKeyOf(mode, kind)) ?? 0) + missed;
  }

  /** Those of them that further operations can fill. */
  get hopeful(): readonly Cell[] {
    return this.lacking.filter((cell) => !isHopeless(cell));
  }

  /** Whether a mode has cells that are neither full nor about to be. */
  needs(mode: ModeName): boolean {
    for (const cell of this.#cells.values()) {
      if (cell.mode === mode && !isRestart(cell.name) && rankOf(cell, this.#wanted) < this.#wanted)
        return true;
    }
    return false;
  }

  /** The next plan of a mode; restarts are planned by themselves, as they meet every lane at once. */
  next(mode: ModeName, restart?: Restart): Plan {
    let least = Number.POSITIVE_INFINITY;
    let candidates: Cell[] = [];
    for (const cell of this.#cells.values()) {
      if (cell.mode !== mode) continue;
      if (restart === undefined ? isRestart(cell.name) : cell.name !== restart) continue;
      const rank = rankOf(cell, this.#wanted);
      if (rank < least) candidates = [];
      least = Math.min(least, rank);
      if (rank === least) candidates.push(cell);
    }
    // Of equals those whose boundary was tried least anywhere, so that a short run meets all boundaries.
    const planned = (cell: Cell): number => this.#planned.get(cell.name) ?? 0;
    const fewest = Math.min(...candidates.map(planned));
    const cell = this.#random.pick(candidates.filter((candidate) => planned(candidate) === fewest))!;
    this.#planned.set(cell.name, fewest + 1);
    cell.underWay++;
    cell.tries++;
    return this.#planOf(cell);
  }

  ended(plan: Plan, hit: boolean, watch: OperationWatch | undefined): void {
    const cell = this.#cells.get(keyOf(plan.mode, plan.kind, plan.cell));
    if (cell !== undefined) {
      cell.underWay--;
      if (hit) cell.hits++;
      else if (watch !== undefined && isBoundary(cell.name)) this.#learnOfMiss(cell, watch);
    }
    // What a fault brings about is no boundary of the operation: it could not be met again at will.
    if (watch !== undefined && plan.cell === 'nothing') this.#learn(plan, watch);
  }

  /**
   * It says as much of the boundary as what was to meet nothing. That is sent early in a run, when other things happen: an insert
   * behind DDL is refused only if its catalog was read while a column was there that is dropped by now.
   */
  #learnOfMiss(cell: Cell, watch: OperationWatch): void {
    cell.missed++;
    if (watch.passed.has(cell.name)) cell.seen++;
  }

  #learn({ mode, kind }: Plan, watch: OperationWatch): void {
    const key = kindKeyOf(mode, kind);
    this.#unmet.set(key, (this.#unmet.get(key) ?? 0) + 1);
    for (const [name, times] of watch.passed) {
      const cell = this.#add(mode, kind, name);
      cell.times = Math.max(cell.times, times);
      cell.seen++;
    }
    const parts = this.#partsOf(mode, kind);
    for (const [part, times] of watch.parts) parts.set(part, Math.max(parts.get(part) ?? 0, times));
  }

  #planOf({ mode, kind, name, times, tries, hits, underWay }: Cell): Plan {
    const parts = [...this.#partsOf(mode, kind)];
    const [part, partTimes] = this.#random.pick(parts) ?? (['batch', 1] as const);
    const skip = this.#random.below(times > 0 ? times : partTimes);
    const misses = isRestart(name) ? 0 : tries - hits - underWay;
    const slower = 1 + Math.floor(misses / MISSES_BEFORE_SLOWER);
    return { mode, kind, cell: name, part, skip, slower, draw: this.#random.below(2 ** 31) };
  }

  #partsOf(mode: ModeName, kind: OperationKind): Map<Part, number> {
    const key = kindKeyOf(mode, kind);
    const parts = this.#parts.get(key) ?? new Map<Part, number>();
    this.#parts.set(key, parts);
    return parts;
  }

  #add(mode: ModeName, kind: OperationKind, name: string): Cell {
    const key = keyOf(mode, kind, name);
    const fresh = { hits: 0, tries: 0, underWay: 0, times: 0, missed: 0, seen: 0 };
    const cell = this.#cells.get(key) ?? { mode, kind, name, ...fresh };
    this.#cells.set(key, cell);
    return cell;
  }

  #isByChance(cell: Cell): boolean {
    return isBoundary(cell.name) && isMetByChance(cell, this.unmetOf(cell));
  }
}

function rankOf(cell: Cell, wanted: number): number {
  const expected = cell.hits + cell.underWay;
  if (expected >= wanted) return wanted + cell.hits;
  return isHopeless(cell) ? wanted : expected;
}

function keyOf(mode: ModeName, kind: OperationKind, name: string): string {
  return `${mode} · ${kind.name} · ${name}`;
}

function kindKeyOf(mode: ModeName, kind: OperationKind): string {
  return `${mode} ${kind.name}`;
}
