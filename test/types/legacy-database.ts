import { createClient } from '@supabase/supabase-js';
import {
  createLegacyDatabase,
  type DatabaseOperations,
  type LegacyDatabaseService,
  type OperationLimits,
  service,
} from '../../src/index.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

type Public = Database['public'];

export async function legacyRowsAreThoseOfTheGenerated(): Promise<void> {
  const legacy = createLegacyDatabase<Database>({ createClient, url: 'https://ref.supabase.co', key: 'k' });
  type _Service = Expect<Equal<typeof legacy, LegacyDatabaseService<Public>>>;
  const operations: DatabaseOperations<Public> = legacy;
  const rows = await legacy.withToken('t').select('profiles', { columns: ['id'] });
  type _Rows = Expect<Equal<typeof rows, { id: string }[]>>;
  const sum = await legacy.as(service()).rpc('add_numbers', { a: 1, b: 2 });
  type _Sum = Expect<Equal<typeof sum, number>>;
  const billing = createLegacyDatabase<Database, 'billing'>({
    createClient,
    url: 'https://ref.supabase.co',
    key: 'k',
    schema: 'billing',
  });
  const invoices: DatabaseOperations<Database['billing']> = billing;
  // @ts-expect-error no such table
  await legacy.select('nowhere');
  // @ts-expect-error no such schema
  createLegacyDatabase<Database>({ createClient, url: 'u', key: 'k', schema: 'nowhere' });
  void [operations, invoices];
}

interface StoredTrip {
  readonly id: string;
}

/**
 * A legacy object of an application's own. Its methods are written for the names that it knows: the parameters of a method are
 * compared both ways, and `never` fits every result.
 */
class OurDatabase implements DatabaseOperations<Public> {
  readonly #rows = new Map<string, StoredTrip[]>();

  withToken(_jwt: string): OurDatabase {
    return this;
  }
  as(): OurDatabase {
    return this;
  }
  async select(table: string): Promise<never> {
    return (this.#rows.get(table) ?? []) as never;
  }
  async selectOne(table: string): Promise<never> {
    return this.#rows.get(table)?.[0] as never;
  }
  async selectMaybe(table: string): Promise<never> {
    return this.#rows.get(table)?.[0] as never;
  }
  async count(table: string): Promise<number> {
    return this.#rows.get(table)?.length ?? 0;
  }
  async insert(_table: string, row: unknown): Promise<never> {
    return row as never;
  }
  async update(): Promise<never> {
    return [] as never;
  }
  async delete(): Promise<never> {
    return [] as never;
  }
  async upsert(_table: string, row: unknown): Promise<never> {
    return row as never;
  }
  async rpc(_name: string, _args?: unknown, _limits?: OperationLimits): Promise<never> {
    return null as never;
  }
  async vectorSearch(): Promise<never> {
    return [] as never;
  }
}

export const ours: DatabaseOperations<Public> = new OurDatabase();
