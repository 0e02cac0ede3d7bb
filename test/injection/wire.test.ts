import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scan } from '../../src/consolidated/raw-sql/scan.ts';
import { type Clock, systemClock } from '../../src/contract/clock.ts';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
  fragment,
  op,
  path,
  service,
  user,
} from '../../src/index.ts';
import { createTestDatabase, describeFullStack, type TestDatabase } from '../support/full-stack.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { FaultyProxy } from '../support/network/faulty-proxy.ts';
import { refusal } from '../support/refusal.ts';
import { HOSTILE_SQL } from './hostile-schema.ts';
import { HOSTILE_TEXTS, storableText, UNSENDABLE_TEXTS } from './hostile-texts.ts';
import { check, PROPERTY_TIMEOUT_MS } from './property-runs.ts';

/** Time stands still, so that a missing name makes the catalog be read again once and no more. */
const stillClock: Clock = { ...systemClock, now: () => 1_000_000 };

const CALLS: readonly ((db: DatabaseHandle, x: string) => Promise<unknown>)[] = [
  (db, x) => db.select('hostile', { filters: { t: x, ts: op.contains([x]) }, orderBy: 'id' }),
  (db, x) =>
    db.select('hostile', {
      filters: [op.or({ v: op.in([x, x]) }, path('jb', x).where(op.like(x)))],
      count: 'exact',
    }),
  (db, x) => db.insert('hostile', [{ id: 1, t: x, ts: [x], jb: { [x]: x } }]),
  (db, x) => db.upsert('hostile', { id: 1, t: x, $1: x }),
  (db, x) => db.update('hostile', { v: x, j: [x] }, { filters: { 'a "quoted" column; --': x } }),
  (db, x) => db.delete('hostile', { filters: { t: op.neq(x) }, returning: false }),
  (db, x) => db.rpc('echo', { said: x }),
  (db, x) => db.rpc('odd " name', { 'odd " argument': x }),
  (db, x) => db.notify('channel', x.slice(0, 50).toWellFormed()),
  (db, x) => db.sql`select ${x}::text as x from hostile where ${fragment`t = ${x}`}`,
];

const UNKNOWN: readonly ((db: DatabaseHandle, name: string) => Promise<unknown>)[] = [
  (db, name) => db.select(name),
  (db, name) => db.count(name),
  (db, name) => db.select('hostile', { columns: ['id', name] }),
  (db, name) => db.select('hostile', { filters: Object.fromEntries([[name, 1]]) }),
  (db, name) => db.select('hostile', { orderBy: [{ column: name, direction: 'desc' }] }),
  (db, name) => db.insert(name, { id: 1 }),
  (db, name) => db.insert('hostile', [Object.fromEntries([[name, 1]])]),
  (db, name) => db.insert('hostile', { id: 1 }, { returning: [name] }),
  (db, name) => db.update('hostile', Object.fromEntries([[name, 1]]), { all: true }),
  (db, name) => db.upsert('hostile', { id: 1 }, { onConflict: name }),
  (db, name) => db.rpc(name),
  (db, name) => db.rpc('echo', Object.fromEntries([[name, 1]])),
  (db, name) => db.batch([db.build.count('hostile'), db.build.select(name)]),
  async (db, name) => db.schema(name).select('hostile'),
];

