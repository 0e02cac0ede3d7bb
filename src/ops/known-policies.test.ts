import { expect, it } from 'vitest';
import { knownPolicies } from './known-policies.ts';
import { clearPolicies } from './policy-files.ts';
import { splitStatements } from './sql-statements.ts';

function known(sql: string): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    [...knownPolicies(splitStatements(sql))].map(([table, policies]) => [table, [...policies]]),
  );
}

it('follows what creates, renames and drops policies, whatever the quotes', () => {
  expect(
    known(`
      -- a comment
      create policy "Owners read" on public.trips for select using (true);
      CREATE POLICY Second ON trips USING (true);
      create policy third on "public"."trips" using (true);
      create policy "say ""no""" on billing.invoices as restrictive using (false);
      alter policy third on trips rename to "Third";
      alter policy "Third" on trips using (false);
      drop policy if exists second on public.trips;
      drop policy nothing on notes;
      select 'create policy x on trips';
    `),
  ).toEqual({
    'public.trips': ['Owners read', 'Third'],
    'billing.invoices': ['say "no"'],
    'public.notes': [],
  });
});

it('reads statements as Postgres does, whatever stands between their words', () => {
  expect(
    known(`
      create /* odd */ policy a on trips;
      create -- odd
        policy/* 'x' /* nested; */ */b/**/on/**/public /**/ . /**/ trips using (true);
      CREATE\tPOLICY\f"c""d"\von"trips"using (true);
      create policy e on trips using (note = $x$ create policy f on trips; $x$);
      /* create policy g on trips; */ -- create policy h on trips;
      create policy U&"\\0069\\+00006A" on trips;
      create policy u&"k!006C" uescape '!' on trips;
      create policy ÉTÉ on trips;
      create policy m on app.public.trips;
      alter /**/ policy m /**/ on trips /**/ rename /**/ to /**/ "M";
      drop /**/ policy /**/ if /**/ exists /**/ b /**/ on /**/ trips /**/ cascade;
      create policy n on "TRIPS";
      create policyx o on trips;
      select policy, o from trips;
    `),
  ).toEqual({
    'public.trips': ['a', 'c"d', 'e', 'ij', 'kl', 'ÉtÉ', 'M'],
    'public.TRIPS': ['n'],
  });
});

it('follows the policies migrations of this package', () => {
  const file = { file: 'trips.sql', schema: 'public', table: 'trips', text: '' };
  expect(
    known(`create policy a on trips using (true);
      create policy b on notes using (true);
      ${clearPolicies(file)}
      create policy c on public.trips using (true);`),
  ).toEqual({ 'public.notes': ['b'], 'public.trips': ['c'] });
});
