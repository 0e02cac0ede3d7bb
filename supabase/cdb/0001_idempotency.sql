-- Idempotency keys: a write that is sent with a key is applied once, and every repeat gets its first result.
--
-- A batch claims its key first, then writes as the caller, and keeps the result in the same statement; so a key and its
-- result are there exactly when the write is. Who the caller is the functions read themselves, from the role and the
-- claims that the set-up of the batch has set: the same key of another role or subject is another key.
create table cdb.idempotency_keys (
  -- Of role, subject and key together. The key itself is not stored.
  id bytea not null constraint idempotency_keys_pkey primary key,
  -- For operators, who may have to delete what is kept of one subject.
  role text not null,
  subject text not null,
  -- Hashes: of the statement with its values, and of the columns that its results have.
  fingerprint text not null,
  shape text not null,
  -- One JSON array for each statement of the batch, or the value of a transaction.
  results text[] not null default '{}',
  size integer not null default 0,
  claimed_in xid8 not null,
  claimed_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index idempotency_keys_expires_at_idx on cdb.idempotency_keys (expires_at);
alter table cdb.idempotency_keys enable row level security;
create policy nobody on cdb.idempotency_keys to public using (false);
revoke all on cdb.idempotency_keys from public, anon, authenticated, service_role;

-- The subject of the caller; '' for the service, which has none. Types are qualified throughout: an empty search_path still
-- looks for types in pg_temp first.
create function cdb.key_subject() returns text
language plpgsql stable set search_path = '' as $fn$
declare
  caller_role constant pg_catalog.text := pg_catalog.current_setting('role');
  subject pg_catalog.text;
begin
  if caller_role = 'service_role' then
    return '';
  end if;
  subject := nullif(pg_catalog.current_setting('request.jwt.claims', true), '')::pg_catalog.json ->> 'sub';
  if caller_role in ('none', 'anon') or coalesce(subject, '') = '' then
    raise exception using errcode = 'CDB06',
      message = 'An idempotency key needs a caller with a subject: the claims have no ''sub''.';
  end if;
  return subject;
end
$fn$;

create function cdb.key_id(given_key text) returns bytea
language plpgsql stable set search_path = '' as $fn$
begin
  -- As a JSON array, so that no two callers can make one text of different parts.
  return pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.json_build_array(
    pg_catalog.current_setting('role'), cdb.key_subject(), given_key)::pg_catalog.text, 'UTF8'));
end
$fn$;

-- Claims the key for this transaction. While another transaction holds it, it waits for the end of that one. CDB01: a
-- result of the same statement is kept. CDB02: the key was used for another statement.
create function cdb.claim_key(given_key text, given_fingerprint text, given_shape text, ttl_ms bigint) returns text
language plpgsql volatile security definer set search_path = '' as $fn$
declare
  claimed constant pg_catalog.bytea := cdb.key_id(given_key);
begin
  insert into cdb.idempotency_keys as k (id, role, subject, fingerprint, shape, claimed_in, expires_at)
  values (claimed, pg_catalog.current_setting('role'), cdb.key_subject(), given_fingerprint, given_shape,
    pg_catalog.pg_current_xact_id(), pg_catalog.now() + ttl_ms * interval '1 millisecond')
  on conflict (id) do update
    set fingerprint = excluded.fingerprint, shape = excluded.shape, results = default, size = default,
      claimed_in = excluded.claimed_in, claimed_at = excluded.claimed_at, expires_at = excluded.expires_at
    where k.expires_at <= pg_catalog.now();
  if found then
    return 'claimed';
  end if;
  perform from cdb.idempotency_keys k where k.id = claimed and k.fingerprint = given_fingerprint;
  if found then
    raise exception using errcode = 'CDB01',
      message = 'The write was applied before, with this idempotency key: its result is kept.';
  end if;
  raise exception using errcode = 'CDB02',
    message = 'The idempotency key was used for another statement. Nothing was changed.',
    hint = 'Make a new key for each write that is meant, and repeat a key only with the same statement and values.';
end
$fn$;

-- Keeps the result of a statement under the key that this transaction has claimed, and returns it as the document that the
-- client expects. CDB03: it is too large. CDB04: this transaction has not claimed the key.
create function cdb.keep_result(given_key text, result text, nonce text) returns text
language plpgsql volatile security definer set search_path = '' as $fn$
declare
  max_bytes constant pg_catalog.int4 := 262144;
  total pg_catalog.int4;
begin
  update cdb.idempotency_keys k
  set results = pg_catalog.array_append(k.results, result), size = k.size + pg_catalog.octet_length(result)
  where k.id = cdb.key_id(given_key) and k.claimed_in = pg_catalog.pg_current_xact_id()
  returning k.size into total;
  if not found then
    raise exception using errcode = 'CDB04',
      message = 'The idempotency key is not claimed in this transaction. Nothing was changed.';
  end if;
  if total > max_bytes then
    raise exception using errcode = 'CDB03',
      message = pg_catalog.format('The result has %s bytes. With an idempotency key it may have %s. Nothing was changed.', total, max_bytes),
      hint = 'Return less: with ''returning: false'', or the columns that are needed.';
  end if;
  -- The end of the transaction is near, so that no row of somebody else is locked for long. Under a snapshot that is older,
  -- a row that another one has deleted meanwhile would be an error.
  if pg_catalog.current_setting('transaction_isolation') = 'read committed' then
    delete from cdb.idempotency_keys k where k.id in (
      select e.id from cdb.idempotency_keys e where e.expires_at <= pg_catalog.now()
      order by e.expires_at limit 2 for update skip locked
    );
  end if;
  return cdb.key_document(result, nonce);
end
$fn$;

-- The kept result of one statement of a batch. CDB05: there is none. CDB07: it has other columns than the statement has now.
create function cdb.kept_result(given_key text, given_fingerprint text, given_shape text, place integer, nonce text)
returns text
language plpgsql stable security definer set search_path = '' as $fn$
declare
  kept_shape pg_catalog.text;
  result pg_catalog.text;
begin
  select k.shape, k.results[place] into kept_shape, result
  from cdb.idempotency_keys k where k.id = cdb.key_id(given_key) and k.fingerprint = given_fingerprint;
  if result is null then
    raise exception using errcode = 'CDB05', message = 'No result is kept under the idempotency key.';
  end if;
  if kept_shape <> given_shape then
    raise exception using errcode = 'CDB07',
      message = 'The columns of the result have changed since it was kept under the idempotency key.';
  end if;
  return cdb.key_document(result, nonce);
end
$fn$;

-- `[nonce, …, nonce]` of `[…]`.
create function cdb.key_document(result text, nonce text) returns text
language plpgsql stable set search_path = '' as $fn$
begin
  return pg_catalog.concat('[', pg_catalog.to_json(nonce), ', ',
    pg_catalog.substr(result, 2, pg_catalog.length(result) - 2), ', ', pg_catalog.to_json(nonce), ']');
end
$fn$;

revoke execute on all functions in schema cdb from public, anon, authenticated, service_role;
grant execute on function cdb.claim_key(text, text, text, bigint), cdb.keep_result(text, text, text),
  cdb.kept_result(text, text, text, integer, text) to authenticated, service_role;
