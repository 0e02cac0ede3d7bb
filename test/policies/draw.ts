import { SeededRandom } from '../support/network/seeded-random.ts';

/** Choices that a seed repeats, and values that come once. */
export class Draw {
  readonly random: SeededRandom;
  #made = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
  }

  chance(probability: number): boolean {
    return this.random.chance(probability);
  }

  below(limit: number): number {
    return this.random.below(limit);
  }

  /** One of some; there must be one. */
  one<T>(choices: readonly T[]): T {
    const chosen = this.random.pick(choices);
    if (chosen === undefined) throw new Error('There is nothing to choose from.');
    return chosen;
  }

  /** One of the keys, by its weight. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    const entries = Object.entries(weights) as [Key, number][];
    let left = this.random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    return entries[entries.length - 1]![0];
  }

  /** Some of them, in their order; at least one. */
  some<T>(choices: readonly T[], share: number): readonly T[] {
    const chosen = choices.filter(() => this.chance(share));
    return chosen.length > 0 ? chosen : [this.one(choices)];
  }

  /** A number that comes once. */
  fresh(): number {
    this.#made += 1;
    return this.#made;
  }

  uuid(): string {
    return `00000000-0000-4000-8000-${this.fresh().toString(16).padStart(12, '0')}`;
  }

  hash(): string {
    return this.fresh().toString(16).padStart(64, '0');
  }
}
