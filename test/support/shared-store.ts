import type { Clock } from '../../src/contract/clock.ts';
import { systemClock } from '../../src/contract/clock.ts';
import type { SecondLevelStore } from '../../src/index.ts';

/** In place of Redis: a store in memory that several services share, and that a test may hold up, break and write to. */
export class SharedStore implements SecondLevelStore {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: string; readonly until: number }>();
  /** Waited for before each set takes place, and before each answer to getMany is given. */
  beforeSet: ((key: string, value: string) => Promise<void> | void) | undefined;
  beforeGiving: (() => Promise<void> | void) | undefined;
  gets = 0;
  sets = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    this.gets += 1;
    const values = keys.map((key) => this.read(key));
    await this.beforeGiving?.();
    return values;
  }

  async set(key: string, value: string, ttlMs: number): Promise<void> {
    this.sets += 1;
    await this.beforeSet?.(key, value);
    this.write(key, value, ttlMs);
  }

  read(key: string): string | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.#clock.now() < entry.until ? entry.value : undefined;
  }

  write(key: string, value: string, ttlMs = 60_000): void {
    this.#entries.set(key, { value, until: this.#clock.now() + ttlMs });
  }

  /** Names of answers, and of stamps. */
  keys(kind: 'answer' | 'stamp'): string[] {
    return [...this.#entries.keys()].filter((key) => key.startsWith(`cdb:${kind}:`));
  }

  /** All that it holds, as who has broken in would read it. */
  get text(): string {
    return [...this.#entries].map(([key, { value }]) => `${key} ${value}`).join('\n');
  }

  copy(): ReadonlyMap<string, string> {
    return new Map([...this.#entries].map(([key, { value }]) => [key, value]));
  }

  clear(): void {
    this.#entries.clear();
  }
}
