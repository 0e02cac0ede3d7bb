import type { Field } from '../../contract/mode.ts';
import { compositesIn, dependsOn } from '../values/composites-in.ts';
import { baseOf } from '../values/leaf-type.ts';
import type { ResultColumn } from '../values/row-decoder.ts';
import type { TypeInfo } from '../values/type-info.ts';

/**
 * Columns of ours behind those of a typed reply whose values hold composites: of each composite type a column of the
 * type, then one for each attribute. A reply describes a composite by its OID alone, which stays when its attributes
 * change; these say what they are now. All of them are null.
 *
 * The cast of the OID makes the statement depend on the type, so that Postgres analyses it again after a change, as it
 * does for the tables that a prepared statement names. The planner removes it.
 */
interface CompositeTail {
  /** `, …` for the end of a select list; '' for none. */
  readonly text: string;
  readonly fields: readonly Field[];
}

const MARK = 'cdb';

/** @param expression of the column at the index, in the select list */
export function compositeTail(
  columns: readonly Pick<ResultColumn, 'composite'>[],
  expression: (index: number) => string,
): CompositeTail {
  let text = '';
  const fields: Field[] = [];
  const seen = new Set<TypeInfo>();
  for (const [index, { composite }] of columns.entries()) {
    if (composite === undefined) continue;
    for (const { type, expression: value } of compositesIn(composite, expression(index))) {
      if (seen.has(type)) continue;
      seen.add(type);
      const none = `case when not ${dependsOn(type)} then ${value} end`;
      text += `, ${none} as "${MARK}", (${none}).*`;
      fields.push({ name: MARK, type: type.oid });
      for (const attribute of type.attributes ?? []) {
        fields.push({ name: attribute.name, type: baseOf(attribute.type).oid });
      }
    }
  }
  return { text, fields };
}
