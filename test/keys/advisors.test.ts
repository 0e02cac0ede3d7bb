import { expect, it } from 'vitest';
import { scratchFolder } from '../ops/scratch-folder.ts';
import { supabaseCli } from '../schema/supabase-cli.ts';
import { createTestDatabase, describeFullStack } from '../support/full-stack.ts';
import { OWN_SCHEMA } from '../support/own-schema.ts';

interface Advice {
  readonly name: string;
  readonly metadata?: { readonly schema?: string };
}

describeFullStack('the schema cdb', () => {
  it('has nothing that the Supabase CLI advises against', async () => {
    await using database = await createTestDatabase({ migrated: true, sql: OWN_SCHEMA });
    const folder = await scratchFolder({});
    const advisors = ['db', 'advisors', '--level', 'info', '--fail-on', 'warn', '--output-format', 'json'];
    const { stdout, code } = await supabaseCli(database.ownerUrl, folder, advisors);
    expect(code).toBe(0);
    const { results } = JSON.parse(stdout) as { readonly results: readonly Advice[] };
    // No index of a new database was used yet.
    const about = results.filter(
      ({ name, metadata }) => metadata?.schema === 'cdb' && name !== 'unused_index',
    );
    expect(about).toEqual([]);
  });
});
