/**
 * All memory cases with as many rows as wanted, as a table:
 *
 *     node test/memory/run-memory.ts --rows 1000000 --megabytes 600
 */
import { parseArgs } from 'node:util';
import { createTestDatabase } from '../support/full-stack.ts';
import { CASES, type CaseName } from './cases.ts';
import { measure } from './measure.ts';
import { memorySql } from './memory-database.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, megabytes: { type: 'string', default: '600' } },
});
await using database = await createTestDatabase({
  sql: memorySql(Number(values.rows), Number(values.megabytes)),
});
const table: Record<string, unknown> = {};
for (const name of Object.keys(CASES) as CaseName[]) table[name] = await measure(database, name);
console.table(table);
