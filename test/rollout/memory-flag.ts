import type { FlagSource, RolloutFlag, RolloutTrip } from '../../src/index.ts';

/** A source in memory, which tells of every change at once. */
export class MemoryFlag implements FlagSource {
  #flag: RolloutFlag | undefined;
  #trip: RolloutTrip | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(flag?: RolloutFlag) {
    this.#flag = flag;
  }

  set(flag: RolloutFlag | undefined): void {
    this.#flag = flag;
    this.#tell();
  }

  async read(): Promise<{ flag: RolloutFlag | undefined; trip: RolloutTrip | undefined }> {
    return { flag: this.#flag, trip: this.#trip };
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async trip(trip: RolloutTrip): Promise<void> {
    this.#trip ??= trip;
    this.#tell();
  }

  async reset(): Promise<void> {
    this.#trip = undefined;
    this.#tell();
  }

  #tell(): void {
    for (const changed of this.#watchers) changed();
  }
}
