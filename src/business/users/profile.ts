/** A profile as it is read; the preferences are read by themselves. Moments are ISO 8601. */
export interface Profile {
  /** That of the user in `auth.users`. */
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly display_name: string;
  /** Two capital letters, such as `PT`. */
  readonly home_country: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export const PROFILE_COLUMNS = [
  'id',
  'username',
  'email',
  'display_name',
  'home_country',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Profile)[];

/** What went with a user: the number of each. */
export interface RemovedUser {
  /** The user's own; those who shared them lose them too. */
  readonly trips: number;
  /** Shares of others' trips. */
  readonly collaborations: number;
  readonly api_keys: number;
  readonly searches: number;
}
