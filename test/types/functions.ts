import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const older: ConsolidatedDatabaseService<{
  public: {
    Tables: Record<never, never>;
    Views: Record<never, never>;
    Functions: { ping: { Args: never; Returns: string } };
  };
}>;
type FoundTrips = Extract<Database['public']['Functions']['find_trip'], { Args: { id: string } }>['Returns'];

export async function argumentsAreRequiredWhereTheFunctionRequiresThem(): Promise<void> {
  const version = await db.rpc('version_of');
  type _Version = Expect<Equal<typeof version, string>>;
  await db.rpc('version_of', {}, { timeoutMs: 100 });
  const sum = await db.rpc('add_numbers', { a: 1, b: 2 }, { mode: 'direct' });
  type _Sum = Expect<Equal<typeof sum, number>>;
  await db.rpc('add_numbers', { a: 1 });
  await db.rpc('all_default');
  await db.rpc('all_default', { a: 2 });
  await db.rpc('vari', { a: [1, 2] });
  const nothing = await db.rpc('do_it', { x: { any: ['json'] } });
  type _Nothing = Expect<Equal<typeof nothing, undefined>>;
  const rows = await db.rpc('top', { n: 3 });
  type _Rows = Expect<Equal<typeof rows, { n: number; title: string }[]>>;
  const pong = await older.rpc('ping');
  type _Pong = Expect<Equal<typeof pong, string>>;
}

export async function theSignatureIsChosenByArgumentNames(): Promise<void> {
  const byId = await db.rpc('find_trip', { id: 't' });
  type _ById = Expect<Equal<typeof byId, FoundTrips>>;
  await db.rpc('find_trip', { title: 'Lisbon', lim: 3 });
  const without = await db.rpc('ov');
  type _Without = Expect<Equal<typeof without, number>>;
  const withName = await db.rpc('ov', { a: 'x' });
  type _WithName = Expect<Equal<typeof withName, string>>;
}

export async function wrongCallsDoNotCompile(): Promise<void> {
  // @ts-expect-error no such function
  await db.rpc('add_number', { a: 1 });
  // @ts-expect-error a is required
  await db.rpc('add_numbers');
  // @ts-expect-error a is required
  await db.rpc('add_numbers', { b: 1 });
  // @ts-expect-error a is a number
  await db.rpc('add_numbers', { a: '1' });
  // @ts-expect-error no such argument
  await db.rpc('add_numbers', { a: 1, c: 3 });
  // @ts-expect-error it takes no arguments
  await db.rpc('version_of', { a: 1 });
  // @ts-expect-error it takes no arguments
  await older.rpc('ping', { a: 1 });
  // @ts-expect-error no signature takes the title alone
  await db.rpc('find_trip', { title: 'Lisbon' });
  // @ts-expect-error no signature takes both
  await db.rpc('find_trip', { id: 't', title: 'Lisbon' });
  // @ts-expect-error the id is text
  await db.rpc('find_trip', { id: 1 });
  // @ts-expect-error the database cannot choose between the signatures
  await db.rpc('amb', { a: 1 });
  // @ts-expect-error an argument without a name cannot be given
  await db.rpc('title_upper', { '': {} });
  // @ts-expect-error no such option
  await db.rpc('add_numbers', { a: 1 }, { retries: 3 });
}
