import { UsageError } from '../../contract/errors.ts';
import { own } from '../../contract/own-property.ts';
import type { CatalogSource } from '../catalog/catalog-source.ts';
import type { ServiceConfig } from '../options/parse-options.ts';
import type { CacheControl, CacheStats } from '../typed/cache-report.ts';
import { isTag } from './cache-request.ts';
import { CacheRules, type CacheSettings, qualified } from './cache-rules.ts';
import { CacheTeller } from './cache-teller.ts';
import type { ChangeSink } from './change-listener.ts';
import { ReadCache } from './read-cache.ts';
import { Recall, tagName } from './recall.ts';
import { WriteTouching } from './touching.ts';

/** The cache of one service, and what the other stages need of it. */
export class ServiceCache implements CacheControl, ChangeSink {
  readonly rules: CacheRules;
  readonly touching: WriteTouching;
  readonly recall: Recall;
  readonly #cache: ReadCache;
  readonly #teller: CacheTeller;
  readonly #maxBytes: number;
  readonly #catalogs: Pick<CatalogSource, 'current'>;

  /** @param used called with each call that asks for the cache */
  constructor(
    { cache, clock, schemas, onWarning }: ServiceConfig,
    catalogs: Pick<CatalogSource, 'current'>,
    used?: () => void,
  ) {
    const schema = schemas[0] as string;
    const { maxBytes, emptyTtlMs } = cache;
    this.#catalogs = catalogs;
    this.#maxBytes = maxBytes;
    this.#cache = new ReadCache(maxBytes);
    this.#teller = new CacheTeller(onWarning);
    this.rules = new CacheRules(settingsOf(cache, schema), schema);
    this.touching = new WriteTouching(this.#cache, this.rules, clock);
    this.recall = new Recall({
      cache: this.#cache,
      rules: this.rules,
      clock,
      tell: this.#teller,
      emptyTtlMs,
      claims: cache.claims,
      used,
    });
  }

  invalidate(of: { readonly tables?: readonly string[]; readonly tags?: readonly string[] }): void {
    const tables = namesIn(of, 'tables');
    this.#cache.touch(namesIn(of, 'tags').map(tagName));
    const { current } = this.#catalogs;
    // Without a catalog nothing was read yet.
    if (current !== undefined) this.#cache.touch(this.rules.changed(current, tables));
  }

  /** Other processes have changed these. */
  touch(tables: readonly string[]): void {
    this.#cache.touch(tables);
  }

  flush(): void {
    this.#cache.touch('everything');
  }

  stats(): CacheStats {
    const { entries, bytes, evictions } = this.#cache;
    return { entries, bytes, maxBytes: this.#maxBytes, ...this.#teller.counts, evictions };
  }
}

function settingsOf(
  { ttlMs, swrMs, tables, functions, public: shared, claims }: ServiceConfig['cache'],
  schema: string,
): CacheSettings {
  const full = (name: string): string => qualified(name, schema);
  return {
    ttlMs,
    swrMs,
    tables: new Map(Object.entries(tables).map(([name, times]) => [full(name), times])),
    functions: new Map(
      Object.entries(functions).map(([name, { reads, writes }]) => [
        full(name),
        { ...(reads && { reads: reads.map(full) }), ...(writes && { writes: writes.map(full) }) },
      ]),
    ),
    publicTables: new Set(shared.map(full)),
    claims,
  };
}

function namesIn<Name extends 'tables' | 'tags'>(
  of: { readonly [name in Name]?: readonly string[] },
  name: Name,
): readonly string[] {
  const names: unknown = own(of, name) ?? [];
  if (Array.isArray(names) && names.every(isTag)) return names;
  throw new UsageError(`The option '${name}' of cache.invalidate() must be an array of names.`, {
    code: 'INVALID_OPTION',
  });
}
