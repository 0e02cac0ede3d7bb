import { op } from '../../src/consolidated/filters/operator.ts';
import { path } from '../../src/consolidated/filters/path.ts';
import { anonymous, service, user } from '../../src/consolidated/identity/actors.ts';
import type { DatabaseHandle } from '../../src/consolidated/typed/database-handle.ts';
import type { ConsolidatedDatabaseService } from '../../src/consolidated/typed/database-service.ts';
import type { UntypedDatabase } from '../../src/consolidated/typed/schema-names.ts';
import type { DatabaseOperations } from '../../src/rollout/database-operations.ts';
import { fileFlag } from '../../src/rollout/file-flag.ts';
import { createRollout } from '../../src/rollout/rollout.ts';
import type { Equal, Expect } from './expect.ts';
import type { Database } from './sample-database.ts';

declare const db: ConsolidatedDatabaseService<Database>;
declare const mine: DatabaseHandle<Database>;
declare const untyped: ConsolidatedDatabaseService;
declare const operations: DatabaseOperations<Public>;
type Public = Database['public'];
type Profile = Public['Tables']['profiles']['Row'];

export function theServiceIsOneAsItIs(): DatabaseOperations<Public>[] {
  const invoices: DatabaseOperations<Database['billing']> = db.schema('billing');
  // @ts-expect-error another schema
  const wrong: DatabaseOperations<Database['billing']> = db;
  const any: DatabaseOperations<UntypedDatabase['public']> = untyped;
  void [invoices, wrong, any];
  return [db, mine, db.as(service()), operations.withToken('t'), operations.as(anonymous())];
}

export async function aRolloutIsOneToo(): Promise<DatabaseOperations<Public>> {
  const flag = fileFlag('rollout.json');
  const rollout = createRollout<Public>({ legacy: operations, consolidated: db, flag });
  const rows = await rollout.withToken('t').select('profiles', { columns: ['email'] });
  type _Rows = Expect<Equal<typeof rows, { email: string }[]>>;
  createRollout({ legacy: untyped, consolidated: untyped, flag });
  // @ts-expect-error a side of another schema
  createRollout<Public>({ legacy: db.schema('billing'), consolidated: db, flag });
  // @ts-expect-error no such option
  createRollout<Public>({ legacy: db, consolidated: db, flag, percentage: 5 });
  // @ts-expect-error a handle alone is no source of a flag
  createRollout<Public>({ legacy: db, consolidated: db, flag: db });
  return rollout;
}

export async function whatBothSidesRead(): Promise<void> {
  const rows = await operations.select('profiles', { columns: ['id'], orderBy: 'id', limit: 3, offset: 1 });
  type _Rows = Expect<Equal<typeof rows, { id: string }[]>>;
  const counted = await operations.select('profiles', { count: 'exact', filters: { email: op.like('a%') } });
  type _Counted = Expect<Equal<typeof counted, { rows: Profile[]; count: number }>>;
  const one = await operations.selectOne('profiles', { filters: { id: 'p' } });
  type _One = Expect<Equal<typeof one, Profile>>;
  const maybe = await operations.selectMaybe('profiles', { columns: ['email'], timeoutMs: 5 });
  type _Maybe = Expect<Equal<typeof maybe, { email: string } | undefined>>;
  const near = await operations.vectorSearch('destinations', { vector: [1], columns: ['name'] });
  type _Near = Expect<Equal<typeof near, { name: string; similarity: number }[]>>;
  type _Count = Expect<Equal<number, Awaited<ReturnType<typeof operations.count>>>>;
  const sum = await operations.rpc('add_numbers', { a: 1, b: 2 }, { timeoutMs: 100 });
  type _Sum = Expect<Equal<typeof sum, number>>;
  // @ts-expect-error a legacy service has no modes
  await operations.select('profiles', { mode: 'direct' });
  // @ts-expect-error nor a cache
  await operations.select('profiles', { cache: true });
  // @ts-expect-error its counts are exact
  await operations.select('profiles', { count: 'planned' });
  // @ts-expect-error a path is no column
  await operations.select('profiles', { columns: [path('id')] });
  // @ts-expect-error no such column
  await operations.select('profiles', { columns: ['emial'] });
  // @ts-expect-error a user acts by a token
  operations.as(user({ sub: 'u' }));
  // @ts-expect-error transactions are the service's alone
  operations.transaction;
}

export async function whatBothSidesWrite(): Promise<void> {
  const row = { id: 'p', email: 'e' };
  const made = await operations.insert('profiles', row);
  type _Made = Expect<Equal<typeof made, Profile>>;
  const several = await operations.insert('profiles', [row], { returning: ['id'] });
  type _Several = Expect<Equal<typeof several, { id: string }[]>>;
  const kept = await operations.upsert('profiles', row, { onConflict: 'email', ignoreDuplicates: true });
  type _Kept = Expect<Equal<typeof kept, Profile | undefined>>;
  const changed = await operations.update('profiles', { email: 'x' }, { filters: { id: 'p' } });
  type _Changed = Expect<Equal<typeof changed, Profile[]>>;
  const gone = await operations.delete('profiles', { all: true, returning: false });
  type _Gone = Expect<Equal<typeof gone, number>>;
  // @ts-expect-error it needs filters or all
  await operations.delete('profiles', {});
  // @ts-expect-error a legacy service cannot take back what it wrote
  await operations.update('profiles', { email: 'x' }, { filters: { id: 'p' }, expect: 1 });
}
