/** The store that the processes of the soak share: it is in the parent, and they ask it over their channels. In place of Redis. */
import type { ChildProcess } from 'node:child_process';
import type { SecondLevelStore } from '../../src/index.ts';

interface StoreRequest {
  readonly storeRequest: number;
  readonly keys?: readonly string[];
  readonly set?: readonly [key: string, value: string, ttlMs: number];
}

interface StoreAnswer {
  readonly storeAnswer: number;
  /** Null where there is none: a channel carries JSON. */
  readonly values?: readonly (string | null)[];
}

/** On the side of the child. */
export class StoreOfParent implements SecondLevelStore {
  readonly #waiting = new Map<number, (answer: StoreAnswer) => void>();
  #last = 0;

  constructor() {
    process.on('message', (answer: StoreAnswer) => {
      this.#waiting.get(answer.storeAnswer)?.(answer);
      this.#waiting.delete(answer.storeAnswer);
    });
  }

  async getMany(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const { values = [] } = await this.#ask({ keys });
    return values.map((value) => value ?? undefined);
  }

  async set(...set: readonly [key: string, value: string, ttlMs: number]): Promise<void> {
    await this.#ask({ set });
  }

  #ask(request: Omit<StoreRequest, 'storeRequest'>): Promise<StoreAnswer> {
    this.#last += 1;
    process.send?.({ storeRequest: this.#last, ...request } satisfies StoreRequest);
    return new Promise((resolve) => this.#waiting.set(this.#last, resolve));
  }
}

/** On the side of the parent. */
export function serveStore(child: ChildProcess, store: SecondLevelStore): void {
  child.on('message', async ({ storeRequest, keys, set }: StoreRequest) => {
    if (storeRequest === undefined) return;
    if (set !== undefined) await store.set(...set);
    const values = keys && (await store.getMany(keys)).map((value) => value ?? null);
    if (child.connected)
      child.send({ storeAnswer: storeRequest, ...(values && { values }) } satisfies StoreAnswer);
  });
}
