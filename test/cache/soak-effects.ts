/** Changes past both processes, and what they must be seen by in each. */
import { setTimeout as pause } from 'node:timers/promises';
import { monotonic } from './soak-beats.ts';
import { PROBE } from './soak-database.ts';
import type { SoakProcess } from './soak-scene.ts';

export interface Effect {
  readonly name: string;
  readonly sql: string;
  readonly by: 'owner' | 'migration';
  /** The probe whose answer it changes. */
  readonly shows: 'notes' | 'audit' | 'shed';
}

export const EFFECTS: readonly Effect[] = [
  {
    name: 'a membership is taken away',
    by: 'owner',
    shows: 'notes',
    sql: `delete from members where user_id = '${PROBE}' and project_id = 1`,
  },
  {
    name: 'a membership is given',
    by: 'owner',
    shows: 'notes',
    sql: `insert into members values (1, '${PROBE}')`,
  },
  { name: 'a cascade', by: 'owner', shows: 'notes', sql: 'delete from projects where id = 2' },
  { name: "a trigger's write", by: 'owner', shows: 'audit', sql: 'insert into audited values (1)' },
  { name: 'truncate', by: 'owner', shows: 'shed', sql: 'truncate shed' },
  {
    name: 'a policy changed by a migration',
    by: 'migration',
    shows: 'notes',
    sql: `create table banned (user_id uuid); grant select on banned to authenticated; insert into banned values ('${PROBE}');
      alter policy members on notes using (not is_secret and exists (
        select from members m where m.project_id = notes.project_id and m.user_id = (select auth.uid())));
      create policy unbanned on notes as restrictive using (not exists (select from banned));
      delete from banned;
      select cdb.watch_table('banned');`,
  },
  {
    name: 'what the new policy reads',
    by: 'owner',
    shows: 'notes',
    sql: `insert into banned values ('${PROBE}')`,
  },
  {
    name: 'a policy changed by hand, told by hand',
    by: 'owner',
    shows: 'notes',
    sql: `drop policy unbanned on notes; select pg_notify('cdb_changes', '*')`,
  },
  {
    name: 'a change while nobody listens',
    by: 'owner',
    shows: 'shed',
    sql: `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and (query ilike 'listen%' or query ilike '%pg_listening_channels%');
      insert into shed values (7)`,
  },
];

/** After that long it is taken for lost; a listener that was cut off begins again within a few tries. */
const LOST_AFTER_MS = 15_000;

/**
 * Makes sure that each process answers from what it has kept, makes the change, and waits until each answers anew.
 *
 * @returns milliseconds from the answer to the change, for each process; undefined where it never did
 */
export async function tookEffect(
  processes: readonly SoakProcess[],
  probe: Effect['shows'],
  change: () => Promise<unknown>,
): Promise<(number | undefined)[]> {
  const before = await Promise.all(processes.map((process) => process.ask<string>('look', probe)));
  await change();
  const changedAt = monotonic();
  return Promise.all(
    processes.map(async (process, at) => {
      while (monotonic() - changedAt < LOST_AFTER_MS) {
        const asked = monotonic();
        if ((await process.ask('look', probe)) !== before[at]) return Math.max(0, asked - changedAt);
        await pause(2);
      }
      return undefined;
    }),
  );
}
