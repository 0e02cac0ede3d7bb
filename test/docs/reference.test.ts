import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../src/consolidated/options/parse-options.ts';
import { createDatabaseService } from '../../src/index.ts';
import { DEFAULT_MODE_TABLE } from '../../src/modes/choice.ts';
import { readPages, root } from './markdown.ts';

const pages = readPages();
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

function sourceTexts(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

/** The rows of a page's tables, as their cells. */
function tableRows(page: string): string[][] {
  return [...textOf(page).matchAll(/^\|(.*)\|$/gm)].map((match) =>
    (match[1] ?? '').split('|').map((cell) => cell.trim()),
  );
}

/** What stands in backticks, blocks aside. */
const named = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');

describe('the page of errors', () => {
  const documented = new Set(
    named(textOf('docs/errors.md')).filter((name) => /^[A-Z][A-Z_]{4,}$/.test(name)),
  );
  const thrown = new Set(
    sourceTexts('src').flatMap((text) =>
      [...text.matchAll(/(?:code:|const [A-Z_]+ =) '([A-Z][A-Z_]{4,})'/g)].map((match) => match[1] ?? ''),
    ),
  );

  it('names every code that the source has', () => {
    expect([...thrown].filter((code) => !documented.has(code))).toEqual([]);
  });

  it('names no code that the source does not have', () => {
    expect([...documented].filter((code) => !thrown.has(code))).toEqual([]);
  });
});

describe('the page of options', () => {
  const rows = tableRows('docs/options.md');
  const rowOf = (option: string): string[] | undefined =>
    rows.find(([first = '']) => named(first).includes(option));

  it('names every option', () => {
    let message = '';
    try {
      createDatabaseService({ nonsense: true } as object);
    } catch (error) {
      message = (error as Error).message;
    }
    const known = /Known are: (.*)\.$/.exec(message)?.[1]?.split(', ') ?? [];
    expect(known.length).toBeGreaterThan(20);
    expect(known.filter((option) => rowOf(option) === undefined)).toEqual([]);
  });

  it.each(['timeoutMs', 'connectTimeoutMs', 'maxRows', 'maxBytes', 'maxPrepared'] as const)(
    'tells the default of %s',
    (option) => {
      const told = named(rowOf(option)?.[1] ?? '')[0]?.replaceAll('_', '');
      expect(told).toBe(String(parseOptions({ embedded: true })[option]));
    },
  );
});

describe('the page of modes', () => {
  const rows = tableRows('docs/modes.md');

  it.each(Object.entries(DEFAULT_MODE_TABLE))('tells the modes of %s', (kind, modes) => {
    const row = rows.find(([first = '']) => named(first).includes(kind));
    expect(row?.[1]).toBe(modes.join(', '));
  });

  it.each(['max', 'maxWaiting', 'idleTimeoutMs', 'maxLifetimeMs'] as const)(
    'tells the default of %s',
    (option) => {
      const { direct, session, transaction } = parseOptions({ embedded: true }).pools;
      const row = rows.find(([first = '']) => named(first)[0] === option);
      expect(row?.slice(1).map((cell) => Number(cell.replaceAll(',', '')))).toEqual([
        direct[option],
        session[option],
        transaction[option],
      ]);
    },
  );
});

describe('the pages', () => {
  it('name no environment variable that nothing reads', () => {
    const read = [
      ...sourceTexts('src'),
      ...sourceTexts('stack'),
      ...sourceTexts('test/support'),
      ...sourceTexts('examples'),
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

  it('link to pages and sections that are there', () => {
    const broken = pages.flatMap((page) =>
      [...page.text.matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !/^https?:/.test(link) && !leadsSomewhere(page.path, link))
        .map((link) => `${page.path}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('name files that are there', () => {
    const missing = pages.flatMap((page) =>
      named(page.text)
        .filter((name) => /^(?:src|test|stack|bench|examples|scripts|supabase|docs)\/[\w./-]+$/.test(name))
        .filter((name) => !existsSync(join(root, name)))
        .map((name) => `${page.path}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [file = '', section] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  if (!existsSync(join(root, target))) return false;
  if (section === undefined) return true;
  const headings = [...textOf(target).matchAll(/^#+ (.*)$/gm)].map((match) => slugOf(match[1] ?? ''));
  return headings.includes(section);
}

/** As GitHub makes them. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-');
}
