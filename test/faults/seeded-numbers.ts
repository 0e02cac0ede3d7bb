/** Numbers of operations, whose they are, and the rows of theirs that were there before. */
import type { OwnerQuery } from '../support/journal/journal-owner.ts';

const USERS = 50;
const BLOCK = 2_000;

export function subjectOf(op: number): string {
  return `00000000-0000-4000-8000-${(op % USERS).toString(16).padStart(12, '0')}`;
}

const SUBJECT = `('00000000-0000-4000-8000-' || lpad(to_hex(n % ${USERS}), 12, '0'))::uuid`;

export class SeededNumbers {
  readonly #owner: { readonly query: OwnerQuery };
  #last = 0;
  #seeded = 0;

  constructor(owner: { readonly query: OwnerQuery }) {
    this.#owner = owner;
  }

  take(): { readonly op: number; readonly isSeeded: boolean } {
    const op = ++this.#last;
    return { op, isSeeded: op <= this.#seeded };
  }

  /** Keeps numbers for another process: those below `seeded` have their rows. */
  reserve(count: number): { readonly first: number; readonly seeded: number } {
    const first = this.#last + 1;
    this.#last += count;
    return { first, seeded: Math.min(this.#seeded, this.#last) + 1 };
  }

  /** Seeds rows for some thousand operations to come: while a server is away, none can be. */
  async seedAhead(): Promise<void> {
    while (this.#seeded < this.#last + BLOCK) {
      const from = Math.max(this.#seeded, this.#last) + 1;
      const to = from + BLOCK - 1;
      for (const table of ['journal', 'journal_keyed'] as const) await this.#seed(table, from, to);
      this.#seeded = to;
    }
  }

  /** Keys that nobody can insert any more, each of the user whose operations have that number. */
  async takeKeys(from: number, to: number): Promise<void> {
    await this.#seed('journal_keyed', from, to);
  }

  async #seed(table: 'journal' | 'journal_keyed', from: number, to: number): Promise<void> {
    const unlessThere = table === 'journal' ? '' : 'on conflict do nothing';
    await this.#owner.query(
      `insert into ${table} (op, step, state, owner)
         select n, 0, 'seed', ${SUBJECT} from generate_series($1::int, $2::int) n ${unlessThere}`,
      [from, to],
    );
  }
}
