/** Calls outside of transactions. */
import { expectSteps, type OperationKind } from './operation.ts';

/** A number of the database that no number of JavaScript holds. */
export const TOO_LARGE = '9007199254740993';

export const OPERATIONS_ALONE: readonly OperationKind[] = [
  {
    name: 'insert',
    claim: { whole: ['1 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      expectSteps(await db.insert('journal', { op, step: 1, pause: pauseMs }, limits), op, [1]);
    },
  },
  {
    name: 'insert of rows',
    claim: { whole: ['1 INSERT', '2 INSERT', '3 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      const rows = [1, 2, 3].map((step) => ({ op, step, pause: step === 2 ? pauseMs : 0 }));
      expectSteps(await db.insert('journal', rows, limits), op, [1, 2, 3]);
    },
  },
  {
    name: 'update',
    claim: { whole: ['0 UPDATE'] },
    seeded: true,
    run: async ({ db, op, pauseMs, limits }) => {
      const change = { state: 'changed', pause: pauseMs };
      expectSteps(await db.update('journal', change, { ...limits, filters: { op } }), op, [0]);
    },
  },
  {
    name: 'upsert',
    claim: { whole: ['0 UPDATE', '1 INSERT'] },
    seeded: true,
    run: async ({ db, op, pauseMs, limits }) => {
      const rows = [0, 1].map((step) => ({ op, step, pause: pauseMs }));
      expectSteps(await db.upsert('journal_keyed', rows, limits), op, [0, 1]);
    },
  },
  {
    name: 'delete',
    claim: { whole: ['0 DELETE'] },
    seeded: true,
    run: async ({ db, op, limits }) => {
      expectSteps(await db.delete('journal', { ...limits, filters: { op } }), op, [0]);
    },
  },
  {
    name: 'rpc',
    claim: { whole: ['1 INSERT', '2 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      expectSteps(await db.rpc('journal_write', { wanted: op, pause: pauseMs }, limits), op, [1, 2]);
    },
  },
  {
    name: 'batch',
    claim: { whole: ['0 UPDATE', '1 INSERT', '2 INSERT'] },
    seeded: true,
    run: async ({ db, op, pauseMs, limits }) => {
      const [first, updated, rows] = await db.batch(
        [
          db.build.insert('journal', { op, step: 1 }),
          db.build.update('journal', { pause: pauseMs }, { filters: { op, step: 0 } }),
          db.build.select('journal', { filters: { op }, orderBy: 'step' }),
          db.build.insert('journal', { op, step: 2 }),
        ],
        limits,
      );
      expectSteps(first, op, [1]);
      expectSteps(updated, op, [0]);
      expectSteps(rows, op, [0, 1]);
    },
  },
  {
    name: 'raw SQL',
    claim: { whole: ['1 INSERT', '2 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      const rows = await db.sql(limits)`
        insert into journal (op, step, pause) values (${op}, 1, ${pauseMs}), (${op}, 2, 0) returning op, step`;
      expectSteps(rows, op, [1, 2]);
    },
  },
  {
    name: 'undecodable answer',
    claim: { whole: ['1 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      await db.insert('journal', { op, step: 1, pause: pauseMs, big: TOO_LARGE }, limits);
    },
  },
  {
    name: 'refused at its commit',
    claim: { whole: ['1 INSERT'] },
    run: async ({ db, op, pauseMs, limits }) => {
      await db.insert('journal', { op, step: 1, pause: pauseMs, state: 'refused at commit' }, limits);
    },
  },
  {
    name: 'insert after DDL',
    claim: { whole: ['1 INSERT'] },
    reshapes: true,
    run: async ({ db, op, pauseMs, limits, shape }) => {
      expectSteps(await db.insert(shape, { op, step: 1, pause: pauseMs, extra: 7 }, limits), op, [1]);
    },
  },
  {
    name: 'read',
    claim: { whole: [] },
    seeded: true,
    run: async ({ db, op, pauseMs, limits }) => {
      const rows =
        pauseMs === 0
          ? await db.select('journal', { ...limits, filters: { op } })
          : await db.rpc('journal_read', { wanted: op, pause: pauseMs }, limits);
      expectSteps(rows, op, [0]);
    },
  },
];
