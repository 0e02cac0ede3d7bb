import { createDatabaseService, type DatabaseServiceOptions, user } from '../../src/index.ts';
import type { Contender, ContenderName, OpenContender, Target } from '../contender.ts';

interface NoteRow {
  readonly id: number;
  readonly user_id: string;
  readonly title: string;
  readonly done: boolean;
  readonly created_at: string;
}

export interface BenchSchema {
  public: {
    Tables: {
      bench_notes: {
        Row: NoteRow;
        Insert: { user_id: string; title: string; id?: number; done?: boolean; created_at?: string };
        Update: Partial<NoteRow>;
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
    Enums: Record<never, never>;
    CompositeTypes: Record<never, never>;
  };
}

export const NOTE_COLUMNS = ['id', 'user_id', 'title', 'done', 'created_at'] as const;

/** Ours, through the public API: a handle for the caller, then the method, as a request handler would. */
export const consolidatedDb = ours(
  'consolidated-db',
  'db.as(user(claims)).select / .insert, the whole public API',
  {},
);

export const allOff = ours('all-off', 'the same without breaker, bulkhead, retries and fallback', {
  breaker: false,
  bulkhead: false,
  retry: false,
  fallback: false,
});

export const allOn = ours('all-on', 'the same with metrics and all listeners', {
  metrics: true,
  onCall: () => {},
  onEvent: () => {},
  onSlow: () => {},
});

function ours(name: ContenderName, recipe: string, options: Partial<DatabaseServiceOptions>): Contender {
  return { name, recipe, open: (target) => opened(target, options) };
}

function opened(
  { url, mode, connections }: Target,
  options: Partial<DatabaseServiceOptions>,
): Promise<OpenContender<NoteRow | readonly NoteRow[]>> {
  const pool = { max: connections, idleTimeoutMs: 3_600_000 };
  const db = createDatabaseService<BenchSchema>({
    [mode]: url,
    pools: { [mode]: pool },
    // The benchmark is about users. It does not matter here that the service role would share their login.
    onWarning: () => {},
    ...options,
  });
  return Promise.resolve({
    read: ({ person, id }) =>
      db.as(user(person.claims)).select('bench_notes', { columns: NOTE_COLUMNS, filters: { id } }),
    insert: ({ person, owner, title }) =>
      db.as(user(person.claims)).insert('bench_notes', { user_id: owner, title }),
    owners: (answer) => [answer].flat().map((row) => row.user_id),
    close: () => db.close(),
  });
}
