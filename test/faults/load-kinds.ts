/** What callers do while a fault is brought about: reads, writes with and without keys, transactions. */
import { setTimeout as pause } from 'node:timers/promises';
import { expectSteps, type OperationKind, WrongAnswer } from '../support/journal/operation.ts';
import { OPERATION_KINDS } from '../support/journal/operation-kinds.ts';
import { askedAgain } from './keyed-writes.ts';
import { subjectOf } from './seeded-numbers.ts';

export interface LoadKind {
  readonly kind: OperationKind;
  /** How often it is drawn, against the others. */
  readonly weight: number;
}

/** Somebody else's row: what must never be. */
export class ForeignRow extends WrongAnswer {
  override readonly name = 'ForeignRow';
}

const READ_OF_OWN_ROWS: OperationKind = {
  name: 'read of own rows',
  claim: { whole: [] },
  run: async ({ db, op, limits }) => {
    const rows = await db.select('journal', { ...limits, columns: ['op', 'owner'], limit: 20 });
    for (const { owner } of rows as { owner: unknown }[]) {
      if (owner !== subjectOf(op)) throw new ForeignRow('A row of another user was returned.');
    }
  },
};

const KEYED: readonly OperationKind[] = [
  {
    name: 'keyed insert',
    claim: { whole: ['1 INSERT'] },
    run: async (scene) => {
      const { db, op, pauseMs } = scene;
      const row = { op, step: 1, pause: pauseMs };
      expectSteps(await askedAgain(scene, (limits) => db.insert('journal', row, limits)), op, [1]);
    },
  },
  {
    name: 'keyed update',
    claim: { whole: ['0 UPDATE'] },
    seeded: true,
    run: async (scene) => {
      const { db, op } = scene;
      const change = (limits: object) =>
        db.update('journal', { state: 'changed' }, { ...limits, filters: { op } });
      expectSteps(await askedAgain(scene, change), op, [0]);
    },
  },
  {
    name: 'keyed rpc',
    claim: { whole: ['1 INSERT', '2 INSERT'] },
    run: async (scene) => {
      const { db, op, pauseMs } = scene;
      const write = (limits: object) => db.rpc('journal_write', { wanted: op, pause: pauseMs }, limits);
      expectSteps(await askedAgain(scene, write), op, [1, 2]);
    },
  },
];

/** Its function does something else between two statements, as those of applications do. */
export const RESTING_TRANSACTION = restingTransaction('transaction that rests', async () => {
  await pause(20);
});

/** @param rests - between the first statement and the second */
export function restingTransaction(
  name: string,
  rests: (sql: (text: TemplateStringsArray) => Promise<unknown>) => Promise<void>,
): OperationKind {
  return {
    name,
    claim: { whole: ['1 INSERT', '2 INSERT'] },
    transactional: true,
    run: async ({ db, op, limits: { timeoutMs, signal }, mode }) => {
      const wanted = mode === undefined || mode === 'transaction' ? {} : { mode };
      await db.transaction(
        async (tx) => {
          expectSteps(await tx.insert('journal', { op, step: 1 }), op, [1]);
          await rests((text) => tx.sql(text));
          expectSteps(await tx.insert('journal', { op, step: 2 }), op, [2]);
        },
        { timeoutMs, signal, ...wanted },
      );
    },
  };
}

function named(name: string): OperationKind {
  const kind = OPERATION_KINDS.find((other) => other.name === name);
  if (kind === undefined) throw new Error(`There is no kind of operation '${name}'.`);
  return kind;
}

export const MIXED_LOAD: readonly LoadKind[] = [
  { kind: named('read'), weight: 30 },
  { kind: READ_OF_OWN_ROWS, weight: 15 },
  { kind: named('insert'), weight: 8 },
  { kind: named('insert of rows'), weight: 2 },
  { kind: named('update'), weight: 5 },
  { kind: named('upsert'), weight: 2 },
  { kind: named('delete'), weight: 2 },
  { kind: named('rpc'), weight: 4 },
  { kind: named('batch'), weight: 4 },
  { kind: named('raw SQL'), weight: 3 },
  ...KEYED.map((kind) => ({ kind, weight: 5 })),
  { kind: named('transaction'), weight: 4 },
  { kind: named('nested, kept'), weight: 2 },
  { kind: named('function throws'), weight: 1 },
  { kind: RESTING_TRANSACTION, weight: 3 },
];
