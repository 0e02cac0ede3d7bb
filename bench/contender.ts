import type { NewNote, NoteKey } from './notes.ts';

/** Those that take part unless others are named. */
export const COMPARED = ['consolidated-db', 'raw-socket', 'postgres.js', 'pg', 'drizzle', 'kysely'] as const;

/** Ours without what stands between a call and a bad day, and with all that can look on: what these cost. */
const OURS = ['all-off', 'all-on'] as const;

export const CONTENDER_NAMES = [...COMPARED, ...OURS] as const;

export type ContenderName = (typeof CONTENDER_NAMES)[number];

export type BenchMode = 'direct' | 'transaction';

/** Where a contender connects to, and with how many connections. */
export interface Target {
  readonly url: string;
  readonly mode: BenchMode;
  readonly connections: number;
}

/**
 * One way of doing the same job: run a statement as an authenticated user under row level security, and
 * return the row. A contender holds at most `target.connections` connections, and keeps them.
 */
export interface Contender {
  readonly name: ContenderName;
  /** How it does the job, for the reader of the table. */
  readonly recipe: string;
  open(target: Target): Promise<OpenContender>;
}

/** `Answer` is whatever the contender returns to its caller; only `owners` reads it. */
export interface OpenContender<Answer = unknown> {
  read(key: NoteKey): Promise<Answer>;
  insert(note: NewNote): Promise<Answer>;
  /** The `user_id` of every row in an answer. For the check before the measurement, not for the measurement. */
  owners(answer: Answer): readonly string[];
  close(): Promise<void>;
}
