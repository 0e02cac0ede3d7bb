import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const src = resolve(import.meta.dirname, '../../src');

/** A room may import from itself and from those after it. */
const ROOMS = ['cli', 'index', 'testing', 'rollout', 'business', 'ops', 'consolidated', 'modes', 'contract'];
/** Rooms that stand beside each other and know nothing of one another. */
const PEERS = new Set(['testing', 'rollout', 'business', 'ops']);

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function sourceFiles(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = join(src, name);
      const text = readFileSync(path, 'utf8');
      const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
        (match) => match[1] as string,
      );
      return { path, text, imports: specifiers.map((specifier) => resolve(dirname(path), specifier)) };
    });
}

function roomOf(path: string): string {
  const [first = ''] = relative(src, path).split(sep);
  return first.replace(/\.ts$/, '');
}

const files = sourceFiles();
const name = (path: string): string => relative(src, path);

describe('the house', () => {
  it('has known rooms only', () => {
    expect(files.map(({ path }) => roomOf(path)).filter((room) => !ROOMS.includes(room))).toEqual([]);
  });

  it('has imports that point down only', () => {
    const upward = files.flatMap(({ path, imports }) =>
      imports
        .filter((target) => {
          const [from, to] = [roomOf(path), roomOf(target)];
          if (from === to) return false;
          return ROOMS.indexOf(to) <= ROOMS.indexOf(from) || (PEERS.has(from) && PEERS.has(to));
        })
        .map((target) => `${name(path)} → ${name(target)}`),
    );
    expect(upward).toEqual([]);
  });

  it('has no cycles', () => {
    // Types come and go with the compiler: a cycle is one of modules that load each other.
    const graph = new Map(
      files.map(({ path, text }) => [
        path,
        [...text.matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'(\.[^']+)'/gm)].map((match) =>
          resolve(dirname(path), match[1] as string),
        ),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].map(name).join(' → '));
        return;
      }
      if (done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });

  it('knows the driver in one file', () => {
    const importers = files
      .filter(({ text }) => /from 'pg(?:-protocol)?'/.test(text))
      .map(({ path }) => name(path));
    expect(importers).toEqual([join('modes', 'driver.ts')]);
  });

  it('has no file that is a bucket or too long', () => {
    const buckets = files.filter(({ path }) => /(?:^|[/\\])(?:utils?|common|helpers?|types)\.ts$/.test(path));
    expect(buckets.map(({ path }) => name(path))).toEqual([]);
    const long = files.filter(
      ({ path, text }) => !path.endsWith('.test.ts') && text.split('\n').length > 301,
    );
    expect(long.map(({ path }) => name(path))).toEqual([]);
  });

  it('reads time and chance from what it is handed', () => {
    const direct = files.filter(
      ({ path, text }) =>
        !path.endsWith('.test.ts') &&
        !['cli', 'ops'].includes(roomOf(path)) &&
        !path.endsWith(join('contract', 'clock.ts')) &&
        /\b(?:Date\.now\(\)|performance\.now\(\)|setTimeout\()/.test(text),
    );
    expect(direct.map(({ path }) => name(path))).toEqual([]);
  });
});
