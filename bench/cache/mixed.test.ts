import { expect, test } from 'vitest';
import { type NoteKey, ownerOf } from '../notes.ts';
import { proveOwnNotesOnly } from './mixed.ts';

const isOwn = ({ person, id }: NoteKey) => ownerOf(id) === person;

test('a contender that does the job may take part', async () => {
  const honest = { read: async (key: NoteKey) => (isOwn(key) ? 'note' : undefined), write: async () => {} };
  await expect(proveOwnNotesOnly('consolidated-db', honest)).resolves.toBeUndefined();
});

test('a contender that shows nothing, shows notes of others, or changes them may not', async () => {
  const proof = (read: (key: NoteKey) => Promise<string | undefined>, write = async () => {}) =>
    proveOwnNotesOnly('consolidated-db', { read, write });
  await expect(proof(async () => undefined)).rejects.toThrow('does not show a note to its owner');
  await expect(proof(async () => 'note')).rejects.toThrow('shows a note to somebody else');
  let title = 'note';
  const write = async () => {
    title = 'of a stranger';
  };
  await expect(proof(async (key) => (isOwn(key) ? title : undefined), write)).rejects.toThrow(
    'lets somebody else change a note',
  );
});
