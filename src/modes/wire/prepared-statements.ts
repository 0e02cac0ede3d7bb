import type { Field } from '../../contract/mode.ts';
import type { ServerMessage } from './messages.ts';
import { isRaised } from './raised-error.ts';

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
 * The named statements of one connection, with a maximum: the batch that adds one too many closes the least
 * recently used one. A statement has one name per role, because a plan that depends on row level
 * security is made for a role, and sharing it was a security bug of Postgres (CVE-2024-10976).
 */
export class PreparedStatements {
  readonly #max: number;
  /** By role, then by the name of the plan: the common lookup builds no name. */
  readonly #byRole = new Map<string, Map<string, PreparedStatement>>();
  #size = 0;
  #uses = 0;
  readonly #roles = new Map<string, number>();
  /** Names that may still exist on the server although we do not trust them any more. */
  readonly #toClose = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The statement of that plan and role, which becomes the most recently used one. */
  use(planName: string, role: string): PreparedStatement {
    const found = this.#byRole.get(role)?.get(planName) ?? this.#add(planName, role);
    this.#uses += 1;
    found.usedAt = this.#uses;
    return found;
  }

  /** True when that name may exist on the server: a Close must come before its Parse. */
  mustClose(name: string): boolean {
    return this.#toClose.has(name);
  }

  /** Names to close now. Those in `keep` are in use by the current batch. */
  evict(keep: readonly PreparedStatement[]): readonly string[] {
    while (this.#size > this.#max) {
      const oldest = this.#leastRecentlyUsed(keep);
      if (oldest === undefined) break;
      this.#remove(oldest);
      if (oldest.ready) this.#toClose.add(oldest.name);
    }
    if (this.#toClose.size === 0) return NONE;
    const alive = new Set(keep.map(({ name }) => name));
    for (const statement of this.#all()) if (statement.ready) alive.add(statement.name);
    return [...this.#toClose].filter((name) => !alive.has(name));
  }

  /** The server answered the batch that closed this one. */
  confirmClosed(name: string): void {
    this.#toClose.delete(name);
  }

  /** The server refused a batch: statements that were not confirmed do not exist. */
  settleFailed(error: ServerMessage): void {
    if (isNameFault(error) || isStalePlan(error)) {
      // Our list is wrong. The name that collided is among those that were never confirmed.
      this.distrust();
      return;
    }
    for (const statement of this.#all()) {
      if (statement.ready) continue;
      this.#remove(statement);
      // A pooler that tracks names may have recorded it before the server refused the batch.
      this.#toClose.add(statement.name);
    }
  }

  /** All names are closed and parsed again. To close one that does not exist is no error. */
  distrust(): void {
    for (const { name } of this.#all()) this.#toClose.add(name);
    this.#clear();
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

  #leastRecentlyUsed(keep: readonly PreparedStatement[]): PreparedStatement | undefined {
    let oldest: PreparedStatement | undefined;
    for (const statement of this.#all()) {
      if (keep.includes(statement)) continue;
      if (oldest === undefined || statement.usedAt < oldest.usedAt) oldest = statement;
    }
    return oldest;
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

const NONE: readonly never[] = [];

/** A name that the server does not know, or knows already. */
export function isNameFault(error: ServerMessage): boolean {
  return (error.code === '26000' || error.code === '42P05') && !isRaised(error);
}

/** DDL changed the columns of a cached plan. */
export function isStalePlan(error: ServerMessage): boolean {
  return error.code === '0A000' && error.routine === 'RevalidateCachedQuery';
}
