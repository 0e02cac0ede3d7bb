import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesIn, readPages, root, sourceTexts, withoutBlocks } from './markdown.ts';
import { anchorsOf, faultOfLink, relativeLinks } from './page-links.ts';

const pages = readPages();

/** Shorter ones may be the same by chance. */
const SENTENCE_LENGTH = 40;

describe('the pages', () => {
  it('are those of the root and all of docs', () => {
    const inDocs = readdirSync(join(root, 'docs'))
      .filter((name) => name !== 'pictures')
      .map((name) => `docs/${name}`);
    expect(pages.map((page) => page.path)).toEqual(expect.arrayContaining(['README.md', ...inDocs]));
  });

  it.each(pages.map((page) => [page.path, page] as const))('%s links to what is there', (_path, page) => {
    const faults = relativeLinks(page.text)
      .map((link) => ({ link, fault: faultOfLink(page.path, link, page.text) }))
      .filter(({ fault }) => fault !== undefined);
    expect(faults).toEqual([]);
  });

  it('name files that are there', () => {
    const missing = pages.flatMap((page) =>
      namesIn(page.text)
        .filter((name) => /^(?:src|test|stack|bench|examples|scripts|supabase|docs)\/[\w./-]+$/.test(name))
        .filter((name) => !existsSync(join(root, name)))
        .map((name) => `${page.path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('name no environment variable that nothing reads', () => {
    const read = [
      ...['src', 'stack', 'test/support', 'examples', 'bench/suite'].flatMap(sourceTexts),
      readFileSync(join(root, 'package.json'), 'utf8'),
    ].join('\n');
    const unread = pages.flatMap((page) =>
      [...page.text.matchAll(/\bCDB_[A-Z_]*[A-Z]\b/g)]
        .map((match) => match[0])
        .filter(
          (name) =>
            !read.includes(name) && !/^CDB_(?:SERVICE_)?(?:DIRECT|SESSION|TRANSACTION)_URL$/.test(name),
        )
        .map((name) => `${page.path}: ${name}`),
    );
    expect(unread).toEqual([]);
  });

  it('say nothing twice', () => {
    const pageOf = new Map<string, string>();
    const repeated = pages.flatMap((page) =>
      [...page.fences.map((fence) => fence.text), ...sentencesOf(page.text)]
        .filter((text) => {
          const first = pageOf.get(text);
          if (first === undefined) pageOf.set(text, page.path);
          return first !== undefined;
        })
        .map((text) => `${page.path} and ${pageOf.get(text)}: ${text}`),
    );
    expect(repeated).toEqual([]);
  });
});

describe('a link', () => {
  const fault = (link: string) => faultOfLink('docs/page.md', link, '# A page\n\n## A `part`\n');

  it.each(['#a-part', '../README.md', '../README.md#connect', 'modes.md#pools'])(
    'that leads somewhere has no fault: %s',
    (link) => {
      expect(fault(link)).toBeUndefined();
    },
  );

  it.each(['#a-part-1', 'nowhere.md', 'README.md', '../README.md#nowhere', '../../outside.md'])(
    'that leads nowhere is found: %s',
    (link) => {
      expect(fault(link)).toBeTypeOf('string');
    },
  );

  it('is found in each form that Markdown has', () => {
    const text = 'See [a](a.md), ![b](b.png "title"),\n[c][c] and <a href="d.md">d</a>.\n\n[c]: c.md#part\n';
    expect(relativeLinks(text).sort()).toEqual(['a.md', 'b.png', 'c.md#part', 'd.md']);
  });

  it('to another site, or inside code, is none', () => {
    expect(relativeLinks('[a](https://example.com) `[b](b.md)`\n```text\n[c](c.md)\n```\n')).toEqual([]);
  });
});

describe('the anchors of a page', () => {
  it('are made as GitHub makes them', () => {
    const text =
      '# Functions (rpc)\n## Migrations, policies, doctor\n## `a_b` of [c](d.md)\n```bash\n# none\n```\n## Same\n## Same\n';
    expect(anchorsOf(text)).toEqual([
      'functions-rpc',
      'migrations-policies-doctor',
      'a_b-of-c',
      'same',
      'same-1',
    ]);
  });
});

/** Sentences, items and cells, blocks aside. */
function sentencesOf(text: string): string[] {
  return withoutBlocks(text)
    .split(/\n\n|\n- |\n\d+\. |\||(?<=[.:;])\s/)
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence.length >= SENTENCE_LENGTH && !/^-+$/.test(sentence));
}
