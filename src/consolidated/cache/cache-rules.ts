import { own } from '../../contract/own-property.ts';
import type { ReadyStatement, Recallable } from '../call/ready-statement.ts';
import { NOTHING_TOUCHED, type Touched, TouchedTables } from '../call/touched.ts';
import type { Catalog } from '../catalog/model.ts';
import { shown } from '../compile/did-you-mean.ts';
import { OF_THE_TOKEN } from './cache-key.ts';
import type { CacheDefaults } from './cache-request.ts';
import type { CacheSettings } from './cache-settings.ts';
import {
  claimsRead,
  type DecidedBy,
  type Dependencies,
  functionDependencies,
  type Refusal,
  readDependencies,
  touchedBy,
} from './dependencies.ts';
import { unknownNames, unknownWritten } from './unknown-names.ts';

export interface ReadRules {
  /** What a write must touch to outdate the answer. */
  readonly tables: readonly string[];
  /** Every caller of the role may be given it. */
  readonly isPublic: boolean;
}

/** Why not. Where only the time or a setting is in the way: what decides the answer besides, for a caller who says how long. */
export interface Refused {
  readonly refusal: Refusal;
  readonly besides: ReadRules | undefined;
}

const ESTIMATE: Refused = {
  besides: undefined,
  refusal: {
    reason: 'estimate',
    what: 'the number is an estimate of the planner, which changes without a write',
    hint: "Count with the method 'exact'.",
  },
};

/** What may be kept, what it depends on, and what a write outdates: by the catalog and by what the options declare. */
export class CacheRules {
  readonly #settings: CacheSettings;
  /** Of names without one. */
  readonly #schema: string;
  readonly #reads = new WeakMap<Catalog, Map<string, ReadRules | Refused>>();
  readonly #warn: (message: string) => void;

  constructor(settings: CacheSettings, schema: string, warn: (message: string) => void = () => {}) {
    this.#settings = settings;
    this.#schema = schema;
    this.#warn = warn;
  }

  defaultsOf(target: string | undefined): CacheDefaults {
    const { ttlMs, swrMs, tables } = this.#settings;
    const times = target === undefined ? undefined : tables.get(target);
    if (times === undefined) return { ttlMs, swrMs };
    return { ttlMs: own(times, 'ttlMs') ?? ttlMs, swrMs: own(times, 'swrMs') ?? swrMs };
  }

  /** @param role of the caller: policies differ by role */
  of(catalog: Catalog, read: Recallable, role: string): ReadRules | Refused {
    if (read.isEstimate) return ESTIMATE;
    const key = `${role} ${read.fn ?? read.tables[0] ?? ''}`;
    let known = this.#reads.get(catalog);
    if (known === undefined) {
      known = new Map();
      this.#reads.set(catalog, known);
      for (const warning of unknownNames(this.#settings, catalog)) this.#warn(warning);
    }
    let rules = known.get(key);
    if (rules === undefined) {
      rules = this.#found(catalog, read, role);
      known.set(key, rules);
    }
    return rules;
  }

  #found(catalog: Catalog, read: Recallable, role: string): ReadRules | Refused {
    const { functions, publicTables } = this.#settings;
    const found: Dependencies =
      read.fn === undefined
        ? readDependencies(catalog, read.tables[0] ?? '', role, functions)
        : functionDependencies(catalog, read.fn, functions, role);
    const isDeclared = read.fn === undefined && read.tables.every((table) => publicTables.has(table));
    const rulesOf = ({ tables, claims }: DecidedBy): ReadRules => ({
      tables,
      isPublic: isDeclared && claims === 'none',
    });
    const leftOut = this.#leftOut(catalog, read, role);
    if (leftOut !== undefined) return leftOut;
    const decidedBy = 'refusal' in found ? found.besides : found;
    const unwatched = this.#unwatched(catalog, decidedBy);
    if (unwatched !== undefined) return unwatched;
    if (isDeclared && decidedBy?.claims === 'some') this.#notPublic(catalog, read, role);
    if (!('refusal' in found)) return rulesOf(found);
    return { refusal: found.refusal, besides: found.besides && rulesOf(found.besides) };
  }

  /** Others may change it, and it does not tell. */
  #unwatched({ graph }: Catalog, decidedBy: DecidedBy | undefined): Refused | undefined {
    if (!this.#settings.onlyWatched) return undefined;
    const table = decidedBy?.tables.find((name) => graph.relationNamed(name)?.family.isWatched !== true);
    if (table === undefined) return undefined;
    return {
      refusal: {
        reason: 'unwatched table',
        what: `${shown(table)} has no trigger that tells of its changes, which 'cache.onlyWatched' asks for`,
        hint: `Run 'cdb cache triggers --tables ${table}'.`,
      },
      besides: undefined,
    };
  }

  #notPublic(catalog: Catalog, { tables }: Recallable, role: string): void {
    const table = tables[0] ?? '';
    const claims = claimsRead(catalog, table, role, this.#settings.functions);
    const which = claims === 'all' ? '' : ` (${claims.join(', ')})`;
    this.#warn(
      `The option 'cache.public' names ${shown(table)}, but what the role ${shown(role)} reads of it depends on claims${which}: each identity has answers of its own.`,
    );
  }

