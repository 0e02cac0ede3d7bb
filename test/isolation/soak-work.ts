/** What the users of a soak do, drawn by weight. */
import type { DatabaseHandle, ModeName } from '../../src/index.ts';
import { op } from '../../src/index.ts';
import type { SeededRandom } from '../support/network/seeded-random.ts';
import type { Note } from './soak-database.ts';

/** One call, ready to be made. */
export interface SoakCall {
  readonly timeoutMs: number;
  /** Milliseconds after which the caller aborts it. */
  readonly abortAfterMs?: number;
  /** A note that is there afterwards if, and only if, the call was answered. */
  readonly writes?: string;
  /** The code with which it must fail. */
  readonly fails?: string;
  readonly make: (options: CallOptions) => Promise<Seen>;
}

/** What the caller was shown: rows, and identities that the database took the caller for. */
export interface Seen {
  readonly notes: readonly Note[];
  readonly identities?: readonly unknown[];
}

interface CallOptions {
  readonly mode: ModeName;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface SoakUser {
  readonly subject: string;
  readonly db: DatabaseHandle;
  readonly random: SeededRandom;
  readonly patienceMs: number;
  /** A text that no other call of the soak uses, with the subject as its first word. */
  readonly newBody: (kind: 'kept' | 'passing') => string;
  /** Somebody else. */
  readonly other: string;
}

type Work = (user: SoakUser) => SoakDraft;

/** A call that takes the soak's own patience unless it says otherwise. */
type SoakDraft = Omit<SoakCall, 'timeoutMs'> & Partial<Pick<SoakCall, 'timeoutMs'>>;

const calmly = (make: SoakCall['make'], more: Partial<SoakDraft> = {}): SoakDraft => ({ make, ...more });
const rowsOf = (rows: unknown): Seen => ({ notes: rows as Note[] });

const WORK: readonly (readonly [weight: number, work: Work])[] = [
  // Nothing but row level security decides what these show.
  [26, ({ db }) => calmly(async (o) => rowsOf(await db.select('notes', o)))],
  [6, ({ db }) => calmly(async (o) => rowsOf(await db.rpc('own_notes', {}, o)))],
  [6, ({ db }) => calmly(async (o) => rowsOf(await db.sql(o)`select * from public.notes`))],
  [
    6,
    ({ db }) =>
      calmly(async (o) => {
        const { rows, count } = await db.select('notes', { ...o, count: 'exact' });
        if (rows.length !== count)
          throw new RangeError(`${rows.length} rows came and ${count} were counted.`);
        return rowsOf(rows);
      }),
  ],
  [6, ({ db }) => calmly(async (o) => ({ notes: [], identities: [await db.rpc('who_am_i', {}, o)] }))],
  [
    6,
    ({ db, random }) =>
      calmly(async (o) =>
        rowsOf(await db.select('notes', { ...o, orderBy: 'id', limit: 3, offset: random.below(15) })),
      ),
  ],
  [
    3,
    ({ db, other }) =>
      calmly(async (o) => rowsOf(await db.select('notes', { ...o, filters: { owner: other } }))),
  ],
  [
    8,
    ({ db, newBody }) => {
      const body = newBody('kept');
      return calmly(async (o) => rowsOf([await db.insert('notes', { body }, o)]), { writes: body });
    },
  ],
  [
    4,
    ({ db, newBody }) =>
      calmly(async (o) => rowsOf([await db.insert('notes', { body: newBody('passing') }, o)])),
  ],
  [4, ({ db }) => calmly(async (o) => rowsOf(await db.delete('notes', { ...o, filters: passing() })))],
  [
    3,
    ({ db }) =>
      calmly(async (o) =>
        rowsOf(await db.update('notes', { ending: 'still Z' }, { ...o, filters: passing() })),
      ),
  ],
  [
    4,
    ({ db, newBody }) => {
      const body = newBody('kept');
      const built = [db.build.insert('notes', { body }), db.build.select('notes')] as const;
      return calmly(
        async (o) => {
          const [note, notes] = await db.batch(built, o);
          return rowsOf([note, ...(notes as Note[])]);
        },
        { writes: body },
      );
    },
  ],
  [
    3,
    ({ db, other, newBody }) => {
      const body = newBody('kept').replace(/^\S+/, other);
      return calmly(async (o) => rowsOf([await db.insert('notes', { body, owner: other }, o)]), {
        writes: body,
        fails: 'FORBIDDEN',
      });
    },
  ],
  [3, ({ db }) => calmly(async (o) => rowsOf([await db.rpc('fail', {}, o)]), { fails: 'RAISED' })],
  [2, ({ db }) => calmly(async (o) => rowsOf(await db.sql(o)`select 1/0`), { fails: 'INVALID_VALUE' })],
  [
    4,
    ({ db, newBody, random }) => {
      const text = newBody('kept');
      return {
        timeoutMs: 20 + random.below(40),
        writes: text,
        fails: 'TIMEOUT',
        make: async (o) => rowsOf(await db.rpc('add_note', { text, seconds: 0.5 }, o)),
      };
    },
  ],
  [
    4,
    ({ db, newBody, random }) => {
      const text = newBody('kept');
      return calmly(async (o) => rowsOf(await db.rpc('add_note', { text, seconds: 0.02 }, o)), {
        writes: text,
        abortAfterMs: random.below(40),
      });
    },
  ],
  [
    2,
    ({ db, random }) =>
      calmly(async (o) => rowsOf(await db.select('notes', o)), { abortAfterMs: random.below(3) }),
  ],
];

const TOTAL = WORK.reduce((sum, [weight]) => sum + weight, 0);

function passing(): Record<string, unknown> {
  return { body: op.like('% passing %') };
}

export function drawCall(user: SoakUser): SoakCall {
  let at = user.random.below(TOTAL);
  for (const [weight, work] of WORK) {
    if (at < weight) return { timeoutMs: user.patienceMs, ...work(user) };
    at -= weight;
  }
  throw new Error('The weights do not add up.');
}
