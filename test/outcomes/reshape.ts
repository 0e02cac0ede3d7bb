/** Changes of a table beneath those who write to it. */

import type { OwnerQuery } from '../support/journal/journal-owner.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';

/** Columns come and go, and change their type. */
const CHANGES = [
  'alter column extra type int8 using extra::int8',
  'alter column extra type int4 using extra::int4',
  'alter column extra type numeric using extra::numeric',
  'add column if not exists further text',
  'drop column if exists further',
] as const;

export async function reshape(query: OwnerQuery, table: string, random: SeededRandom): Promise<void> {
  await query(`alter table ${table} ${random.pick(CHANGES) ?? CHANGES[0]}`);
}
