import { expect, test } from 'vitest';
import { noteKey } from '../notes.ts';
import { WrittenTitles } from './written-titles.ts';

const key = noteKey(0);

function scene() {
  const titles = new Map<number, string>();
  const writes: number[] = [];
  let last = 0;
  let shown: string | undefined;
  const checked = new WrittenTitles(
    {
      read: async ({ id }) => shown ?? titles.get(id) ?? 'note 1',
      write: async ({ id }, title) => {
        writes.push(id);
        await Promise.resolve();
        titles.set(id, title);
      },
    },
    () => ++last,
  );
  return { checked, writes, titles, show: (title: string | undefined) => (shown = title) };
}

test('a read that shows what was there before an acknowledged write is stale', async () => {
  const { checked, show } = scene();
  await checked.read(key);
  await checked.write(key);
  await checked.read(key);
  expect(checked.stale).toBe(0);
  show('note 1');
  await checked.read(key);
  show('version 0');
  await checked.read(key);
  expect(checked).toMatchObject({ stale: 2, reads: 4 });
});

test('a read that began before the write was acknowledged may show either', async () => {
  const { checked, show } = scene();
  const write = checked.write(key);
  show('note 1');
  await checked.read(key);
  await write;
  expect(checked.stale).toBe(0);
});

test('no note is written twice at once', async () => {
  const { checked, writes } = scene();
  await Promise.all([checked.write(key), checked.write(key), checked.write(key)]);
  expect(writes).toEqual([key.id, key.id + 100, key.id + 200]);
});

test('an owner who is not shown a note ends the measurement', async () => {
  const checked = new WrittenTitles({ read: async () => undefined, write: async () => {} }, () => 1);
  await expect(checked.read(key)).rejects.toThrow('Note 1 is not shown to its owner.');
});
