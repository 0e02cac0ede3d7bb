import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { moduleImports } from '../support/module-imports.ts';

const src = resolve(import.meta.dirname, '../../src');
/** What tests share; tests beside the code may use it. */
const support = resolve(import.meta.dirname, '../support') + sep;

/** A room may import from itself and from those after it. */
const ROOMS = [
  'cli',
  'index',
  'testing',
  'rollout',
  'http',
  'business',
  'ops',
  'bench',
  'consolidated',
  'modes',
  'contract',
];
/** Rooms that stand beside each other and know nothing of one another. */
const PEERS = new Set(['testing', 'rollout', 'http', 'business', 'ops', 'bench']);

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
      const imports = moduleImports(text).filter(({ kind }) => kind !== 'url');
      return { path, text, imports: imports.map(({ specifier }) => resolve(dirname(path), specifier)) };
    });
}

/** Every ring of names that lead back to where they began, each told once. */
function cyclesOf(graph: ReadonlyMap<string, Iterable<string>>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (node: string, trail: readonly string[]): void => {
    if (trail.includes(node)) {
      cycles.push([...trail.slice(trail.indexOf(node)), node].join(' → '));
      return;
    }
    if (done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
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
          if (from === to || (path.endsWith('.test.ts') && target.startsWith(support))) return false;
          return ROOMS.indexOf(to) <= ROOMS.indexOf(from) || (PEERS.has(from) && PEERS.has(to));
        })
        .map((target) => `${name(path)} → ${name(target)}`),
    );
    expect(upward).toEqual([]);
  });

  it('has no cycles, of types neither: who reads one file of a cycle has to read them all', () => {
    expect(cyclesOf(new Map(files.map(({ path, imports }) => [name(path), imports.map(name)])))).toEqual([]);
  });

  it('has folders that know of each other one way only', () => {
    const folders = new Map<string, Set<string>>();
    for (const { path, imports } of files) {
      const from = dirname(name(path));
      const known = folders.get(from) ?? new Set();
      for (const target of imports) if (dirname(name(target)) !== from) known.add(dirname(name(target)));
      folders.set(from, known);
    }
    expect(cyclesOf(folders)).toEqual([]);
  });

  it('enters the modes through their door', () => {
    const trespassing = files.flatMap(({ path, imports }) =>
      roomOf(path) === 'modes'
        ? []
        : imports
            .filter((target) => roomOf(target) === 'modes' && name(target) !== join('modes', 'index.ts'))
            .map((target) => `${name(path)} → ${name(target)}`),
    );
    expect(trespassing).toEqual([]);
  });

  it('has one thing for one name', () => {
    const taken = new Map<string, string[]>();
    for (const { path } of files) {
      const base = basename(path);
      // A command is a file of the operation's name.
      if (base !== 'index.ts' && roomOf(path) !== 'cli')
        taken.set(base, [...(taken.get(base) ?? []), name(path)]);
    }
    for (const { path, text } of files) {
      for (const [, exported] of text.matchAll(
        /^export (?:declare )?(?:abstract )?(?:class|interface|type) (\w+)/gm,
      )) {
        const key = `type ${exported}`;
        taken.set(key, [...(taken.get(key) ?? []), name(path)]);
      }
    }
    const twice = [...taken].filter(([, places]) => places.length > 1);
    expect(twice.map(([what, places]) => `${what}: ${places.join(', ')}`)).toEqual([]);
  });

  it('knows the driver in one file', () => {
    const importers = files
      .filter(({ text }) => /from 'pg(?:-protocol)?'/.test(text))
      .map(({ path }) => name(path));
    expect(importers).toEqual([join('modes', 'socket', 'driver.ts')]);
  });

  it('has no driver outside the modes, but the one that listens', () => {
    const driver =
      /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"](pg|pg-[\w-]+|postgres|@electric-sql\/[^'"]+)['"]/g;
    const found = files.filter(({ path }) => roomOf(path) !== 'modes' && !path.endsWith('.test.ts'));
    const users = found.flatMap(({ path, text }) =>
      [...text.matchAll(driver)].map(([, named]) => `${name(path)}: ${named}`),
    );
    const listening = join('consolidated', 'notifications');
    expect(users.sort()).toEqual([
      `${join(listening, 'listening-login.ts')}: postgres`,
      `${join(listening, 'listening-session.ts')}: postgres`,
    ]);
  });

  it('opens connections in one place of the service, and where the commands work', () => {
    const opener =
      /\b(?:directMode|sessionMode|transactionMode|embeddedMode|WorkerDatabase|openAdminConnection)\b/;
    const users = files.filter(
      ({ path, text }) => roomOf(path) !== 'modes' && !path.endsWith('.test.ts') && opener.test(text),
    );
    expect([...new Set(users.map(({ path }) => dirname(name(path))))].sort()).toEqual([
      'cli',
      join('consolidated', 'connections'),
      'ops',
      'testing',
    ]);
  });

  it('has rooms above the service that reach the database through a handle alone', () => {
    const rooms = ['business', 'rollout', 'testing'];
    // Tests clone databases, which no handle can: for that alone there is the entry of the modes.
    const entry = join('modes', 'index.ts');
    const isTheirs = (path: string, target: string) => roomOf(path) === 'testing' && target === entry;
    const found = files.flatMap(({ path, imports }) =>
      rooms.includes(roomOf(path)) && !path.endsWith('.test.ts')
        ? imports
            .map(name)
            .filter((target) => !isTheirs(path, target))
            .filter((target) =>
              /^(?:modes|consolidated.(?:connections|call|transaction|facade))\b/.test(target),
            )
            .map((target) => `${name(path)} → ${target}`)
        : [],
    );
    expect(found).toEqual([]);
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
        !['clock.ts', 'random.ts'].some((one) => path.endsWith(join('contract', one))) &&
        /\b(?:Date\.now\(\)|performance\.now\(\)|setTimeout\(|Math\.random\b)/.test(text),
    );
    expect(direct.map(({ path }) => name(path))).toEqual([]);
  });
});
