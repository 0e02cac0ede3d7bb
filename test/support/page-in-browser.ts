import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeCommand } from './external-command.ts';

const BROWSER = { command: 'chromium', debianPackage: 'chromium' };

/** Looks at a page of drawings in a browser: by a page that measures itself, what reaches beyond the window, and the smallest text. */
export function describePageInBrowser(name: string, page: () => string): void {
  describeCommand(`${name}, in a browser`, BROWSER, (run) => {
    const folder = mkdtempSync(join(tmpdir(), 'page-in-browser-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each([
      ['a phone', 390],
      ['a desk', 1280],
    ])('fits on %s, with text that can be read', (_, width) => {
      const file = join(folder, `page-${width}.html`);
      const probe = `<script>addEventListener('load', () => {
      const { scrollWidth, clientWidth } = document.documentElement;
      const sizes = [...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect().height);
      const clipped = [...document.querySelectorAll('svg text')].filter((text) => {
        const box = text.getBoundingClientRect();
        const frame = text.closest('figure').getBoundingClientRect();
        return box.left < frame.left || box.right > frame.right;
      });
      document.title = [scrollWidth <= clientWidth, Math.min(...sizes) >= 10, clipped.length].join(' ');
    })</script>`;
      writeFileSync(file, page().replace('</body>', `${probe}</body>`));
      const dom = run(
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-dev-shm-usage',
        `--user-data-dir=${join(folder, 'profile')}`,
        `--window-size=${width},900`,
        '--virtual-time-budget=2000',
        '--dump-dom',
        `file://${file}`,
      );
      expect(/<title>(.*?)<\/title>/.exec(dom)?.[1]).toBe('true true 0');
    });
  });
}
