import type { FlagSource, RolloutFlag, StoredRollout } from '../../src/index.ts';

/** A flag that the demo itself sets. Real ones are in a table, a file, or at a provider: `tableFlag`, `fileFlag`, `openFeatureFlag`. */
export class FlagInHand implements FlagSource {
  #flag: RolloutFlag;
  #changed: (() => void) | undefined;

  constructor(flag: RolloutFlag) {
    this.#flag = flag;
  }

  set(flag: RolloutFlag): void {
    this.#flag = flag;
    this.#changed?.();
  }

  async read(): Promise<StoredRollout> {
    return { flag: this.#flag, trip: undefined };
  }

  watch(changed: () => void): () => void {
    this.#changed = changed;
    return () => {
      this.#changed = undefined;
    };
  }
}
