import { createRequire } from 'node:module';

/**
 * Loads prom-client where metrics are asked for: nobody else pays for it. It is CommonJS, so this needs no promise, and the
 * metrics are in their registry as soon as the service exists.
 */
export function promClient(): typeof import('prom-client') {
  return createRequire(import.meta.url)('prom-client') as typeof import('prom-client');
}
