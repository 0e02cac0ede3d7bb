import { SignJWT } from 'jose';

export const SECRET = 'a shared secret of at least thirty-two characters';

/** A token of the user, as Supabase Auth signs it with a shared secret. */
export function tokenOf(sub: string): Promise<string> {
  return new SignJWT({ sub, aud: 'authenticated', role: 'authenticated' })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));
}
