import { readFile } from 'node:fs/promises';
import { Hono } from 'hono';

const FILES = {
  '/': { file: 'page.html', type: 'text/html; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
} as const;

/** The page loads its own script and style, asks this service, and nothing else. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

/** The web page. */
export function pageRoutes(): Hono {
  const routes = new Hono();
  for (const [path, { file, type }] of Object.entries(FILES)) {
    routes.get(path, async (c) => {
      const text = await readFile(new URL(`../page/${file}`, import.meta.url), 'utf8');
      return c.body(text, 200, { ...HEADERS, 'content-type': type });
    });
  }
  return routes;
}
