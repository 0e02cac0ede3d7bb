/** Interactive transactions. */
import { DatabaseError, type TransactionHandle } from '../../../src/index.ts';
import { expectSteps, type OperationKind, OwnError, type Scene } from './operation.ts';
import { TOO_LARGE } from './operations-alone.ts';
import type { Claim } from './verdict.ts';

const NO_PINNING = { transaction: 'a pooler in transaction mode cannot hold a transaction open' } as const;

function inTransaction(
  name: string,
  claim: Claim,
  work: (scene: Scene, tx: TransactionHandle) => Promise<void>,
  more: Partial<OperationKind> = {},
): OperationKind {
  return {
    name,
    claim,
    not: NO_PINNING,
    transactional: true,
    run: async (scene) => {
      const { mode, limits } = scene;
      const { timeoutMs, signal } = limits;
      const wanted = mode === 'transaction' || mode === undefined ? {} : { mode };
      await scene.db.transaction((tx) => work(scene, tx), { timeoutMs, signal, ...wanted });
    },
    ...more,
  };
}

async function insert({ op, pauseMs }: Scene, tx: TransactionHandle, step: number): Promise<void> {
  expectSteps(await tx.insert('journal', { op, step, pause: pauseMs }), op, [step]);
}

export const OPERATIONS_IN_TRANSACTIONS: readonly OperationKind[] = [
  inTransaction(
    'transaction',
    { whole: ['0 UPDATE', '1 INSERT', '2 INSERT'] },
    async (scene, tx) => {
      const { op } = scene;
      await insert(scene, tx, 1);
      scene.rest('between statements');
      expectSteps(await tx.update('journal', { state: 'changed' }, { filters: { op, step: 0 } }), op, [0]);
      expectSteps(await tx.select('journal', { filters: { op }, orderBy: 'step' }), op, [0, 1]);
      await tx.sql`insert into journal (op, step) values (${op}, 2)`;
      scene.rest('before COMMIT');
    },
    { seeded: true },
  ),
  inTransaction('nested, kept', { whole: ['1 INSERT', '2 INSERT', '3 INSERT'] }, async (scene, tx) => {
    await insert(scene, tx, 1);
    scene.rest('between statements');
    await tx.transaction((inner) => insert(scene, inner, 2));
    await insert(scene, tx, 3);
    scene.rest('before COMMIT');
  }),
  inTransaction('nested, undone and caught', { whole: ['1 INSERT', '3 INSERT'] }, async (scene, tx) => {
    await insert(scene, tx, 1);
    scene.rest('between statements');
    const undone = tx.transaction(async (inner) => {
      await insert(scene, inner, 2);
      throw new OwnError('undo the nested one');
    });
    await undone.catch((error: unknown) => {
      if (!(error instanceof OwnError)) throw error;
    });
    await insert(scene, tx, 3);
    scene.rest('before COMMIT');
  }),
  // Whatever becomes of the nested one, the outer one goes on as long as it can.
  inTransaction(
    'nested, failure caught',
    { whole: ['1 INSERT', '2 INSERT', '3 INSERT'] },
    async (scene, tx) => {
      await insert(scene, tx, 1);
      scene.rest('between statements');
      await tx.transaction((inner) => insert(scene, inner, 2)).catch(caught(scene, '2 INSERT'));
      await insert(scene, tx, 3);
      scene.rest('before COMMIT');
    },
  ),
  inTransaction('function throws', { whole: ['1 INSERT', '2 INSERT'] }, async (scene, tx) => {
    await insert(scene, tx, 1);
    scene.rest('between statements');
    await tx.transaction((inner) => insert(scene, inner, 2));
    scene.rest('before COMMIT');
    throw new OwnError('undo all of it');
  }),
  inTransaction('undecodable, caught', { whole: ['1 INSERT', '2 INSERT'] }, async (scene, tx) => {
    await insert(scene, tx, 1);
    scene.rest('between statements');
    await tx.insert('journal', { op: scene.op, step: 2, big: TOO_LARGE }).catch(caught(scene, '2 INSERT'));
    scene.rest('before COMMIT');
  }),
  inTransaction('refused at COMMIT', { whole: ['1 INSERT', '2 INSERT'] }, async (scene, tx) => {
    await insert(scene, tx, 1);
    scene.rest('between statements');
    await tx.insert('journal', { op: scene.op, step: 2, state: 'refused at commit' });
    scene.rest('before COMMIT');
  }),
  // What nobody waits for belongs to the transaction all the same.
  inTransaction('calls side by side', { whole: ['1 INSERT', '2 INSERT', '3 INSERT'] }, async (scene, tx) => {
    const first = insert(scene, tx, 1).catch(caught(scene, '1 INSERT'));
    const nested = tx.transaction((inner) => insert(scene, inner, 2));
    scene.rest('between statements');
    await Promise.all([first, nested]);
    const unawaited = tx.insert('journal', { op: scene.op, step: 3 });
    unawaited.catch(caught(scene, '3 INSERT'));
    scene.rest('before COMMIT');
  }),
];

/** What the error of one step says of it while the transaction goes on. */
function caught(scene: Scene, entry: string): (error: unknown) => void {
  return (error) => {
    const outcome = error instanceof DatabaseError ? error.outcome : 'not-applied';
    if (outcome === 'applied') return;
    const { whole, optional = [] } = scene.claim;
    scene.claim = {
      whole: whole.filter((other) => other !== entry),
      optional: outcome === 'unknown' ? [...optional, [entry]] : optional,
    };
  };
}
