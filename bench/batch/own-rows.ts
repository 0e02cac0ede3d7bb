import type { ContenderName, OpenContender } from '../contender.ts';
import { newNote, noteKey, ownerOf, PEOPLE } from '../notes.ts';

/**
 * Speed without row level security does not count: throws unless the contender reads a user's own row,
 * does not read a stranger's, writes an own row and is refused when it writes one for a stranger.
 */
export async function proveOwnRowsOnly(name: ContenderName, open: OpenContender): Promise<void> {
  const own = noteKey(0);
  const strangersId = own.id + 1;
  if (ownerOf(strangersId) === own.person) throw new Error('Two neighbouring notes have the same owner.');

  expectOwners(name, 'reading its own note', open.owners(await open.read(own)), [own.person.sub]);
  const foreign = open.owners(await open.read({ person: own.person, id: strangersId }));
  expectOwners(name, "reading another user's note", foreign, []);

  const note = newNote(0);
  expectOwners(name, 'writing its own note', open.owners(await open.insert(note)), [note.owner]);
  const forStranger = { ...note, owner: PEOPLE[1]!.sub };
  const refused = await open.insert(forStranger).then(
    () => false,
    (error: unknown) => isPolicyViolation(error),
  );
  if (!refused) throw new Error(`The policy did not refuse ${name} when it wrote a note for another user.`);
}

function expectOwners(
  name: ContenderName,
  what: string,
  seen: readonly string[],
  wanted: readonly string[],
): void {
  if (seen.length === wanted.length && seen.every((owner, i) => owner === wanted[i])) return;
  throw new Error(
    `${name} got ${seen.length} rows of ${new Set(seen).size} owners when ${what}. It should get ${wanted.length}.`,
  );
}

/** Some contenders wrap the server's error, ours among them: 42501 may be in a deeper cause. */
function isPolicyViolation(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code, sqlState } = at as Error & { code?: unknown; sqlState?: unknown };
    if (code === '42501' || sqlState === '42501') return true;
  }
  return false;
}
