import { expect, test } from 'vitest';
import type { OpenContender } from '../contender.ts';
import { ownerOf } from '../notes.ts';
import { proveOwnRowsOnly } from './own-rows.ts';

const refusal = Object.assign(new Error('new row violates row-level security policy'), { code: '42501' });

const honest: OpenContender<readonly string[]> = {
  read: async ({ person, id }) => (ownerOf(id) === person ? [person.sub] : []),
  insert: async ({ person, owner }) => {
    if (owner !== person.sub) throw new Error('The insert failed.', { cause: refusal });
    return [owner];
  },
  owners: (answer) => answer,
  close: async () => {},
};

test('a contender that does the job may take part', async () => {
  await expect(proveOwnRowsOnly('pg', honest)).resolves.toBeUndefined();
});

test("a contender that shows a stranger's row may not take part", async () => {
  const leaky = { ...honest, read: async ({ id }: { id: number }) => [ownerOf(id).sub] };
  await expect(proveOwnRowsOnly('pg', leaky)).rejects.toThrow(
    "pg got 1 rows of 1 owners when reading another user's note",
  );
});

test('a contender that shows nothing may not take part', async () => {
  await expect(proveOwnRowsOnly('pg', { ...honest, read: async () => [] })).rejects.toThrow(
    'pg got 0 rows of 0 owners when reading its own note',
  );
});

test('a contender that writes for a stranger, or fails for another reason, may not take part', async () => {
  const writesAll = { ...honest, insert: async ({ owner }: { owner: string }) => [owner] };
  await expect(proveOwnRowsOnly('pg', writesAll)).rejects.toThrow('The policy did not refuse pg');
  const failsOddly = {
    ...honest,
    insert: async (note: Parameters<typeof honest.insert>[0]) => {
      if (note.owner !== note.person.sub) throw new Error('connection lost');
      return [note.owner];
    },
  };
  await expect(proveOwnRowsOnly('pg', failsOddly)).rejects.toThrow('The policy did not refuse pg');
});
