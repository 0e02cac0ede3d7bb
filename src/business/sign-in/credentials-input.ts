import * as z from 'zod';
import { text } from '../input-fields.ts';

const MOST_PASSWORD_BYTES = 1_024;
const LEAST_PASSWORD_CHARACTERS = 8;

const emailRule = 'must be an email address of at most 320 characters';
const email = z
  .string(emailRule)
  .trim()
  .toLowerCase()
  .max(320, emailRule)
  .refine((value) => /^[^\s@\0]+@[^\s@\0]+$/.test(value) && value.isWellFormed(), emailRule);

const passwordRule = `must be a text of 1 to ${MOST_PASSWORD_BYTES} bytes`;
/** Of any length that can be one: whether it is right is not told from whether it is long enough. */
const password = z
  .string(passwordRule)
  .refine(
    (value) => value !== '' && Buffer.byteLength(value) <= MOST_PASSWORD_BYTES && value.isWellFormed(),
    passwordRule,
  );

const newPasswordRule = `must have at least ${LEAST_PASSWORD_CHARACTERS} characters and at most ${MOST_PASSWORD_BYTES} bytes`;
const newPassword = z
  .string(newPasswordRule)
  .refine(
    (value) =>
      Buffer.byteLength(value) <= MOST_PASSWORD_BYTES &&
      Array.from(value.normalize('NFKC')).length >= LEAST_PASSWORD_CHARACTERS &&
      value.isWellFormed(),
    newPasswordRule,
  );

const address = text(1, 100).optional();

export const CREDENTIALS = { name: 'a sign-in', fields: z.strictObject({ email, password, address }) };

export const REGISTRATION = {
  name: 'a registration',
  fields: z.strictObject({ email, password: newPassword }),
};

export const PASSWORD_CHANGE = {
  name: 'a change of password',
  fields: z.strictObject({ email, password, newPassword, address }),
};
