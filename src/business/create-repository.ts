import { checkOptions } from '../consolidated/compile/check-options.ts';
import type { RowOf } from '../consolidated/typed/relations.ts';
import { UsageError } from '../contract/errors.ts';
import type {
  KeyColumns,
  Repository,
  RepositoryHandle,
  RepositoryParameters,
  RepositoryTable,
} from './repository.ts';
import { TableRepository } from './table-repository.ts';

const KNOWN = { method: 'createRepository', names: new Set(['key']) };

/**
 * The rows of one table by their key: find, list by pages, create, update, remove. It takes the handle it is given, and acts as
 * that does. It holds nothing else: make one for each request, or one for `db` and `with(handle)` for each caller.
 *
 * The database is not asked for the key. It is `id` unless the option `key` names another one, and every call compares it with the
 * catalog that the service has anyway: what is no unique key is a `UsageError` of code `NOT_A_KEY`.
 *
 * @example
 * ```ts
 * const trips = createRepository(db.withToken(token), 'trips');
 * const trip = await trips.find(tripId);
 * const { rows, next } = await trips.list({ filters: { status: 'planning' }, orderBy: 'starts_on', limit: 20 });
 * const members = createRepository(db, 'trip_members', { key: ['trip_id', 'user_id'] });
 * await members.remove({ trip_id: tripId, user_id: userId });
 * ```
 */
export function createRepository<
  S,
  Name extends RepositoryTable<S>,
  const Key extends KeyColumns<RowOf<S, Name>> = 'id' & keyof RowOf<S, Name>,
>(
  handle: RepositoryHandle<S>,
  table: Name,
  ...[options]: RepositoryParameters<RowOf<S, Name>, Key>
): Repository<S, Name, Key> {
  const key = readKey(options ?? {});
  return new TableRepository<S, Name, Key>(handle, {
    table,
    key,
    columns: Object.freeze(typeof key === 'string' ? [key] : key),
  });
}

function readKey(options: { readonly key?: unknown }): string | readonly string[] {
  checkOptions(options, KNOWN);
  if (!Object.hasOwn(options, 'key')) return 'id';
  const { key } = options;
  if (typeof key === 'string') return key;
  if (Array.isArray(key) && key.length > 0 && key.every((name) => typeof name === 'string')) return [...key];
  throw new UsageError("The option 'key' must be the name of a column, or an array of at least one.");
}
