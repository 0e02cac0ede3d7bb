import { describe, expect, it } from 'vitest';
import { readPages } from './markdown.ts';
import { anchorsOf, relativeLinks } from './page-links.ts';

const pages = readPages();
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

const readme = textOf('README.md');
const guide = textOf('docs/guide.md');

const MOST_LINES = 300;
const FIRST_SCREEN_LINES = 60;

describe('the README', () => {
  it('is short', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(MOST_LINES);
  });

  it.each(['npm ci && npm run demo', 'npm ci && npm test', 'npx node first.mjs'])(
    'has on its first screen: %s',
    (command) => {
      const lines = readme.split('\n').slice(0, FIRST_SCREEN_LINES);
      expect(lines).toContain(command);
    },
  );

  const shared = anchorsOf(readme).filter((anchor) => anchorsOf(guide).includes(anchor));

  it('has the short form of parts of the guide', () => {
    expect(shared).toEqual(['connect', 'who-is-calling', 'read', 'write', 'transactions', 'vector-search']);
  });

  it.each(shared)('and the guide link to each other in the part #%s', (anchor) => {
    expect(relativeLinks(partOf(readme, anchor))).toContain(`docs/guide.md#${anchor}`);
    expect(relativeLinks(partOf(guide, anchor))).toContain(`../README.md#${anchor}`);
  });

  it('links to every part of the guide', () => {
    const [, ...parts] = anchorsOf(guide);
    const links = relativeLinks(readme);
    expect(parts.filter((anchor) => !links.includes(`docs/guide.md#${anchor}`))).toEqual([]);
  });

  it('tells of speed only what the table says', () => {
    const numbers = partOf(readme, 'speed').match(/\d+,\d{3}/g) ?? [];
    const table = textOf('docs/speed.md');
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.filter((number) => !table.includes(`| ${number} |`))).toEqual([]);
  });
});

/** The text under the heading with that anchor, up to the next one of its kind. */
function partOf(text: string, anchor: string): string {
  return text.split(/^(?=## )/m).find((part) => anchorsOf(part)[0] === anchor) ?? '';
}
