import type { ReadHelp } from '../call/ready-statement.ts';
import type { Catalog } from '../catalog/model.ts';
import { compositesIn } from '../values/composites-in.ts';
import { textPlan } from '../values/text-plan.ts';
import type { TypeInfo } from '../values/type-info.ts';

/** `$1`: OIDs of composites in `pg_class`. Every role may read this. */
const ATTRIBUTES = textPlan(
  `select pg_catalog.concat_ws(' ', a.attrelid, a.atttypid, a.attname)
from pg_catalog.pg_attribute a
where a.attrelid = any ($1::pg_catalog.oid[]) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum`,
  1,
);

/**
 * Whether the composites among the types have the attributes that the catalog names. A reply describes a composite by its
 * OID alone, and raw SQL can hold no columns of ours that say more: it costs a round trip, where there are composites.
 */
export async function areAttributesSame(
  catalog: Catalog,
  types: readonly number[],
  help: ReadHelp,
): Promise<boolean> {
  const composites = new Map<number, TypeInfo>();
  for (const oid of types) {
    const type = catalog.type(oid);
    if (type === undefined) continue;
    for (const found of compositesIn(type, '')) composites.set(found.type.relation ?? 0, found.type);
  }
  if (composites.size === 0) return true;
  const relations = [...composites.keys()].sort((a, b) => a - b);
  const expected = relations.flatMap((relation) =>
    (composites.get(relation)?.attributes ?? []).map(({ name, type }) => `${relation} ${type.oid} ${name}`),
  );
  const found = await help.ask(ATTRIBUTES, [`{${relations.join(',')}}`]);
  return found.length === expected.length && found.every((line, index) => line === expected[index]);
}
