import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Actor } from '../../contract/identity.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import { Call } from '../call/call.ts';
import type { CallPlace, InsideTransaction } from '../call/call-place.ts';
import { type CallResult, held } from '../call/ready-statement.ts';
import type { Router } from '../call/router.ts';
import { Handover } from './handover.ts';
import { drink, type StreamTask, streaming } from './stream.ts';
import type { ServiceCatalogs } from './transaction-catalogs.ts';

const ACTOR: Actor = { kind: 'user', role: 'reader', claims: '{}', expiresAt: undefined };

const NO_CATALOGS = {} as ServiceCatalogs;

/** A stream over pages of rows, of which the transaction counts the fetches. */
function fixture(pages: readonly (readonly string[])[]) {
  const clock = new FakeClock();
  const left = [...pages];
  let fetches = 0;
  const transaction = {
    mode: 'direct',
    run: async ([statement]) => {
      const isFetch = statement?.plan.text.startsWith('fetch') === true;
      if (isFetch) fetches += 1;
      const rows = isFetch ? (left.shift() ?? []) : [];
      return [{ form: 'rows', fields: [], rows: rows.map((id) => [id]), count: rows.length }];
    },
    command: async () => undefined,
  } as Partial<PinnedTransaction> as PinnedTransaction;
  const inside = { transaction, isOpen: true, assertOpen: () => undefined } as Partial<InsideTransaction>;
  const place = { inside, catalogs: {} } as unknown as CallPlace;
  const task: StreamTask = { batchSize: 2, handover: new Handover() };
  const call = new Call(
    'stream',
    place,
    { resolve: () => ACTOR },
    {},
    held(() => undefined),
    task,
  );
  call.actor = ACTOR;
  call.limits = { deadline: clock.now() + 1_000, signal: undefined, maxRows: 1, maxBytes: 1 };
  const plan = {
    text: 'select id',
    document: '',
    name: 's_ids',
    intent: 'read',
    origin: 'compiled',
  } as const;
  call.ready = {
    kind: 'stream',
    statements: [{ plan, values: [] }],
    settings: undefined,
    read: ([reply]) => {
      const value = reply?.form === 'rows' ? reply.rows.map(([id]) => id) : [];
      return { value, rows: value.length };
    },
  };
  const stage = streaming({} as Router, clock, NO_CATALOGS);
  let result: CallResult | undefined;
  const rows = drink(call, async (sent) => {
    result = await stage(sent as Call<StreamTask>);
  });
  return { rows, fetches: () => fetches, told: () => result?.rows };
}

describe('a stream', () => {
  it('hands out each row in its order, and tells how many they were', async () => {
    const { rows, told } = fixture([['1', '2'], ['3', '4'], ['5']]);
    const all: unknown[] = [];
    for await (const row of rows) all.push(row);
    expect(all).toEqual(['1', '2', '3', '4', '5']);
    expect(told()).toBe(5);
  });

  it('fetches no more once its reader has left, but for what it had begun to', async () => {
    const { rows, fetches, told } = fixture([['1', '2'], ['3', '4'], ['5', '6'], ['7', '8'], ['9']]);
    for await (const row of rows) if (row === '1') break;
    expect(fetches()).toBeLessThanOrEqual(2);
    expect(told()).toBeLessThanOrEqual(2);
  });
});
