/** What is planned for one operation: what it is, and what shall meet it where. */
import type { ModeName } from '../../src/index.ts';
import type { OperationKind } from '../support/journal/operation.ts';
import { isBoundary, type Part } from '../support/network/boundaries.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import type { Strike } from '../support/network/strike.ts';
import { isRestart, needsTime } from './faults.ts';

export interface Plan {
  readonly mode: ModeName;
  readonly kind: OperationKind;
  /** A boundary at which the connection is cut, or a fault. */
  readonly cell: string;
  /** Where other faults than cuts begin. */
  readonly part: Part;
  /** How many such boundaries, or batches of that part, pass first. */
  readonly skip: number;
  /** How many times as long as usual the server is kept busy, so that a fault finds the operation under way. */
  readonly slower: number;
  /** Seed of all else that is drawn. */
  readonly draw: number;
}

/** What the proxy does to it; `call` strikes where no proxy is needed for that. */
export function strikeOf(plan: Plan, random: SeededRandom, call: () => void): Strike | undefined {
  const { cell, part, skip } = plan;
  if (isBoundary(cell))
    return { kind: 'cut', boundary: cell, skip, how: random.chance(0.5) ? 'reset' : 'end' };
  if (cell === 'black hole to the server') return { kind: 'black hole', direction: 'to-server', part, skip };
  if (cell === 'black hole to the client') return { kind: 'black hole', direction: 'to-client', part, skip };
  return needsTime(cell) && !isRestart(cell) ? { kind: 'call', part, skip, call } : undefined;
}

export function timeoutOf(cell: string, random: SeededRandom): number {
  if (cell.startsWith('black hole')) return 100 + random.below(150);
  if (cell === 'a short deadline') return 3 + random.below(25);
  return 3_000;
}
