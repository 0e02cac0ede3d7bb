import type { DatabaseOperations } from './database-operations.ts';
import type { Side } from './side-choice.ts';

/** The two sides for one caller, each made when a call first goes there. */
export class BothSides<S> {
  readonly #make: (side: Side) => DatabaseOperations<S>;
  readonly #made: { [side in Side]?: DatabaseOperations<S> } = {};

  constructor(make: (side: Side) => DatabaseOperations<S>) {
    this.#make = make;
  }

  of(side: Side): DatabaseOperations<S> {
    this.#made[side] ??= this.#make(side);
    return this.#made[side];
  }

  map(change: (operations: DatabaseOperations<S>) => DatabaseOperations<S>): BothSides<S> {
    return new BothSides((side) => change(this.of(side)));
  }
}
