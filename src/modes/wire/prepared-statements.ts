import type { Field } from '../../contract/mode.ts';

/** A named statement on one connection. */
export interface PreparedStatement {
  readonly name: string;
  /** True once the server confirmed the Parse. */
  ready: boolean;
  /** Columns of the answer; known once described. */
  fields: readonly Field[];
}

/**
 * The named statements of one connection, bounded: the least recently used one is closed in the batch
 * that adds one too many. A statement has one name per role, because a plan that depends on row level
 * security is made for a role, and sharing it has been a security fault of Postgres (CVE-2024-10976).
 */
export class PreparedStatements {
  readonly #max: number;
  readonly #byName = new Map<string, PreparedStatement>();
  readonly #roles = new Map<string, number>();
  /** Names that the server may still hold though we do not trust them any more. */
  readonly #toClose = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  nameFor(planName: string, role: string): string {
    let index = this.#roles.get(role);
    if (index === undefined) {
      index = this.#roles.size;
      this.#roles.set(role, index);
    }
    return `${planName}_${index}`;
  }

  /** The statement of that name, made the most recently used one. */
  use(name: string): PreparedStatement {
    const found = this.#byName.get(name);
    if (found !== undefined) {
      this.#byName.delete(name);
      this.#byName.set(name, found);
      return found;
    }
    const added: PreparedStatement = { name, ready: false, fields: [] };
    this.#byName.set(name, added);
    return added;
  }

  /** True when the server may hold that name already: a Close has to lead its Parse. */
  mustClose(name: string): boolean {
    return this.#toClose.has(name);
  }

  /** Names to close now. Those in `keep` are in use by the batch at hand. */
  evict(keep: ReadonlySet<string>): readonly string[] {
    if (this.#byName.size > this.#max) {
      for (const [name, statement] of this.#byName) {
        if (this.#byName.size <= this.#max) break;
        if (keep.has(name)) continue;
        this.#byName.delete(name);
        if (statement.ready) this.#toClose.add(name);
      }
    }
    return this.#toClose.size === 0
      ? []
      : [...this.#toClose].filter((name) => !keep.has(name) && this.#byName.get(name)?.ready !== true);
  }

  /** The server answered the batch that closed these. */
  confirmClosed(name: string): void {
    this.#toClose.delete(name);
  }

  /** After a failed batch: what was not confirmed does not exist. */
  forgetUnready(): void {
    for (const [name, statement] of this.#byName) if (!statement.ready) this.#byName.delete(name);
  }

  /** After the server said that what we know is wrong: all names are parsed anew, closed before. */
  distrustAll(): void {
    for (const name of this.#byName.keys()) this.#toClose.add(name);
    this.#byName.clear();
  }

  /** After DISCARD ALL. */
  forgetAll(): void {
    this.#byName.clear();
    this.#toClose.clear();
  }

  get size(): number {
    return this.#byName.size;
  }
}
