/** A journal in which each write of a test leaves one row, and the schema `cdb` beside it. */
import {
  type ConsolidatedDatabaseService,
  createDatabaseService,
  type DatabaseServiceOptions,
  type Identity,
  type ModeName,
  user,
} from '../../src/index.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';
import type { EveryMode } from '../truth/every-mode.ts';

export const ALICE = '00000000-0000-4000-8000-00000000000a';
export const BOB = '00000000-0000-4000-8000-00000000000b';
export const alice: Identity = user({ sub: ALICE });
export const bob: Identity = user({ sub: BOB });

const JOURNAL = `
create table journal (
  id bigint generated always as identity primary key,
  owner uuid not null default auth.uid(),
  note text constraint journal_note_key unique,
  amount numeric,
  big bigint,
  meta jsonb,
  at timestamptz not null default clock_timestamp()
);
alter table journal enable row level security;
create policy own on journal to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
grant all on journal to anon, authenticated, service_role;
create function journal_add(note text) returns journal language sql volatile
  as $$ insert into journal (note) values (note) returning * $$;
create function journal_add_all(notes text[]) returns setof journal language sql volatile
  as $$ insert into journal (note) select unnest(notes) returning * $$;
create function journal_count(note text) returns bigint language sql volatile
  as $$ insert into journal (note) values (note); select count(*) from journal $$;
create function journal_silent(note text) returns void language sql volatile
  as $$ insert into journal (note) values (note) $$;
create function journal_read() returns bigint language sql stable as $$ select count(*) from journal $$;
create table counters (id int primary key, n int not null);
insert into counters values (1, 0);
grant all on counters to authenticated, service_role;
create function count_slowly(ms int) returns int language plpgsql volatile as $$
begin
  perform pg_sleep(ms / 1000.0);
  update counters set n = n + 1 where id = 1;
  return (select n from counters where id = 1);
end $$;
`;

export const JOURNAL_ALONE: string = JOURNAL;
export const KEYED_JOURNAL: string = OWN_SCHEMA + JOURNAL;

type Options = Omit<
  DatabaseServiceOptions,
  'direct' | 'session' | 'transaction' | 'embedded' | 'service' | 'pools'
>;

/** A service that knows one mode, with connections for several calls at a time. */
export function serviceOf(
  modes: EveryMode,
  mode: ModeName,
  options: Options = {},
): ConsolidatedDatabaseService {
  if (mode === 'embedded') return modes.service(mode, options);
  const { user: users, service } = modes.stack;
  return createDatabaseService({
    [mode]: users[mode],
    service: { [mode]: service[mode] },
    pools: { [mode]: { max: 5 } },
    ...options,
  });
}

/** Rows of the journal, whoever owns them. */
export async function notesIn(modes: EveryMode, mode: ModeName): Promise<readonly (string | null)[]> {
  const rows = await modes.query<{ note: string | null }>(mode, 'select note from journal order by id');
  return rows.map(({ note }) => note);
}