for (const mode of ['direct', 'session', 'transaction'] as const) {
  describeFullStack(`what is sent in ${mode} mode`, () => {
    let database: TestDatabase;
    let proxy: FaultyProxy;
    let db: ConsolidatedDatabaseService;
    let somebody: DatabaseHandle;

    beforeAll(async () => {
      database = await createTestDatabase({ sql: HOSTILE_SQL });
      proxy = new FaultyProxy({ upstream: readConnectionUrl(database.user[mode]).address });
      const address = await proxy.start();
      db = createDatabaseService({
        [mode]: throughAddress(database.user[mode], address),
        service: { [mode]: throughAddress(database.service[mode], address) },
        pools: { [mode]: { max: 1 } },
        clock: stillClock,
      });
      somebody = db.as(user({ sub: '00000000-0000-4000-8000-000000000001' }));
    });

    afterAll(async () => {
      await db.close({ drainMs: 0 });
      await proxy.stop();
      await database.drop();
    });

    /** SQL texts that a call put on the wire; what the server thinks of the values is beside the point. */
    async function sqlOf(run: () => Promise<unknown>): Promise<readonly string[]> {
      const before = proxy.batches.length;
      // The log keeps a bounded number of batches; far fewer than that are sent here.
      expect(before).toBeLessThan(9_000);
      await run().catch((error: unknown) => {
        if (!(error instanceof DatabaseError)) throw error;
      });
      return proxy.batches.slice(before).flatMap(({ sql }) => sql);
    }

    it('never changes with values', { timeout: PROPERTY_TIMEOUT_MS }, async () => {
      const known = new Set<string>();
      for (const call of CALLS)
        for (const text of await sqlOf(() => call(somebody, 'plain'))) known.add(text);
      // A second time: what an error made the connection forget is parsed again.
      for (const call of CALLS) for (const text of await sqlOf(() => call(somebody, "it's"))) known.add(text);
      const texts = HOSTILE_TEXTS.filter((text) => text.length < 1_000);
      const onlyKnown = async (call: (typeof CALLS)[number], x: string) => {
        for (const text of await sqlOf(() => call(somebody, x))) expect(known).toContain(text);
      };
      for (const [index, x] of texts.entries()) await onlyKnown(CALLS[index % CALLS.length]!, x);
      await check(3, fc.asyncProperty(fc.constantFrom(...CALLS), storableText, onlyKnown));
    });

    it('is not a byte for a name that the catalog does not have', {
      timeout: PROPERTY_TIMEOUT_MS,
    }, async () => {
      await somebody.count('hostile');
      await expect(somebody.select('the first one to miss')).rejects.toThrow(refusal);
      const { bytesToServer, connections } = proxy.counts;
      const unknown = async (call: (typeof UNKNOWN)[number], name: string) => {
        await expect(call(somebody, name)).rejects.toThrow(refusal);
      };
      const names = [
        ...HOSTILE_TEXTS,
        ...UNSENDABLE_TEXTS,
        'pg_catalog',
        'hostile ',
        'HOSTILE',
        'toString',
      ].filter((name) => name !== '$1');
      for (const [index, name] of names.entries()) {
        for (const call of name.length < 100 ? UNKNOWN : [UNKNOWN[index % UNKNOWN.length]!])
          await unknown(call, name);
      }
      await check(
        2,
        fc.asyncProperty(fc.constantFrom(...UNKNOWN), storableText, (call, name) =>
          unknown(call, `${name}!`),
        ),
      );
      expect(proxy.counts).toMatchObject({ bytesToServer, connections });
    });

    it('is not a byte for a text that cannot be stored', async () => {
      // After SQL of the caller's own the session is discarded before the next call has the connection.
      await somebody.count('hostile');
      const { bytesToServer } = proxy.counts;
      for (const text of UNSENDABLE_TEXTS) {
        for (const call of CALLS.filter((one) => !String(one).includes('notify'))) {
          await expect(call(somebody, text)).rejects.toThrow(refusal);
        }
        await expect(somebody.notify('channel', text)).rejects.toThrow(refusal);
        await expect(somebody.notify(text, 'payload')).rejects.toThrow(refusal);
      }
      expect(proxy.counts.bytesToServer).toBe(bytesToServer);
    });

    if (mode === 'transaction') return;
    describe('channels', () => {
      it('are one quoted name, whatever they hold, and what is sent to them arrives', {
        timeout: PROPERTY_TIMEOUT_MS,
      }, async () => {
        const channels = [...HOSTILE_TEXTS, 'toString', 'hasOwnProperty'].filter(
          (name) => name !== '' && Buffer.byteLength(name) <= 63,
        );
        const service_ = db.as(service());
        for (const channel of channels) {
          const heard = Promise.withResolvers<string>();
          const before = proxy.batches.length;
          await using _subscription = await service_.listen(channel, heard.resolve);
          const sent = proxy.batches
            .slice(before)
            .flatMap(({ sql }) => sql)
            .filter((sql) => /listen/i.test(sql));
          for (const sql of sent) {
            expect(scan(sql).tokens.map(({ kind }) => kind)).toStrictEqual(['word', 'name']);
          }
          await service_.notify(channel, channel);
          expect(await heard.promise).toBe(channel);
        }
      });

      it('that cannot be stored are refused before a byte is sent', async () => {
        const { bytesToServer } = proxy.counts;
        for (const channel of ['', 'x'.repeat(64), ...UNSENDABLE_TEXTS]) {
          await expect(db.as(service()).listen(channel, () => {})).rejects.toThrow(refusal);
        }
        expect(proxy.counts.bytesToServer).toBe(bytesToServer);
      });
    });
  });
}
