import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, withoutBlocks } from './markdown.ts';

/** Of a link or an image, of a definition (`[name]: target`), and of HTML. */
const TARGETS = [
  /\]\(\s*<?([^)\s>]+)/g,
  /^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm,
  /<[^>]*\b(?:href|src)="([^"]+)"/g,
] as const;

/** The targets of a page's links, those to other sites left out. */
export function relativeLinks(text: string): string[] {
  const prose = withoutCode(text);
  return TARGETS.flatMap((pattern) => [...prose.matchAll(pattern)].map((match) => match[1] ?? '')).filter(
    (target) => !/^[a-z][a-z+.-]*:/.test(target),
  );
}

/** What is wrong with a link of a page, or undefined. `page` is a path from the project's root. */
export function faultOfLink(page: string, link: string, text: string): string | undefined {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  const inProject = file === '' || (!target.startsWith('..') && existsSync(join(root, target)));
  if (!inProject) return `there is no file ${target}`;
  if (anchor === undefined) return undefined;
  const inside = file === '' ? text : readFileSync(join(root, target), 'utf8');
  return anchorsOf(inside).includes(anchor) ? undefined : `${target} has no section #${anchor}`;
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(text).matchAll(/^#{1,6} (.*)$/gm)].map((match) => {
    const slug = slugOf(match[1] ?? '');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

function withoutCode(text: string): string {
  return withoutBlocks(text).replace(/`[^`\n]+`/g, '');
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');
}
