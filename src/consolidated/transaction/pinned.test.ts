import { describe, expect, it } from 'vitest';
import type { Actor } from '../../contract/identity.ts';
import type { PinnedTransaction } from '../../contract/mode.ts';
import { Call } from '../call/call.ts';
import type { CallPlace, InsideTransaction } from '../call/call-place.ts';
import { held } from '../call/ready-statement.ts';
import type { Router } from '../call/router.ts';
import type { Catalog } from '../catalog/model.ts';
import { pinned, roleTimeoutMs } from './pinned.ts';

const ACTOR: Actor = { kind: 'user', role: 'reader', claims: '{}', expiresAt: undefined };
const BEGIN = { access: 'read', isolation: 'read committed', statementTimeoutMs: 0 } as const;
const transaction = { mode: 'direct' } as PinnedTransaction;

function callIn(inside: InsideTransaction | undefined, current?: Catalog) {
  const place = { inside, catalogs: { current } } as unknown as CallPlace;
  const call = new Call(
    'stream',
    place,
    { resolve: () => ACTOR },
    {},
    held(() => undefined),
    undefined,
  );
  call.actor = ACTOR;
  return call;
}

describe('the time limit of a transaction', () => {
  it("is its role's own", () => {
    const catalog = { roleTimeoutMs: (role: string) => (role === 'reader' ? 700 : undefined) } as Catalog;
    expect(roleTimeoutMs(callIn(undefined, catalog))).toBe(700);
  });

  it('is none where the role has none, or nobody knows', () => {
    expect(roleTimeoutMs(callIn(undefined, { roleTimeoutMs: () => undefined } as unknown as Catalog))).toBe(
      0,
    );
    expect(roleTimeoutMs(callIn(undefined))).toBe(0);
  });
});

describe('work that holds a connection', () => {
  const of = async (one: PinnedTransaction) => one;

  it('runs in the transaction that its call is in, and begins no other', async () => {
    const begun: unknown[] = [];
    const router = { withTransaction: async (...given: unknown[]) => void begun.push(given) };
    const inside = { transaction } as InsideTransaction;
    expect(await pinned(callIn(inside), router as unknown as Router, BEGIN, of)).toBe(transaction);
    expect(begun).toEqual([]);
  });

  it('runs in one of its own elsewhere', async () => {
    const router = {
      withTransaction: (_call: unknown, begin: unknown, work: typeof of) => {
        expect(begin).toEqual(BEGIN);
        return work(transaction);
      },
    };
    expect(await pinned(callIn(undefined), router as unknown as Router, BEGIN, of)).toBe(transaction);
  });
});
