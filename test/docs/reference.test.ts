import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { WANTED } from '../../bench/batch/wanted.ts';
import { Invalidations } from '../../src/consolidated/cache/invalidations.ts';
import { METRIC_TABLE } from '../../src/consolidated/monitoring/metric-table.ts';
import { parseOptions } from '../../src/consolidated/options/parse-options.ts';
import * as index from '../../src/index.ts';
import { createDatabaseService, DatabaseError, publicError, type ValidationError } from '../../src/index.ts';
import { DEFAULT_MODE_TABLE } from '../../src/modes/choice.ts';
import { ROLLOUT_METRIC_TABLE } from '../../src/rollout/rollout-metric-table.ts';
import { namesIn, readPages, root, sourceTexts } from './markdown.ts';

const pages = readPages();
const { metrics } = parseOptions({ metrics: true });
const METRIC_OPTIONS = metrics === false ? {} : metrics;
const textOf = (path: string): string => pages.find((page) => page.path === path)?.text ?? '';

const sourceText = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The rows of a page's tables, as their cells. */
function tableRows(page: string): string[][] {
  return [...textOf(page).matchAll(/^\|(.*)\|$/gm)].map((match) =>
    (match[1] ?? '').split('|').map((cell) => cell.trim()),
  );
}

describe('the page of errors', () => {
  const documented = new Set(
    namesIn(textOf('docs/errors.md')).filter((name) => /^[A-Z][A-Z_]{4,}$/.test(name)),
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

describe('the table of classes', () => {
  const rows = tableRows('docs/errors.md');

  it.each(
    Object.values(index).filter(
      (value) => typeof value === 'function' && value.prototype instanceof DatabaseError,
    ),
  )('has the status and the title of $name', (made) => {
    const error = new (made as typeof ValidationError)('m');
    const { status, title } = publicError(error);
    const row = rows.find(
      ([classes = '', code]) => namesIn(classes).includes(error.name) && /^\d+$/.test(code ?? ''),
    );
    expect(row?.slice(1, 3)).toEqual([String(status), title]);
  });
});

describe('the page of options', () => {
  const rows = tableRows('docs/options.md');
  const rowOf = (option: string): string[] | undefined =>
    rows.find(([first = '']) => namesIn(first).includes(option));

  /** As the service lists them where it does not know one. */
  const options = ((): readonly string[] => {
    try {
      createDatabaseService({ nonsense: true } as object);
    } catch (error) {
      return /Known options: (.*)\.$/.exec((error as Error).message)?.[1]?.split(', ') ?? [];
    }
    return [];
  })();

  it('names every option', () => {
    expect(options.length).toBeGreaterThan(20);
    expect(options.filter((option) => rowOf(option) === undefined)).toEqual([]);
  });

  it('tells each default as it is', () => {
    const config: Readonly<Record<string, unknown>> = parseOptions({});
    const wrong = options.filter((option) => {
      const told = rowOf(option)?.[2] ?? '';
      if (config[option] === undefined || told === 'none')
        return (config[option] === undefined) !== (told === 'none');
      const literal = namesIn(told)[0];
      // What is no value, such as a table on another page, is told in words.
      if (literal === undefined || !/^['[\d]|^(?:true|false)$/.test(literal)) return false;
      const json = literal.replaceAll('_', '').replaceAll("'", '"');
      return !isDeepStrictEqual(JSON.parse(json), config[option]);
    });
    expect(wrong).toEqual([]);
  });
});

describe('the page of resilience', () => {
  const { retry, breaker, bulkhead, fallback } = parseOptions({ embedded: true });

  it('tells each default as it is', () => {
    const rows = tableRows('docs/resilience.md');
    const options = Object.entries({ retry, breaker }).flatMap(([option, object]) =>
      Object.entries(object).map(([name, value]) => [`${option}.${name}`, value] as const),
    );
    for (const [option, value] of [...options, ['bulkhead', bulkhead], ['fallback', fallback]] as const) {
      const told = namesIn(rows.find(([first = '']) => namesIn(first)[0] === option)?.[1] ?? '')[0];
      expect([option, told?.replaceAll('_', '')]).toEqual([option, String(value)]);
    }
  });
});

describe('the page of caching', () => {
  const rows = tableRows('docs/caching.md');
  const { cache } = parseOptions({ embedded: true });

  it('tells each option, and its default as it is', () => {
    const told = rows.flatMap(([option = '', value = '']) =>
      option.startsWith('`cache.') ? [[option.slice('`cache.'.length, -1), namesIn(value)[0]] as const] : [],
    );
    expect(told.map(([option]) => option).sort()).toEqual(
      [...Object.keys(cache), 'claims', 'secondLevel'].sort(),
    );
    const defaults: Readonly<Record<string, unknown>> = cache;
    for (const [option, value] of told) {
      const literal = value === undefined ? undefined : JSON.parse(value.replaceAll('_', ''));
      expect([option, literal]).toEqual([option, defaults[option]]);
    }
  });

  it('tells each option of the second level, and its default', () => {
    const store = { getMany: async () => [], set: async () => {} };
    const { secondLevel } = parseOptions({
      embedded: true,
      cache: { secondLevel: { store, namespace: 'n' } },
    }).cache;
    const options = Object.entries(secondLevel ?? {});
    const told = options.map(([option]) => rows.find(([name]) => name === `\`${option}\``) ?? []);
    expect(told.map(({ length }) => length)).toEqual(options.map(() => 3));
    expect(told.find(([name]) => name === '`timeoutMs`')?.[1]).toBe(`\`${secondLevel?.timeoutMs}\``);
    expect(told.find(([name]) => name === '`encryptionKeys`')?.[1]).toBe(
      `\`${JSON.stringify(secondLevel?.encryptionKeys)}\``,
    );
  });

  it('has each reason why an answer is not kept, and no other', () => {
    const reasons = [...sourceText('src/consolidated/cache/refusal.ts').matchAll(/^ {2}\| '([^']+)'/gm)];
    const at = rows.findIndex(([first]) => first === 'reason');
    const told = rows.slice(at + 2, at + 2 + reasons.length).map(([first = '']) => namesIn(first)[0]);
    expect(told.sort()).toEqual(reasons.map(([, reason]) => reason).sort());
  });

  it('has each cause of an invalidation, and no other', () => {
    const at = rows.findIndex(([first]) => first === 'invalidations by');
    const causes = Object.keys(new Invalidations().counts);
    const told = rows.slice(at + 2, at + 2 + causes.length).map(([first = '']) => namesIn(first)[0]);
    expect(told).toEqual(causes);
  });
});

describe('the page of monitoring', () => {
  const rows = tableRows('docs/monitoring.md');

  it('has each metric of the code, with its type, labels and meaning, and no other', () => {
    const told = rows.filter(([name = '']) => name.startsWith('`cdb_'));
    expect(told).toEqual(
      Object.values(METRIC_TABLE).map(({ name, type, labels, help }) => [
        `\`cdb_${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(' '),
        help,
      ]),
    );
  });

  it.each(Object.entries(METRIC_OPTIONS))('tells the default of metrics.%s', (option, value) => {
    const literal = namesIn(rows.find(([first]) => first === `\`metrics.${option}\``)?.[1] ?? '')[0] ?? '';
    expect(JSON.parse(literal.replaceAll(/(?<=\d)_/g, '').replaceAll("'", '"'))).toEqual(value);
  });
});

describe('the page of the rollout', () => {
  it('has each metric of a rollout, with its type, labels and meaning, and no other', () => {
    const told = tableRows('docs/rollout.md').filter(([name = '']) => name.startsWith('`cdb_rollout_'));
    expect(told).toEqual(
      Object.values(ROLLOUT_METRIC_TABLE).map(({ name, type, labels, help }) => [
        `\`${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(' '),
        help,
      ]),
    );
  });
});

describe('the page of modes', () => {
  const rows = tableRows('docs/modes.md');

  it.each(Object.entries(DEFAULT_MODE_TABLE))('tells the modes of %s', (kind, modes) => {
    const row = rows.find(([first = '']) => namesIn(first).includes(kind));
    expect(row?.[1]).toBe(modes.join(', '));
  });

  it.each(['max', 'maxWaiting', 'idleTimeoutMs', 'maxLifetimeMs'] as const)(
    'tells the default of %s',
    (option) => {
      const { direct, session, transaction } = parseOptions({ embedded: true }).pools;
      const row = rows.find(([first = '']) => namesIn(first)[0] === option);
      expect(row?.slice(1).map((cell) => Number(cell.replaceAll(',', '')))).toEqual([
        direct[option],
        session[option],
        transaction[option],
      ]);
    },
  );
});

describe('the page of speed', () => {
  const rows = tableRows('docs/speed.md');
  const header = rows.find(([first]) => first === 'against') ?? [];

  it.each(WANTED)('tells what is wanted of $group.mode against $against', ({ group, against, atLeast }) => {
    const tasks = group.tasks === 1 ? '1 task' : `${group.tasks} tasks`;
    const column = header.findIndex((title) =>
      title.startsWith(`${group.mode}, ${tasks}, ${group.delayMs} ms`),
    );
    const row = rows.slice(rows.indexOf(header)).find(([first]) => first === against);
    expect(column).toBeGreaterThan(0);
    expect(row?.[column]).toBe(String(Number(atLeast.toFixed(2))));
  });
});
