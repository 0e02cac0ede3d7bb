import type { Catalog } from '../catalog/model.ts';
import { isMissing, isRefusedByCatalog } from '../catalog/outdated.ts';
import { type Call, known, type Layer } from './call.ts';
import type { CallResult } from './ready-statement.ts';

/** Third stage: what is sent? A name, a label or a size that is not in the catalog may be new in the database, so the catalog is read again. */
export function compiled<Task>(next: Layer<Task>): Layer<Task> {
  return (call) => {
    const catalog = call.place.catalogs.current;
    if (catalog === undefined) return compiledAfterLoad(call, next);
    try {
      call.compile(catalog);
    } catch (error) {
      return compiledAnew(call, error, next);
    }
    return next(call);
  };
}

/**
 * Compiles once more, with a catalog read since; throws the first error on where there is none newer, or where it would
 * no longer be what the call was made with.
 */
export async function recompile(call: Call<unknown>, error: unknown): Promise<void> {
  const before = known(call.compiledWith);
  const fresh = await call.reload(before);
  if (fresh === before || !call.isUnchanged) throw error;
  call.compile(fresh);
}

async function compiledAfterLoad<Task>(call: Call<Task>, next: Layer<Task>): Promise<CallResult> {
  const catalog = await call.place.catalogs.load(known(call.actor), call.limits);
  try {
    call.compile(catalog);
  } catch (error) {
    return compiledAnew(call, error, next);
  }
  return next(call);
}

async function compiledAnew<Task>(call: Call<Task>, error: unknown, next: Layer<Task>): Promise<CallResult> {
  const { catalogs } = call.place;
  const before = catalogs.current;
  let fresh: Catalog;
  if (isMissing(error))
    fresh = await catalogs.reloadForMissing(error.message, known(call.actor), call.limits);
  else if (isRefusedByCatalog(error)) fresh = await catalogs.reloadForLabel(known(call.actor), call.limits);
  else throw error;
  if (fresh === before) throw error;
  call.compile(fresh);
  return next(call);
}
