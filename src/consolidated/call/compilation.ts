import type { Catalog } from '../catalog/model.ts';
import { isMissing } from '../catalog/outdated.ts';
import { type Call, known, type Layer } from './call.ts';
import type { CallResult } from './ready-statement.ts';

/** Third stage: what is sent? A name that is not in the catalog may be new in the database, so the catalog is read again. */
export function compiled<Task>(next: Layer<Task>): Layer<Task> {
  return (call) => {
    const catalog = call.place.catalogs.current;
    if (catalog === undefined) return compiledAfterLoad(call, next);
    try {
      call.ready = call.prepare(catalog);
    } catch (error) {
      return compiledAnew(call, catalog, error, next);
    }
    return next(call);
  };
}

/** Compiles again, with a newer catalog; rethrows the first error if there is none. */
export async function recompile(call: Call<unknown>, before: Catalog, error: unknown): Promise<void> {
  if (!(error instanceof Error)) throw error;
  const { catalogs } = call.place;
  const fresh = await catalogs.reloadForMissing(error.message, known(call.actor), call.limits);
  if (fresh === before) throw error;
  call.ready = call.prepare(fresh);
}

async function compiledAfterLoad<Task>(call: Call<Task>, next: Layer<Task>): Promise<CallResult> {
  const catalog = await call.place.catalogs.load(known(call.actor), call.limits);
  try {
    call.ready = call.prepare(catalog);
  } catch (error) {
    return compiledAnew(call, catalog, error, next);
  }
  return next(call);
}

async function compiledAnew<Task>(
  call: Call<Task>,
  catalog: Catalog,
  error: unknown,
  next: Layer<Task>,
): Promise<CallResult> {
  if (!isMissing(error)) throw error;
  await recompile(call, catalog, error);
  return next(call);
}
