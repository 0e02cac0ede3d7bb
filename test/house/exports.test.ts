import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** Tests are no users: what only they import is exported for them alone. */
const USERS = ['src', 'bench', 'examples', 'stack', 'scripts'];
/** A package of its own, which imports nothing from src; most of it is downloaded or generated. */
const APART = /^peers\//;
/** What these files export is there for whoever imports the package, or the room. */
const DOORS = [
  'src/index.ts',
  'src/modes/index.ts',
  'src/http/index.ts',
  'src/testing/index.ts',
  'src/bench/index.ts',
];

interface File {
  readonly path: string;
  readonly text: string;
}

const files: readonly File[] = USERS.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !APART.test(name))
    .map((name) => join(folder, name))
    .map((path) => ({ path, text: withoutComments(readFileSync(join(root, path), 'utf8')) })),
);

/** Comments hold examples that import things. Those behind code do not, and could be the text of a string. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:class|function\*?|const|let|interface|type|enum) (\w+)/gm;
/** `export { a, type B }`, with or without `from`, and `export const { a, b } = …`. */
const LIST = /^export (?:type |const )?\{([^}]*)\}/gm;

function exportsOf({ path, text }: File): string[] {
  const declared = [...text.matchAll(DECLARATION)].map(([, name]) => name!);
  const listed = [...text.matchAll(LIST)].flatMap(([, list]) => namesOf(list!).map(({ as }) => as));
  return [...declared, ...listed].map((name) => `${path}: ${name}`);
}

const IMPORT = /^(?:import|export) (?:type )?(?:\w+, )?\{([^}]*)\} from '(\.[^']+)'/gm;
/** `const { name } = await import('./file.ts')` and `import('./file.ts').Name`. */
const DYNAMIC_LIST = /\{([^{}]*)\} = await import\('(\.[^']+)'\)/g;
const DYNAMIC_MEMBER = /import\('(\.[^']+)'\)\)?\.(?:then\(\((?:\w+)\) => \w+\.)?(\w+)/g;

function usesOf({ path, text }: File): string[] {
  const target = (specifier: string) => relative(root, resolve(root, dirname(path), specifier));
  const lists = [...text.matchAll(IMPORT), ...text.matchAll(DYNAMIC_LIST)];
  return [
    ...lists.flatMap(([, list, from]) => namesOf(list!).map(({ name }) => `${target(from!)}: ${name}`)),
    ...[...text.matchAll(DYNAMIC_MEMBER)].map(([, from, name]) => `${target(from!)}: ${name}`),
  ];
}

/** `type A, b as c` is A under its own name and b under that of c. */
function namesOf(list: string): { readonly name: string; readonly as: string }[] {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^type /, ''))
    .filter((item) => item !== '')
    .map((item) => {
      const [name = '', as = name] = item.split(/ as |: /);
      return { name, as };
    });
}

describe('what src exports', () => {
  const used = new Set(files.flatMap(usesOf));

  it('is used outside its own file, and not by tests alone', () => {
    const dead = files
      .filter(({ path }) => path.startsWith('src') && !DOORS.includes(path))
      .flatMap(exportsOf)
      .filter((name) => !used.has(name));
    expect(dead).toEqual([]);
  });

  it('is imported by name, so that its users can be found', () => {
    const blind = files.filter(({ text }) =>
      /^(?:import \* as \w+ from|export \* (?:as \w+ )?from) '\./m.test(text),
    );
    expect(blind.map(({ path }) => path)).toEqual([]);
  });
});
