/** Server processes are terminated or cancelled beneath what they run, while they rest, or inside a transaction. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Blow, beneathLoad } from '../beneath-load.ts';
import type { Fault } from '../fault.ts';
import { MIXED_LOAD, restingTransaction } from '../load-kinds.ts';

const BLOWS = 12;
const EVERY_MS = 50;
/** Writes keep the server busy for so long, so that blows meet them. */
const BUSY_MS = 8;

type Signal = 'pg_terminate_backend' | 'pg_cancel_backend';

async function signal(
  { servers }: Blow,
  how: Signal,
  states: readonly string[],
  most: number,
): Promise<number> {
  const met = await servers.owner.query<{ met: boolean }>(
    `select ${how}(pid) as met from (
       select pid from pg_stat_activity
        where datname = current_database() and usename in ('cdb_user', 'cdb_service') and state = any ($1)
        order by random() limit $2) victims`,
    [states, most],
  );
  return met.filter((row) => row.met).length;
}

function volleys(how: Signal, states: readonly string[]): (blow: Blow) => Promise<void> {
  return async (blow) => {
    for (let i = 0; i < BLOWS; i++) {
      blow.notes.struck += await signal(blow, how, states, 1 + blow.random.below(3));
      await pause(EVERY_MS);
    }
  };
}

const NOTICED_MS = 150;

async function terminateIdle(blow: Blow, restMs: number): Promise<void> {
  await blow.load.stop();
  await blow.servers.owner.quiet();
  blow.notes.struck += await signal(blow, 'pg_terminate_backend', ['idle'], 1_000);
  await pause(restMs);
  blow.load.start();
}

/** Milliseconds after which the server ends a transaction that rests. */
const IDLE_IN_TRANSACTION_MS = 15;

const ABANDONED_TRANSACTION = restingTransaction(
  'transaction whose connection ends while it rests',
  async (sql) => {
    await sql`select set_config('idle_in_transaction_session_timeout', '15', true)`;
    await pause(3 * IDLE_IN_TRANSACTION_MS);
  },
);

export const STRUCK_BACKENDS: readonly Fault[] = [
  {
    name: 'backends terminated at work',
    play: beneathLoad({
      load: { busyMs: BUSY_MS },
      strike: volleys('pg_terminate_backend', ['active', 'idle in transaction']),
    }),
  },
  {
    name: 'random cancels',
    play: beneathLoad({ load: { busyMs: BUSY_MS }, strike: volleys('pg_cancel_backend', ['active']) }),
  },
  {
    name: 'all idle connections terminated',
    // Each of them said that it was gone, before anything else was asked of it.
    play: beneathLoad({ allowedErrors: /^$/, strike: (blow) => terminateIdle(blow, NOTICED_MS) }),
  },
  {
    name: 'all idle connections terminated as they are taken',
    play: beneathLoad({ strike: (blow) => terminateIdle(blow, 0) }),
  },
  {
    name: 'ended while idle in a transaction',
    play: beneathLoad({
      load: { kinds: [...MIXED_LOAD, { kind: ABANDONED_TRANSACTION, weight: 15 }] },
      strike: async ({ load, notes }) => {
        const before = load.ended.length;
        await pause(400);
        const met = load.ended.slice(before).filter(({ kind }) => kind === ABANDONED_TRANSACTION.name);
        notes.struck += met.filter(({ told }) => told !== 'fulfilled').length;
        const survived = met.filter(({ told }) => told === 'fulfilled').length;
        notes.expect(survived === 0, `${survived} transactions went on after their connection had ended`);
      },
    }),
  },
];
