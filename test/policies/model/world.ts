import type { Row, Rows, Table } from './rows.ts';

/** Who can sign in, unless something excludes them. */
export interface Account {
  readonly email: string | null;
  readonly excluded: 'banned' | 'deleted' | null;
}

/** All rows there are, as whoever is held back by nothing sees them. Rows are never changed in place, only replaced. */
export class World {
  /** By their ids. Each may have a profile. */
  readonly accounts: ReadonlyMap<string, Account>;
  #rows: { readonly [T in Table]: readonly Rows[T][] };

  constructor(accounts: ReadonlyMap<string, Account>, rows: { readonly [T in Table]: readonly Rows[T][] }) {
    this.accounts = accounts;
    this.#rows = rows;
  }

  get profiles(): readonly Rows['profiles'][] {
    return this.#rows.profiles;
  }

  get trips(): readonly Rows['trips'][] {
    return this.#rows.trips;
  }

  get collaborators(): readonly Rows['trip_collaborators'][] {
    return this.#rows.trip_collaborators;
  }

  get destinations(): readonly Rows['destinations'][] {
    return this.#rows.destinations;
  }

  rowsOf<T extends Table>(table: T): readonly Rows[T][] {
    return this.#rows[table];
  }

  /** The same world with other rows in one table. */
  with<T extends Table>(table: T, rows: readonly Rows[T][]): World {
    return new World(this.accounts, { ...this.#rows, [table]: rows });
  }

  withAccounts(accounts: ReadonlyMap<string, Account>): World {
    return new World(accounts, this.#rows);
  }

  /** Whether a user has an account and is neither banned nor deleted. */
  admits(user: string): boolean {
    return this.accounts.get(user)?.excluded === null;
  }
}

/** Whether two rows have the same values in these columns. */
export function agree(one: Row, other: Row, columns: readonly string[]): boolean {
  return columns.every((column) => one[column] === other[column]);
}
