import {
  checkOptions,
  NO_OPTIONS,
  optionNames,
  ownOptions,
  wholeNumber,
} from '../consolidated/compile/check-options.ts';
import type { RowOf } from '../consolidated/typed/relations.ts';
import type { TransactionOptions } from '../consolidated/typed/transaction-handle.ts';
import { ValidationError } from '../contract/errors.ts';
import { type Found, pageOf } from './page.ts';
import { pageOrder } from './page-order.ts';
import type { KeyColumns, Repository, RepositoryHandle, RepositoryTable } from './repository.ts';
import { rowOfKey } from './row-of-key.ts';

const DEFAULT_LIMIT = 100;

const FIND = optionNames('find', 'columns', 'cache');
const GET = optionNames('get', 'columns', 'cache');
const LIST = optionNames('list', 'columns', 'filters', 'orderBy', 'limit', 'after', 'count', 'cache');
const CREATE = optionNames('create', 'returning', 'idempotencyKey');
const UPDATE = optionNames('update', 'unchanged', 'returning', 'idempotencyKey');
const REMOVE = optionNames('remove', 'unchanged', 'idempotencyKey');

/** Checked by the methods of the handle. */
type Options = object;

interface ListOptions {
  readonly columns?: unknown;
  readonly orderBy?: unknown;
  readonly limit?: unknown;
}

/**
 * What is called of a handle. Rows have the type `never`, the only one that fits every `Database`. For the same reason what the
 * methods make of rows is cast to it.
 */
interface Rows {
  selectMaybe(table: string, options: object): Promise<never>;
  selectOne(table: string, options: object): Promise<never>;
  select(table: string, options: object): Promise<Found>;
  insert(table: string, rows: unknown, options: object): Promise<never>;
  update(table: string, set: unknown, options: object): Promise<number | never[]>;
  delete(table: string, options: object): Promise<unknown>;
}

/** The table and its key, the same for all callers. */
interface Definition {
  readonly table: string;
  readonly key: string | readonly string[];
  /** The same as a list. */
  readonly columns: readonly string[];
}

/**
 * Each method is a call of its handle, with filters for the row of the key. Every call says which columns it takes for the key:
 * the service compares them with its catalog.
 */
export class TableRepository<S, Name extends RepositoryTable<S>, Key extends KeyColumns<RowOf<S, Name>>>
  implements Repository<S, Name, Key>
{
  readonly #handle: RepositoryHandle<S>;
  readonly #rows: Rows;
  readonly #definition: Definition;

  constructor(handle: RepositoryHandle<S>, definition: Definition) {
    this.#handle = handle;
    // The compiler has checked the table and the key where the repository is made, and cannot follow them through a schema that
    // it does not know here.
    this.#rows = handle as unknown as Rows;
    this.#definition = definition;
  }

  async find(key: unknown, options: Options = NO_OPTIONS): Promise<never> {
    checkOptions(options, FIND);
    return this.#rows.selectMaybe(this.#definition.table, this.#ofRow(key, options));
  }

  async get(key: unknown, options: Options = NO_OPTIONS): Promise<never> {
    checkOptions(options, GET);
    return this.#rows.selectOne(this.#definition.table, this.#ofRow(key, options));
  }

  async list(given: ListOptions = NO_OPTIONS): Promise<never> {
    const options = ownOptions(given);
    checkOptions(options, LIST);
    const { table, columns: key } = this.#definition;
    const { columns, limit = DEFAULT_LIMIT } = options;
    const size = wholeNumber(limit, 'limit', 1, ValidationError);
    const order = pageOrder(options.orderBy, key);
    const hasColumns = Array.isArray(columns) && columns.length > 0;
    const added = hasColumns ? order.columns.filter((name) => !columns.includes(name)) : [];
    const found = await this.#rows.select(table, {
      ...options,
      ...(added.length > 0 && { columns: [...(columns as readonly unknown[]), ...added] }),
      orderBy: order.orderBy,
      // One more tells whether another page follows.
      limit: size + 1,
      key,
    });
    return pageOf(found, size, order.columns, added) as never;
  }

  async create(rows: unknown, options: Options = NO_OPTIONS): Promise<never> {
    checkOptions(options, CREATE);
    return this.#rows.insert(this.#definition.table, rows, options);
  }

  async update(key: unknown, changes: unknown, options: Options = NO_OPTIONS): Promise<never> {
    checkOptions(options, UPDATE);
    const { table } = this.#definition;
    const changed = await this.#rows.update(table, changes, { ...this.#ofRow(key, options), expect: 1 });
    return (Array.isArray(changed) ? changed[0] : changed) as never;
  }

  async remove(key: unknown, options: Options = NO_OPTIONS): Promise<void> {
    checkOptions(options, REMOVE);
    const { table } = this.#definition;
    await this.#rows.delete(table, { ...this.#ofRow(key, options), expect: 1, returning: false });
  }

  withTransaction<Result>(
    fn: (repository: Repository<S, Name, Key>, tx: RepositoryHandle<S>) => Promise<Result>,
    options?: TransactionOptions,
  ): Promise<Result> {
    return this.#handle.transaction((tx) => fn(this.with(tx), tx), options);
  }

  with(handle: RepositoryHandle<S>): Repository<S, Name, Key> {
    return new TableRepository<S, Name, Key>(handle, this.#definition);
  }

  #ofRow(given: unknown, options: Options): object {
    const { key, columns } = this.#definition;
    return { ...options, filters: rowOfKey(key, given), key: columns };
  }
}
