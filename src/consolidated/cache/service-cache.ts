import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { Tell } from '../../contract/service-event.ts';
import { type Touched, TouchedTables } from '../call/touched.ts';
import type { Catalog } from '../catalog/model.ts';
import { checkOptions } from '../compile/check-options.ts';
import { databaseName } from '../connections/database-name.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import { SecondLevel } from '../second-level/second-level.ts';
import type { CacheControl, CacheStats, InvalidationCause } from '../typed/cache-report.ts';
import { isTag, kindOf } from './cache-request.ts';
import { CacheRules, qualified } from './cache-rules.ts';
import type { CacheSettings } from './cache-settings.ts';
import { CacheTeller } from './cache-teller.ts';
import type { ChangeListener, ChangeSink } from './change-listener.ts';
import type { Generations } from './generations.ts';
import { ReadCache } from './read-cache.ts';
import { Recall, tagName } from './recall.ts';
import type { ServiceSecondLevel } from './second-level-reading.ts';
import { WriteTouching } from './touching.ts';

const INVALIDATE = { method: 'cache.invalidate()', names: new Set(['tables', 'tags']) };
const FLUSHED = { notified: 'other process', 'listener was away': 'listener away' } as const;

/** Hears of what other processes change; see `ChangeListener`. */
type Hearing = Pick<ChangeListener, 'start' | 'isStarted' | 'isListening'>;

interface ServiceCacheParts {
  /** Reads the catalog anew. */
  readonly refresh: () => Promise<unknown>;
  /** Started by the first call that asks for the cache. */
  readonly hearing: () => Hearing | undefined;
  /** That of now; undefined before the first call. */
  readonly catalog: () => Catalog | undefined;
  readonly tell: Tell;
}

/** The cache of one service, and what the other stages need of it. */
export class ServiceCache implements CacheControl, ChangeSink {
  readonly rules: CacheRules;
  readonly touching: WriteTouching;
  readonly recall: Recall;
  readonly #cache: ReadCache;
  readonly #teller: CacheTeller;
  readonly #maxBytes: number;
  readonly #onlyWatched: boolean;
  readonly #hearing: ServiceCacheParts['hearing'];
  readonly #catalog: ServiceCacheParts['catalog'];
  readonly #secondLevel: SecondLevel | undefined;

  constructor(config: ServiceConfig, { refresh, hearing, catalog, tell }: ServiceCacheParts) {
    const { cache, clock, schemas, onWarning } = config;
    const schema = schemas[0] as string;
    const { maxBytes, emptyTtlMs } = cache;
    this.#hearing = hearing;
    this.#catalog = catalog;
    this.#maxBytes = maxBytes;
    this.#onlyWatched = cache.onlyWatched;
    this.#cache = new ReadCache(maxBytes);
    this.#teller = new CacheTeller(onWarning);
    this.rules = new CacheRules(settingsOf(cache, schema), schema, (message) => this.#teller.warn(message));
    const second = secondLevelOf(config, this.#cache.generations, tell);
    const level = second?.level;
    this.#secondLevel = level;
    this.touching = new WriteTouching(
      this.#cache,
      this.rules,
      clock,
      refresh,
      level && ((touched) => level.announce(touched)),
    );
    this.recall = new Recall({
      cache: this.#cache,
      rules: this.rules,
      clock,
      tell: this.#teller,
      emptyTtlMs,
      claims: cache.claims,
      used: () => hearing()?.start(),
      isGuarded: () => !cache.onlyWatched || hearing()?.isListening === true,
      secondLevel: second,
    });
  }

  /** What is known of changes is told to other processes before. */
  async close(): Promise<void> {
    await this.#secondLevel?.close();
  }

  invalidate(of: { readonly tables?: readonly string[]; readonly tags?: readonly string[] }): void {
    checkOptions(of, INVALIDATE);
    const tables = namesIn(of, 'tables');
    const tags = namesIn(of, 'tags').map(tagName);
    const touched = new TouchedTables();
    const catalog = this.#catalog();
    // Without one nothing was read yet.
    if (catalog !== undefined) touched.add(this.rules.writtenTo(catalog, tables, 'cache.invalidate()'));
    touched.add(tags);
    if (touched.all.length === 0) return;
    this.#touch(touched.all, 'by hand');
    this.#secondLevel?.announce(touched.all);
  }

  /** Other processes have changed these. */
  touch(tables: readonly string[]): void {
    this.#touch(tables, 'other process');
    this.#secondLevel?.heard(tables);
  }

  /** @param cause by hand unless given */
  flush(cause?: Parameters<ChangeSink['flush']>[0]): void {
    this.#touch('everything', cause === undefined ? 'by hand' : FLUSHED[cause]);
    if (cause === undefined) this.#secondLevel?.announce('everything');
    else this.#secondLevel?.heard('everything');
  }

  stats(): CacheStats {
    const { entries, bytes, evictions } = this.#cache;
    const hearing = this.#hearing();
    return {
      entries,
      bytes,
      maxBytes: this.#maxBytes,
      ...this.#teller.counts,
      evictions,
      invalidations: this.touching.invalidations.counts,
      onlyWatched: this.#onlyWatched,
      listening: hearing?.isStarted ? hearing.isListening : undefined,
      secondLevel: this.#secondLevel?.stats,
    };
  }

  #touch(touched: Touched, cause: InvalidationCause): void {
    this.touching.invalidations.count(cause);
    this.#cache.touch(touched);
  }
}

function secondLevelOf(
  { cache, clock, onWarning, largeNumbers, maxRows, ...config }: ServiceConfig,
  touches: Generations,
  tell: Tell,
): (ServiceSecondLevel & { readonly level: SecondLevel }) | undefined {
  if (cache.secondLevel === undefined) return undefined;
  const { store, encryptionKeys: keys, namespace, timeoutMs } = cache.secondLevel;
  const database = namespace ?? databaseName(config);
  const level = new SecondLevel({ store, keys, database, timeoutMs, clock, touches, tell, onWarning });
  return { level, service: [database, largeNumbers, String(maxRows)] };
}

function settingsOf(
  { ttlMs, swrMs, tables, functions, public: shared, claims, onlyWatched }: ServiceConfig['cache'],
  schema: string,
): CacheSettings {
  const full = (name: string): string => qualified(name, schema);
  return {
    ttlMs,
    swrMs,
    tables: new Map(Object.entries(tables).map(([name, times]) => [full(name), times])),
    functions: new Map(
      Object.entries(functions).map(([name, declared]) => {
        const [reads, writes] = [own(declared, 'reads'), own(declared, 'writes')];
        return [
          full(name),
          { ...(reads && { reads: reads.map(full) }), ...(writes && { writes: writes.map(full) }) },
        ];
      }),
    ),
    publicTables: new Set(shared.map(full)),
    claims,
    onlyWatched,
  };
}

function namesIn<Name extends 'tables' | 'tags'>(
  of: { readonly [name in Name]?: readonly string[] },
  name: Name,
): readonly string[] {
  const names: unknown = own(of, name) ?? [];
  if (Array.isArray(names) && names.every(isTag)) return names;
  throw new UsageError(
    `The option '${name}' of cache.invalidate() must be an array of names of 1 to 100 characters. It was ${kindOf(names)}.`,
    { code: 'INVALID_OPTION' },
  );
}
