import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..', '..');

/**
 * Where a snippet runs: the embedded database, the full stack (`<!-- stack -->` above the fence), or nowhere,
 * so that it is compiled only (`<!-- types -->`).
 */
export type SnippetWorld = 'embedded' | 'stack' | 'types';

/** A fenced block of a page. */
export interface Fence {
  /** Path of the page, from the project's root. */
  readonly page: string;
  readonly language: string;
  /** Line of the page on which the text starts, from 1. */
  readonly line: number;
  readonly text: string;
  /** Text of the HTML comment right above the fence; '' without one. */
  readonly mark: string;
}

export interface Page {
  readonly path: string;
  readonly text: string;
  readonly fences: readonly Fence[];
}

const FENCE = /^(?:<!-- (\w+) -->\n\n?)?```(\w+)\n([\s\S]*?)^```$/gm;

/** All pages that a reader is sent to: those of the root, and docs/. */
export function readPages(): Page[] {
  const inDocs = readdirSync(join(root, 'docs')).map((name) => `docs/${name}`);
  return [...readdirSync(root), ...inDocs]
    .filter((path) => path.endsWith('.md'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, fences: fencesOf(path, text) };
    });
}

/** The text of a page without its fenced blocks. */
export function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** The texts in backticks, blocks aside. */
export function namesIn(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** The TypeScript sources in a folder and below, tests aside. */
export function sourceTexts(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));
}

/** Throws for a fence that the pattern does not take, so that none goes unchecked. */
export function fencesOf(page: string, text: string): Fence[] {
  const fences = [...text.matchAll(FENCE)].map((match): Fence => {
    const [whole, mark = '', language = '', body = ''] = match;
    const before = text.slice(0, match.index + whole.length - body.length - '```'.length);
    return { page, language, line: before.split('\n').length, text: body, mark };
  });
  const edges = text.match(/^\s*(?:```|~~~)/gm)?.length ?? 0;
  if (edges !== fences.length * 2) {
    throw new Error(
      `${page} has ${edges} fence lines, but ${fences.length} blocks of the form \`\`\`language … \`\`\``,
    );
  }
  return fences;
}

export function worldOf(fence: Fence): SnippetWorld {
  switch (fence.mark) {
    case '':
      return 'embedded';
    case 'stack':
    case 'types':
      return fence.mark;
    default:
      throw new Error(`${fence.page}:${fence.line} is marked '${fence.mark}'; known are stack and types.`);
  }
}
