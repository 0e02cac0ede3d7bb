import { describe, expect, it } from 'vitest';
import type { Actor } from '../../contract/identity.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import { Call } from '../call/call.ts';
import type { CallPlace, InsideTransaction } from '../call/call-place.ts';
import { held } from '../call/ready-statement.ts';
import type { ServerSettings } from '../call/statement-settings.ts';
import { inside } from './inside.ts';

const ACTOR: Actor = { kind: 'user', role: 'authenticated', claims: '{}', expiresAt: undefined };

/** One call of a transaction, and what was sent for it. */
function fixture(intent: 'read' | 'write', read: () => unknown, settings?: ServerSettings) {
  const sent: Statement[] = [];
  const failures: unknown[] = [];
  const transaction = {
    run: async (statements: readonly Statement[]) => {
      sent.push(...statements);
      return statements.map(() => ({ form: 'rows', fields: [], rows: [], count: 0 }) as const);
    },
  } as Partial<PinnedTransaction> as PinnedTransaction;
  const place = { transaction, fail: (cause: unknown) => void failures.push(cause) };
  const where = { inside: place as unknown as InsideTransaction } as CallPlace;
  const call = new Call(
    'select',
    where,
    { resolve: () => ACTOR },
    {},
    held(() => undefined),
    undefined,
  );
  call.actor = ACTOR;
  const plan = { text: 'statement', document: '', name: 's_statement', intent, origin: 'compiled' } as const;
  call.ready = {
    kind: 'select',
    statements: [{ plan, values: [] }],
    settings,
    read: (replies) => ({ value: read(), rows: replies.length }),
  };
  return { run: async () => inside(call), sent, failures };
}

describe('a call inside a transaction', () => {
  it('is sent on its connection, and read', async () => {
    const { run, sent, failures } = fixture('write', () => 'done');
    expect(await run()).toEqual({ value: 'done', rows: 1 });
    expect(sent.map(({ plan }) => plan.text)).toEqual(['statement']);
    expect(failures).toEqual([]);
  });

  it('has its settings set before it, and no part in the answer to that', async () => {
    const { run, sent } = fixture('read', () => 'done', [['hnsw.ef_search', '200']]);
    expect(await run()).toEqual({ value: 'done', rows: 1 });
    expect(sent.map(({ plan }) => plan.text)).toEqual([
      "select pg_catalog.concat(pg_catalog.set_config('cdb.hnsw.ef_search', coalesce(pg_catalog.current_setting('hnsw.ef_search', true), ''), true), pg_catalog.set_config($1, $2, true))",
      'statement',
      "select pg_catalog.concat(pg_catalog.set_config('hnsw.ef_search', nullif(pg_catalog.current_setting('cdb.hnsw.ef_search'), ''), true))",
    ]);
  });

  it('fails the transaction when the answer to a write cannot be read: nothing of it may be kept', async () => {
    const error = new Error('unreadable');
    const { run, failures } = fixture('write', () => {
      throw error;
    });
    await expect(run()).rejects.toBe(error);
    expect(failures).toEqual([error]);
  });

  it('leaves the transaction as it is when the answer to a read cannot be read', async () => {
    const { run, failures } = fixture('read', () => {
      throw new Error('unreadable');
    });
    await expect(run()).rejects.toThrow('unreadable');
    expect(failures).toEqual([]);
  });
});
