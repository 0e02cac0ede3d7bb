import type { CachedReadOption, CacheOption } from '../consolidated/typed/cache-options.ts';
import type { CallOptions } from '../consolidated/typed/call-options.ts';

/** Options of a read of a module: those of a call, and `cache`. */
export interface ModuleRead<Cache extends CacheOption> extends CallOptions, CachedReadOption<Cache> {}
