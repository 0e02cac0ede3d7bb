/** What `supabase gen types` makes of supabase/migrations. */
export type { Database } from '../../test/support/database.generated.ts';
