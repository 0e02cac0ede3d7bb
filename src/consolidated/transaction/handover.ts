/**
 * Passes items from a producer to a consumer that requests them, one at a time. The producer is never more than
 * one item ahead.
 */
export class Handover<T> {
  #item: { readonly value: T } | undefined;
  #end: { readonly error: unknown } | undefined;
  #wakeConsumer: (() => void) | undefined;
  #wakeProducer: (() => void) | undefined;
  #stopped = false;

  /** Producer: resolves when the consumer has taken the item; `false` if there is no consumer any more. */
  async offer(value: T): Promise<boolean> {
    if (this.#stopped) return false;
    this.#item = { value };
    this.#wakeConsumer?.();
    await new Promise<void>((resolve) => {
      this.#wakeProducer = resolve;
    });
    return !this.#stopped;
  }

  /** Producer: there are no more items; the consumer gets the error, if any. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wakeConsumer?.();
  }

  /** Consumer: the next item, or undefined at the end. */
  async take(): Promise<T | undefined> {
    while (this.#item === undefined && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeConsumer = resolve;
      });
    }
    const item = this.#item;
    if (item !== undefined) {
      this.#item = undefined;
      this.#wakeProducer?.();
      return item.value;
    }
    if (this.#end?.error !== undefined) throw this.#end.error;
    return undefined;
  }

  /** Consumer: stops reading. */
  stop(): void {
    this.#stopped = true;
    this.#wakeProducer?.();
  }
}
