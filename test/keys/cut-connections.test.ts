/**
 * Connections that are cut at each edge of each message, once for each time that a write passes it. The caller repeats under
 * its key until it is answered, and the journal tells the truth row by row.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  DatabaseError,
  type DatabaseHandle,
} from '../../src/index.ts';
import { readConnectionUrl, throughAddress } from '../support/network/connection-url.ts';
import { CuttingProxy } from '../support/network/cutting-proxy.ts';
import { describeEveryMode, SOCKETS } from '../truth/every-mode.ts';
import { alice, KEYED_JOURNAL, notesIn } from './journal.ts';

type Write = (db: DatabaseHandle, note: string, idempotencyKey: string) => Promise<unknown>;

const WRITES: readonly (readonly [string, Write])[] = [
  ['insert', (db, note, idempotencyKey) => db.insert('journal', { note }, { idempotencyKey })],
  [
    'batch',
    (db, note, idempotencyKey) =>
      db.batch([db.build.insert('journal', { note }), db.build.select('journal', { filters: { note } })], {
        idempotencyKey,
      }),
  ],
  [
    'sql',
    (db, note, idempotencyKey) =>
      db.sql({ idempotencyKey })`insert into journal (note) values (${note}) returning *`,
  ],
];
const TRANSACTION: readonly [string, Write] = [
  'transaction',
  (db, note, idempotencyKey) =>
    db.transaction(async (tx) => tx.insert('journal', { note }, { returning: ['id', 'note'] }), {
      idempotencyKey,
    }),
];

/** Of a call that was not answered. */
const TOLD = /^(CONNECTION_LOST|CONNECT_FAILED|NOT_CONFIRMED|KEPT_RESULT_UNREAD)$/;

/** What a connection does not pass again that has prepared its statements. */
const OF_PREPARING = /Parse|Desc|NoData|Close/;

describeEveryMode('a keyed write whose connection is cut', KEYED_JOURNAL, (modes) => {
  const proxies = new Map<
    string,
    { readonly proxy: CuttingProxy; readonly db: ConsolidatedDatabaseService }
  >();
  beforeAll(async () => {
    for (const mode of SOCKETS) {
      const url = modes.stack.user[mode];
      const proxy = new CuttingProxy(readConnectionUrl(url).address);
      const db = createDatabaseService({
        [mode]: throughAddress(url, await proxy.start()),
        pools: { [mode]: { max: 1 } },
      });
      proxies.set(mode, { proxy, db });
    }
  });
  afterAll(async () => {
    for (const { proxy, db } of proxies.values()) {
      await db.close({ drainMs: 0 });
      await proxy.stop();
    }
  });

  const cases = SOCKETS.flatMap((mode) =>
    [...WRITES, ...(mode === 'transaction' ? [] : [TRANSACTION])].map(
      ([name, write]) => [name, mode, write] as const,
    ),
  );

  it.for(cases)(
    '(%s, in %s mode) is applied once, wherever that is',
    { timeout: 240_000 },
    async ([name, mode, write]) => {
      const { proxy, db } = proxies.get(mode)!;
      const mine = db.as(alice);
      await modes.query(mode, 'truncate journal, cdb.idempotency_keys');
      let unknown = 0;
      const expected: string[] = [];
      for (const phase of ['first', 'repeat'] as const) {
        // What a call passes on a new connection and on one that has prepared its statements.
        const edges = new Map<string, number>();
        for (const run of ['new', 'used']) {
          const note = `watched ${phase} ${run}`;
          expected.push(note);
          if (phase === 'repeat') await write(mine, note, note);
          if (run === 'new') await renew(proxy, mine);
          const watch = proxy.watch(undefined);
          await write(mine, note, note);
          for (const [edge, times] of watch.passed) {
            if (OF_PREPARING.test(edge) === (run === 'new')) edges.set(edge, times);
          }
          proxy.release();
        }
        expect(edges.size).toBeGreaterThan(8);
        for (const [boundary, times] of edges) {
          for (let skip = 0; skip < times; skip++) {
            const note = `${phase}, ${boundary}, ${skip}`;
            expected.push(note);
            const answers: unknown[] = [];
            if (phase === 'repeat') answers.push(await write(mine, note, note));
            if (OF_PREPARING.test(boundary)) await renew(proxy, mine);
            const watch = proxy.watch({ kind: 'cut', boundary, skip, how: skip % 2 === 0 ? 'reset' : 'end' });
            // Once more than it has to: also an answered call may be repeated.
            for (let tried = 0; answers.length < 3; tried++) {
              expect(tried, note).toBeLessThan(10);
              try {
                answers.push(await write(mine, note, note));
              } catch (error) {
                if (!(error instanceof DatabaseError)) throw error;
                if (error.outcome === 'unknown') {
                  unknown += 1;
                  expect(error.hint).toContain("the same 'idempotencyKey'");
                }
                expect(error.code, String(error)).toMatch(TOLD);
                if (error.code === 'KEPT_RESULT_UNREAD') expect(error.outcome).toBe('applied');
              }
              proxy.release();
            }
            expect(watch.struck, note).toBe(true);
            for (const answer of answers) expect(answer, note).toStrictEqual(answers[0]);
            expect(JSON.stringify(answers[0]), note).toContain(JSON.stringify(note));
          }
        }
      }
      expect(await notesIn(modes, mode)).toEqual(expected);
      // Otherwise nothing was cut where it matters.
      expect(unknown, name).toBeGreaterThan(5);
    },
  );
});

/** A connection that has not prepared what a write needs. */
async function renew(proxy: CuttingProxy, db: DatabaseHandle): Promise<void> {
  proxy.cutAll();
  // The pool may lend one that is about to end.
  while ((await db.count('counters').catch(() => undefined)) === undefined);
}
