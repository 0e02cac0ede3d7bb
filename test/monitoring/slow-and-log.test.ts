import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type SlowCall,
  service,
} from '../../src/index.ts';

const SECRET = 'nobody-shall-read-this';

describe('slow calls and the log', () => {
  const slow: SlowCall[] = [];
  const lines: string[] = [];
  let db: ConsolidatedDatabaseService;

  beforeAll(async () => {
    db = createDatabaseService({
      embedded: { sql: 'create table notes (id int primary key, title text)' },
      slowMs: 150,
      onSlow: (call) => slow.push(call),
      log: (line) => lines.push(line),
    });
    await db.as(service()).select('notes');
  });
  beforeEach(() => {
    slow.splice(0);
    lines.splice(0);
  });
  afterAll(() => db.close());

  it('tell of a call that took long, with its SQL and without its values', async () => {
    await db.as(service()).sql`select pg_sleep(0.2)::text as slept, ${SECRET} as a`;
    expect(slow).toMatchObject([
      { event: { kind: 'sql' }, sql: ['select pg_sleep(0.2)::text as slept, $1 as a'] },
    ]);
    expect(JSON.stringify(slow)).not.toContain(SECRET);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('| select pg_sleep(0.2)::text as slept, $1 as a');
    expect(lines[0]).not.toContain(SECRET);
  });

  it('log each call of a transaction, and the transaction', async () => {
    await db.as(service()).transaction((tx) => tx.insert('notes', { id: 1, title: SECRET }));
    expect(lines.map((line) => line.split(' ')[3])).toEqual(['insert', 'transaction']);
    expect(lines.join('\n')).not.toContain(SECRET);
  });

  it('log the failure of a call that sent nothing', async () => {
    await expect(db.select('notes')).rejects.toThrow();
    expect(lines[0]).toMatch(/^[\d.]+ ms no mode select IDENTITY_REQUIRED \(not-applied\)$/);
  });
});

it('the log is refused in production, where raw SQL would be written down', () => {
  const options = {
    direct: 'postgres://a:b@127.0.0.1/a',
    service: { direct: 'postgres://c:d@127.0.0.1/a' },
    production: true,
  };
  expect(() => createDatabaseService({ ...options, log: true })).toThrow(/'log' is for development/);
});
