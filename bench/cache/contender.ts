import type { NoteKey } from '../notes.ts';

export const CONTENDER_NAMES = ['consolidated-db', 'postgres.js + lru-cache'] as const;
export type ContenderName = (typeof CONTENDER_NAMES)[number];

export interface CachingTarget {
  readonly url: string;
  readonly connections: number;
}

/** One way of reading notes through a cache and writing them, as a user under row level security. */
export interface CachingContender {
  readonly name: ContenderName;
  /** How it does the job, for the reader of the table. */
  readonly recipe: string;
  open(target: CachingTarget): Promise<OpenCaching>;
}

export interface OpenCaching {
  /** Title of the note; undefined where the person may not see it. */
  read(key: NoteKey): Promise<string | undefined>;
  write(key: NoteKey, title: string): Promise<void>;
  /** Share of the reads so far that its cache answered. */
  hitShare(): number;
  close(): Promise<void>;
}

/** Notes may be changed here, by their owners. */
export const WRITABLE_SQL = `
create policy "own notes are changed" on public.bench_notes
  for update to authenticated using ((select auth.uid()) = user_id);
grant update on public.bench_notes to authenticated;
`;
