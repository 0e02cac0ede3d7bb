import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { AuthService, AuthSession } from '../../../src/index.ts';
import { body, valid } from '../request-input.ts';

/** Who asks: that of the connection, or behind a proxy of yours the header that it sets. */
export type AddressOf = (context: Context) => string | undefined;

const Credentials = z.strictObject({ email: z.string(), password: z.string() });
const Refresh = z.strictObject({ refreshToken: z.string() });
const Tokens = z.strictObject({ accessToken: z.string(), refreshToken: z.string() });

/** Sign-in with a password. Guesses are throttled by account and by address. */
export function signInRoutes(auth: AuthService, addressOf: AddressOf): Hono {
  const routes = new Hono();

  routes.post('/', async (c) => {
    const credentials = valid(Credentials, await body(c.req.raw));
    return c.json(tokensOf(await auth.login({ ...credentials, address: addressOf(c) })), 200, UNKEPT);
  });

  routes.post('/refresh', async (c) => {
    const { refreshToken } = valid(Refresh, await body(c.req.raw));
    return c.json(tokensOf(await auth.refresh(refreshToken)), 200, UNKEPT);
  });

  routes.post('/out', async (c) => {
    await auth.logout(valid(Tokens, await body(c.req.raw)));
    return c.body(null, 204);
  });

  return routes;
}

const UNKEPT = { 'cache-control': 'no-store' } as const;

function tokensOf({ accessToken, refreshToken, expiresAt }: AuthSession) {
  return { accessToken, refreshToken, expiresAt };
}
