import type { Json } from '../json-object.ts';
import type { RemovedUser } from './profile.ts';

/** The tables and functions of users, as `supabase gen types` writes them: what `createUsers` asks of a `Database`. */
export interface UsersSchema {
  Tables: {
    profiles: {
      Row: ProfileColumns;
      Insert: Partial<ProfileColumns> & Pick<ProfileColumns, 'id' | 'username' | 'email'>;
      Update: Partial<ProfileColumns>;
    };
  };
  Views: Record<never, never>;
  Functions: {
    change_preferences: { Args: { patch: Json; user_id: string }; Returns: Json };
    remove_user: { Args: { user_id: string }; Returns: RemovedUser[] };
  };
}

/** A row of `profiles`. */
interface ProfileColumns {
  created_at: string;
  display_name: string;
  email: string;
  home_country: string | null;
  id: string;
  preferences: NonNullable<Json>;
  updated_at: string;
  username: string;
}
