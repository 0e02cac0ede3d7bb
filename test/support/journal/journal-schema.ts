/**
 * Tables that write down by themselves what was done to them, in the transaction that does it: whatever is committed is
 * in `journal_log`, once for each row and each time.
 *
 * `pause` keeps a statement busy for as many milliseconds, and once more at its commit, so that a fault can meet it there.
 */

const COLUMNS = `
  op int not null,
  step int not null,
  state text not null default 'new',
  pause int not null default 0,
  big int8 not null default 1,
  owner uuid default auth.uid()`;

/** Tables whose columns change beneath the writes, one for each lane, so that lanes do not wait for one another. */
export function shapeTable(lane: number): string {
  return `journal_shape_${lane}`;
}

export function journalSql(lanes: number): string {
  const shapes = Array.from({ length: lanes }, (_, lane) => shapeTable(lane));
  return `
    create table journal_log (op int not null, did text not null);
    create index on journal_log (op);

    create function journal_note() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
    declare
      seen record := coalesce(new, old);
    begin
      if tg_op = 'INSERT' and seen.state = 'seed' then return null; end if;
      if seen.pause > 0 then perform pg_sleep(seen.pause / 1000.0); end if;
      insert into journal_log values (seen.op, seen.step || ' ' || tg_op);
      return null;
    end $$;
    create function journal_at_commit() returns trigger language plpgsql as $$
    begin
      if new.pause > 0 and new.state <> 'seed' then perform pg_sleep(new.pause / 1000.0); end if;
      if new.state = 'refused at commit' then raise exception 'refused at commit'; end if;
      return null;
    end $$;

    create table journal (${COLUMNS});
    create index on journal (op);
    create table journal_keyed (${COLUMNS}, primary key (op, step));
    ${shapes.map((name) => `create table ${name} (${COLUMNS}, extra int4);`).join('\n')}
    ${['journal', 'journal_keyed', ...shapes].map(watched).join('\n')}

    create function journal_seed(wanted int, pause int, whose uuid) returns void language plpgsql as $$
    begin
      if exists (select from journal where op = wanted) then return; end if;
      insert into journal (op, step, state, pause, owner) values (wanted, 0, 'seed', journal_seed.pause, whose);
      insert into journal_keyed (op, step, state, owner) values (wanted, 0, 'seed', whose);
    end $$;
    create function journal_write(wanted int, pause int) returns setof journal language plpgsql volatile as $$
    begin
      return query insert into journal (op, step, pause) values (wanted, 1, journal_write.pause), (wanted, 2, 0) returning *;
    end $$;
    create function journal_read(wanted int, pause int) returns setof journal language plpgsql stable as $$
    begin
      perform pg_sleep(journal_read.pause / 1000.0);
      return query select * from journal where op = wanted;
    end $$;
    create function journal_wait(ms int) returns int language plpgsql stable as $$
    begin
      perform pg_sleep(ms / 1000.0);
      return ms;
    end $$;
    create procedure journal_keep(wanted int, pause int) language plpgsql as $$
    begin
      insert into journal (op, step, pause) values (wanted, 1, journal_keep.pause);
      commit;
    end $$;
    create procedure journal_keep_and_fail(wanted int, pause int) language plpgsql as $$
    begin
      insert into journal (op, step, pause) values (wanted, 1, journal_keep_and_fail.pause);
      commit;
      perform 1 / 0;
    end $$;
    create procedure journal_keep_twice(wanted int, pause int) language plpgsql as $$
    begin
      insert into journal (op, step) values (wanted, 1);
      commit;
      insert into journal (op, step, pause) values (wanted, 2, journal_keep_twice.pause);
      commit;
    end $$;
  `;
}

function watched(table: string): string {
  return `
    alter table ${table} enable row level security;
    create policy own on ${table} to authenticated
      using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
    grant select, insert, update, delete on ${table} to authenticated, service_role;
    create trigger note after insert or update or delete on ${table} for each row execute function journal_note();
    create constraint trigger at_commit after insert or update on ${table} deferrable initially deferred
      for each row execute function journal_at_commit();`;
}
