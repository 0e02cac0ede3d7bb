import type { Coverage } from './coverage.ts';
import type { Focus } from './generate-case.ts';

export interface PlayOptions {
  readonly seed: number;
  readonly cases: number;
  /** That world alone, to repeat a difference. */
  readonly world?: number | undefined;
  /** Cases in one world, before another one is made. @defaultValue 2500 */
  readonly casesOfWorld?: number;
  /** Cases between two looks at all rows. @defaultValue 250 */
  readonly casesBetweenLooks?: number;
  /** How many differences end it. @defaultValue 5 */
  readonly differences?: number;
  /** @defaultValue all tables alike */
  readonly focus?: Focus;
  /** What is met is added to it. @defaultValue a new one */
  readonly coverage?: Coverage;
  readonly onProgress?: (tally: Tally) => void;
}

export interface Tally {
  cases: number;
  worlds: number;
  /** How often all rows were compared. */
  looks: number;
  /** Statements by what became of them. */
  readonly answers: Record<string, number>;
  readonly coverage: Coverage;
  readonly differences: string[];
}
