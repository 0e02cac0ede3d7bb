import * as z from 'zod';
import { countryCode, text, uuid, wholeNumber } from '../input-fields.ts';
import { type JsonObject, jsonObject } from '../json-object.ts';
import type { Profile } from './profile.ts';

/** What `change` takes: only what is named is changed. `null` empties a field. */
export interface ProfileChanges {
  /** 3 to 40 of `a` to `z`, `0` to `9` and `_`. Nobody else may have it. */
  readonly username?: string | undefined;
  /** Nobody else may have it. It is not proven to be the user's: confirm it before you rely on it. */
  readonly email?: string | undefined;
  /** At most 100 characters. @defaultValue '' */
  readonly display_name?: string | undefined;
  /** Two capital letters, such as `PT`. */
  readonly home_country?: string | null | undefined;
}

/** What `create` takes. */
export interface NewProfile extends ProfileChanges {
  /** That of a user in `auth.users`. */
  readonly id: string;
  readonly username: string;
  readonly email: string;
  /** A JSON object, at most 16 levels deep, of 2,000 values and 16 KiB. @defaultValue {} */
  readonly preferences?: JsonObject | undefined;
}

/** What `list` takes beside the options of a call. */
export interface UserListOptions {
  /** Part of a username or an email, in upper or lower case: 1 to 100 characters. It reads all profiles that the caller may see. */
  readonly search?: string | undefined;
  /** Profiles of a page, 1 to 1,000. @defaultValue 50 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly after?: Partial<Profile> | undefined;
}

const USERNAME = "must be 3 to 40 of 'a' to 'z', '0' to '9' and '_'";
const EMAIL = 'must be an email address of at most 320 characters';

const fields = {
  username: z.string(USERNAME).regex(/^[a-z0-9_]{3,40}$/, USERNAME),
  // The form alone: whether it can be written to, only a mail tells.
  email: z
    .string(EMAIL)
    .trim()
    .max(320, EMAIL)
    .regex(/^[^\s@\0]+@[^\s@\0]+$/, EMAIL),
  display_name: text(0, 100).exactOptional(),
  home_country: countryCode().nullable().exactOptional(),
};

export const NEW_PROFILE = {
  name: 'a profile',
  fields: z.strictObject({ ...fields, id: uuid(), preferences: jsonObject().exactOptional() }),
};

export const PROFILE_CHANGES = {
  name: 'a profile',
  fields: z.strictObject({
    ...fields,
    username: fields.username.exactOptional(),
    email: fields.email.exactOptional(),
  }),
};

export const PREFERENCES = {
  name: 'a change of preferences',
  fields: z.strictObject({ id: uuid(), patch: jsonObject() }),
};

export const USER_LIST = {
  name: 'a list of users',
  fields: z.strictObject({
    search: text(1, 100).exactOptional(),
    limit: wholeNumber(1, 1_000).exactOptional(),
  }),
};
