import type { MiddlewareHandler } from 'hono';
import { requestIdentity } from '../../src/http/index.ts';
import { requireScope } from '../../src/index.ts';

/** Lets an API key pass that has the scope for the method. Whoever has signed in, and whoever is anonymous, has no scopes to lack. */
export function scoped(subject: string): MiddlewareHandler {
  return async (c, next) => {
    const identity = requestIdentity();
    const act = c.req.method === 'GET' || c.req.method === 'HEAD' ? 'read' : 'write';
    if (identity.kind === 'user') requireScope(identity, `${subject}:${act}`);
    await next();
  };
}
