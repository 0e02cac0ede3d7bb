import type { Field } from '../../contract/mode.ts';
import type { ServerMessage } from '../driver.ts';

/** A named statement on one connection. */
export interface PreparedStatement {
  readonly name: string;
  /** True once the server confirmed the Parse. */
  ready: boolean;
  /** Columns of the answer; known once described. */
  fields: readonly Field[];
  /** Number of its last use; the smallest one is the least recently used. */
  usedAt: number;
  readonly key: string;
  readonly role: string;
}

/**
 * The named statements of one connection, bounded: the least recently used one is closed in the batch
 * that adds one too many. A statement has one name per role, because a plan that depends on row level
 * security is made for a role, and sharing it has been a security fault of Postgres (CVE-2024-10976).
 */
export class PreparedStatements {
  readonly #max: number;
  /** By role, then by the name of the plan: the common look-up builds no name. */
  readonly #byRole = new Map<string, Map<string, PreparedStatement>>();
  #size = 0;
  #uses = 0;
  readonly #roles = new Map<string, number>();
  /** Names that the server may still hold though we do not trust them any more. */
  readonly #toClose = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The statement of that plan and role, made the most recently used one. */
  use(planName: string, role: string): PreparedStatement {
    const found = this.#byRole.get(role)?.get(planName) ?? this.#add(planName, role);
    this.#uses += 1;
    found.usedAt = this.#uses;
    return found;
  }

  /** True when the server may hold that name already: a Close has to lead its Parse. */
  mustClose(name: string): boolean {
    return this.#toClose.has(name);
  }

  /** Names to close now. Those in `keep` are in use by the batch at hand. */
  evict(keep: readonly PreparedStatement[]): readonly string[] {
    if (this.#size <= this.#max && this.#toClose.size === 0) return [];
    const idle = [...this.#all()].filter((statement) => !keep.includes(statement));
    idle.sort((a, b) => a.usedAt - b.usedAt);
    for (const statement of idle.slice(0, Math.max(0, this.#size - this.#max))) {
      this.#remove(statement);
      if (statement.ready) this.#toClose.add(statement.name);
    }
    const alive = new Set([...this.#all()].filter(({ ready }) => ready).map(({ name }) => name));
    for (const { name } of keep) alive.add(name);
    return [...this.#toClose].filter((name) => !alive.has(name));
  }

  /** The server answered the batch that closed this one. */
  confirmClosed(name: string): void {
    this.#toClose.delete(name);
  }

  /** The server refused a batch: what it had not confirmed by then does not exist. */
  settleFailed(error: ServerMessage): void {
    if (error.code === '26000' || error.code === '42P05' || isStalePlan(error)) {
      // What we know is wrong: all names are parsed anew, closed before. The one that collided is among those
      // that were never confirmed.
      for (const { name } of this.#all()) this.#toClose.add(name);
      this.#clear();
    } else for (const statement of this.#all()) if (!statement.ready) this.#remove(statement);
  }

  /** After DISCARD ALL. */
  forgetAll(): void {
    this.#clear();
    this.#toClose.clear();
  }

  get size(): number {
    return this.#size;
  }

  #add(planName: string, role: string): PreparedStatement {
    let index = this.#roles.get(role);
    if (index === undefined) {
      index = this.#roles.size;
      this.#roles.set(role, index);
    }
    let ofRole = this.#byRole.get(role);
    if (ofRole === undefined) {
      ofRole = new Map();
      this.#byRole.set(role, ofRole);
    }
    const added = { name: `${planName}_${index}`, ready: false, fields: [], usedAt: 0, key: planName, role };
    ofRole.set(planName, added);
    this.#size += 1;
    return added;
  }

  #remove({ key, role }: PreparedStatement): void {
    if (this.#byRole.get(role)?.delete(key) === true) this.#size -= 1;
  }

  #clear(): void {
    this.#byRole.clear();
    this.#size = 0;
  }

  *#all(): Generator<PreparedStatement> {
    for (const ofRole of this.#byRole.values()) yield* ofRole.values();
  }
}

/** DDL changed the rows of a kept plan. */
export function isStalePlan(error: ServerMessage): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}