  /** A claim decides the answer that does not tell users apart. */
  #leftOut(catalog: Catalog, read: Recallable, role: string): Refused | undefined {
    const { claims, functions } = this.#settings;
    const decisive =
      read.fn === undefined ? claimsRead(catalog, read.tables[0] ?? '', role, functions) : 'all';
    if (decisive === 'all') {
      return claims === undefined ? undefined : leftOut('which claims decide it cannot be told');
    }
    const isLeftOut =
      claims === undefined
        ? (claim: string) => OF_THE_TOKEN.has(claim)
        : (claim: string) => !claims.includes(claim);
    const missing = decisive.filter(isLeftOut);
    if (missing.length === 0) return undefined;
    return leftOut(
      `it depends on claims that the option cache.claims leaves out: ${missing.join(', ')}`,
      'Name in cache.claims all claims that tell users apart.',
    );
  }

  /** What a statement outdates. */
  touchedBy(catalog: Catalog, ready: ReadyStatement<unknown>): Touched {
    const declared = own(ready, 'declaredWrites');
    if (declared !== undefined) return this.writtenTo(catalog, declared, "The option 'writes'");
    const parts = own(ready, 'parts');
    if (parts !== undefined) {
      const all = new TouchedTables();
      for (const part of parts) all.add(this.touchedBy(catalog, part));
      return all.all;
    }
    const { kind, target } = ready;
    switch (kind) {
      case 'insert':
      case 'update':
      case 'delete':
      case 'upsert':
        return target === undefined
          ? 'everything'
          : touchedBy(catalog, target, kind, this.#settings.functions);
      case 'rpc.write': {
        const declaration = this.#settings.functions.get(target ?? '');
        const writes = declaration && own(declaration, 'writes');
        return writes === undefined
          ? 'everything'
          : this.writtenTo(catalog, writes, "The option 'cache.functions'");
      }
      case 'sql':
        return ready.statements[0].plan.intent === 'read' ? NOTHING_TOUCHED : 'everything';
      case 'batch':
        return 'everything';
      default:
        return NOTHING_TOUCHED;
    }
  }

  /**
   * What is outdated where somebody says that these were changed, in whatever way: that cascades as other writes do. A view or
   * a partition stands for its table.
   *
   * @param from - who names them, for a warning
   */
  writtenTo(catalog: Catalog, tables: readonly string[], from: string): Touched {
    const all = new TouchedTables();
    for (const name of tables) {
      const table = qualified(name, this.#schema);
      if (catalog.graph.relationNamed(table) === undefined) this.#warn(unknownWritten(from, table));
      for (const kind of ['upsert', 'delete'] as const) {
        all.add(touchedBy(catalog, table, kind, this.#settings.functions));
      }
    }
    return all.all;
  }
}

function leftOut(what: string, hint?: string): Refused {
  return { refusal: { reason: 'claim left out', what, hint }, besides: undefined };
}

/** A name without a schema is of the first one that the options expose. */
export function qualified(name: string, schema: string): string {
  return name.includes('.') ? name : `${schema}.${name}`;
}
