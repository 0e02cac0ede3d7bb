import { introspect } from '../../src/consolidated/catalog/introspect.ts';
import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';

/** Made by an owner who is no superuser. `app` is exposed, `inside` is not. */
export const DEPENDENCY_SCHEMA = `
  create schema app;
  create schema inside;

  create table app.plain (id int primary key, note text, at timestamptz, doc jsonb, embedding extensions.vector(2));
  create table app.other (id int primary key);
  create table inside.hidden (id int primary key);
  create view app.once as select id, note from app.plain;
  create view app.twice as
    with o as (select id from app.other) select p.id from app.once p where exists (select from o where o.id = p.id);
  create view app.reaches_inside as select * from inside.hidden;
  create materialized view app.kept as select id from app.plain;
  create view app.over_kept as select * from app.kept;

  create table app.tenants (id uuid primary key);
  create table app.members (tenant uuid, user_id uuid, primary key (tenant, user_id));
  create table app.blocked (user_id uuid primary key);
  create table app.never (id uuid primary key);
  create table app.docs (id uuid primary key, tenant uuid, is_public boolean);
  create table app.quiet (id int primary key);
  alter table app.tenants enable row level security;
  alter table app.members enable row level security;
  alter table app.docs enable row level security;
  alter table app.quiet enable row level security;
  create policy open on app.tenants using (true);
  create policy own on app.members for select
    using (user_id = (select auth.uid()) and tenant in (select t.id from app.tenants t));
  create policy "of members" on app.docs for select to authenticated
    using (tenant in (select m.tenant from app.members m where m.user_id = (select auth.uid())));
  create policy "of anyone" on app.docs for select to anon using (is_public);
  create policy "not for the blocked" on app.docs as restrictive for select to authenticated
    using (not exists (select from app.blocked b where b.user_id = auth.uid()));
  create policy changes on app.docs for update using (exists (select from app.never));
  create policy adds on app.docs for insert with check (exists (select from app.never));
  create view app.docs_of_caller with (security_invoker = on) as select * from app.docs;
  create view app.docs_of_owner as select * from app.docs;
  create view app.owner_over_caller as select * from app.docs_of_caller;
  create view app.caller_over_owner with (security_invoker) as select * from app.docs_of_owner;

  create function inside.is_member(tenant uuid) returns boolean stable security definer language sql
    as 'select exists (select from app.members m where m.tenant = $1)';
  create function inside.sees(doc uuid) returns boolean stable language sql
    begin atomic select exists (select from app.docs d where d.id = doc); end;
  create function inside.sees_all(doc uuid) returns boolean stable security definer language sql
    begin atomic select exists (select from app.docs d where d.id = doc); end;
  create function inside.recent(since timestamptz default now()) returns boolean stable language sql return since is null;
  create function inside.fixed() returns int immutable language sql as 'select 1';
  create function inside.changes() returns int volatile language sql as 'select 1';
  create function inside.same(int, int) returns boolean stable language sql as 'select $1 = $2';
  create operator inside.=== (leftarg = int, rightarg = int, function = inside.same);
  create aggregate inside.total(int) (sfunc = int4pl, stype = int);
  create table app.guarded (id uuid primary key, tenant uuid);
  alter table app.guarded enable row level security;
  create policy "of its members" on app.guarded for select using (inside.is_member(tenant));
  create view app.over_body as select o.id from app.other o where inside.sees(null);
  create view app.over_definer as select o.id from app.other o where inside.sees_all(null);
  create view app.over_default as select o.id from app.other o where inside.recent();
  create view app.over_immutable as select inside.fixed() as n from app.other;
  create view app.over_operator as select o.id from app.other o where o.id operator(inside.===) 1;
  create view app.over_aggregate as select inside.total(o.id) from app.other o;
  create view app.over_changes as select inside.changes() from app.other o;
  create function app.rpc(uuid) returns boolean stable language sql as 'select inside.is_member($1)';
  create function app.rpc_of_owner(uuid) returns boolean stable security definer language sql as 'select inside.is_member($1)';
  create function app.rpc_with_body(doc uuid) returns boolean stable language sql return inside.sees(doc);
  create function app.rpc_that_adds() returns void volatile language sql
    begin atomic insert into app.other values (1); end;

  create view app.now_called as select * from app.plain where at < now();
  create view app.statement_time as select * from app.plain where at < statement_timestamp();
  create view app.clock_time as select * from app.plain where at < clock_timestamp();
  create view app.of_today as select * from app.plain where at::date = current_date;
  create view app.of_this_moment as select * from app.plain where at < current_timestamp(3);
  create view app.aged as select age(at) from app.plain;
  create view app.aged_to as select age(at, at) from app.plain;
  create view app.text_as_time as select * from app.plain where at < note::timestamptz;
  create view app.text_as_days as select string_to_array(note, ',')::date[] as days from app.plain;
  create view app.text_as_class as select note::regtype::oid as class from app.plain;
  create view app.text_as_number as select note::int as a, note::uuid as b, note::jsonb as c, note::extensions.vector as d from app.plain;
  create view app.random_rows as select * from app.plain where random() < 0.5;
  create view app.sampled as select * from app.plain tablesample bernoulli (50);
  create view app.of_setting as select * from app.plain where note = current_setting('app.tenant');
  create view app.of_any_setting as select * from app.plain where id::text = current_setting(note);
  create view app.of_claims as
    select * from app.plain where note = current_setting('request.jwt.claims', true)::json ->> 'sub';
  create view app.of_one_claim as select * from app.plain where note = current_setting('REQUEST.jwt.claim.sub', true);
  create view app.of_tenant as select * from app.plain where note = auth.jwt() ->> 'tenant' or note = auth.uid()::text;
  create view app.of_tenants as select * from app.plain
    where note = (select auth.jwt()) ->> 'tenant' or doc = (select auth.jwt() -> 'app_metadata') or note = (select auth.email());
  create view app.of_jwt as select * from app.plain where doc @> auth.jwt();
  create view app.of_others as select * from app.plain where doc = auth.jwt() - 'tenant';
  create view app.of_both as select * from app.plain where note = auth.jwt() ->> 'tenant' or doc @> auth.jwt();
  create view app.of_role as select * from app.plain where note in (current_user, current_role, auth.role());
  create view app.of_login as select * from app.plain where note = session_user;
  create view app.formatted as select to_char(at, 'YYYY') as a, date_trunc('day', at) as b, concat(note, id) as c,
    jsonb_build_object('a', at) as d, at + interval '1 day' as e, at > '2026-01-01'::date as f,
    (select json_agg(o order by o.id) from app.other o) as g, row_number() over (partition by note order by id) as h,
    coalesce(note, 'x') collate "C" as i, greatest(id, 1) as j, (id, 1) < (1, id) as k,
    case when id = 1 then array[id] else '{}' end as l, to_tsvector(note) @@ to_tsquery('a') as m,
    note similar to 'a{1,2}' as n
    from app.plain group by at, note, id having count(*) filter (where id > 0) > 0;
  create view app.nearest as select id, embedding operator(extensions.<=>) '[1,2]' as distance from app.plain;
  create view app.of_catalog as select relname from pg_class;
  create view app.of_information as select table_name::text from information_schema.tables;
  create sequence app.numbers;
  create view app.of_sequence as select last_value from app.numbers;
  create view app.of_record as select r.a from app.plain, jsonb_to_record(doc) as r (a text);
  create view app.of_locked as select * from app.plain for update;

  create table app.events (id int, day date) partition by range (day);
  create table inside.events_2026 partition of app.events for values from ('2026-01-01') to ('2027-01-01') partition by list (id);
  create table app.events_first partition of inside.events_2026 for values in (1);
  create table app.base (id int primary key);
  create table app.child () inherits (app.base);
  create table app.left_side (id int);
  create table app.right_side (id int);
  create table app.of_both_sides () inherits (app.right_side, app.left_side);

  create table app.a (id int primary key, code int unique);
  create table app.b (id int primary key, a_id int unique references app.a (id) on delete cascade);
  create table app.c (id int primary key, b_id int references app.b (a_id) on update cascade on delete set null);
  create table inside.d (id int primary key, c_id int references app.c (id) on delete cascade, code int references app.a (code) on update cascade);
  create table app.e (id int primary key, a_id int references app.a (id));
  create view app.over_a as select id as a_id, (select count(*) from app.e) as n from app.a where exists (select from app.b);
  create view app.over_over_a as select * from app.over_a;
  create table app.tree (id int primary key, parent int references app.tree (id) on delete cascade);
  create table app.x (id int primary key, y_id int);
  create table app.y (id int primary key, x_id int references app.x (id) on delete cascade);
  alter table app.x add foreign key (y_id) references app.y (id) on delete cascade;
  create table app.event_notes (id int, day date, primary key (id, day)) partition by range (day);
  create table app.event_notes_2026 partition of app.event_notes for values from ('2026-01-01') to ('2027-01-01');
  create table app.marks (id int primary key, note int, day date, foreign key (note, day) references app.event_notes on delete cascade);

  create function inside.noted() returns trigger language plpgsql as 'begin return new; end';
  create table app.triggered (id int primary key);
  create trigger noted after insert or delete on app.triggered for each row execute function inside.noted();
  create table app.of_triggered (id int primary key, t_id int references app.triggered (id) on delete cascade);
  create table app.over_triggered (id int primary key);
  alter table app.triggered add foreign key (id) references app.over_triggered (id) on delete cascade;
  create table app.switched_off (id int primary key);
  create trigger noted after insert on app.switched_off for each row execute function inside.noted();
  alter table app.switched_off disable trigger noted;
  create table app.searched (id int primary key, note text, found tsvector);
  create trigger searching before insert or update on app.searched for each row
    execute function tsvector_update_trigger(found, 'pg_catalog.simple', note);
  create table app.told (id int primary key);
  create trigger telling after insert on app.told for each statement execute function cdb.tell();
  create table app.moving (id int, day date) partition by range (day);
  create table app.moving_2026 partition of app.moving for values from ('2026-01-01') to ('2027-01-01');
  create trigger noted after delete on app.moving_2026 for each row execute function inside.noted();
  create table app.ruled (id int primary key);
  create rule also as on delete to app.ruled do also insert into app.other values (old.id);
  create view app.instead as select id from app.plain;
  create trigger noted instead of insert on app.instead for each row execute function inside.noted();
  create view app.joined as select p.id from app.plain p join app.other o using (id);
  create view app.nothing as select 1 as id;
`;

/** Only a superuser may make a way to another server. */
export const FOREIGN_SCHEMA = `
  create extension file_fdw;
  create server elsewhere foreign data wrapper file_fdw;
  create foreign table app.far_away (id int) server elsewhere options (filename '/dev/null');
  create view app.over_far_away as select * from app.far_away;
  create table app.near (id int, day date) partition by range (day);
  create foreign table app.near_far partition of app.near for values from ('2026-01-01') to ('2027-01-01')
    server elsewhere options (filename '/dev/null');
`;

/** The catalog as the connection's login may read it. */
export function catalogOf(
  connection: AdminConnection,
  schemas: readonly string[],
  roles: readonly string[],
): Promise<Catalog> {
  return introspect(
    async (text, values) =>
      (await connection.query<Record<string, string>>(text, values)).map((row) => Object.values(row)),
    schemas,
    roles,
  );
}
