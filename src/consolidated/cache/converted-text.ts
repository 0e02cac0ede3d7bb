import type { TypeInfo } from '../values/type-info.ts';

/** Types of the server that read a text alike at any time. Those of dates understand `now`, those of objects look at the catalog. */
const READ_ALIKE = new Set([
  ...[
    'bool',
    'int2',
    'int4',
    'int8',
    'float4',
    'float8',
    'numeric',
    'text',
    'varchar',
    'bpchar',
    'name',
    'char',
  ],
  ...[
    'uuid',
    'json',
    'jsonb',
    'jsonpath',
    'bytea',
    'bit',
    'varbit',
    'inet',
    'cidr',
    'macaddr',
    'macaddr8',
    'oid',
  ],
  ...[
    'interval',
    'point',
    'line',
    'lseg',
    'box',
    'path',
    'polygon',
    'circle',
    'tsvector',
    'tsquery',
    'pg_lsn',
  ],
  ...['int4range', 'int8range', 'numrange', 'int4multirange', 'int8multirange', 'nummultirange'],
]);
const OF_TIME = new Set([
  ...['date', 'time', 'timetz', 'timestamp', 'timestamptz', 'daterange', 'tsrange', 'tstzrange'],
  ...['datemultirange', 'tsmultirange', 'tstzmultirange'],
]);

/** What a text becomes when it is converted to the type: the same at any time, or not. */
export function convertedText(type: TypeInfo | undefined): 'alike' | 'time' | 'unknown' {
  switch (type?.kind) {
    case 'array':
    case 'domain':
      return convertedText(type.inner);
    case 'enum':
      return 'alike';
    case 'composite': {
      const found = (type.attributes ?? [{ type: undefined }]).map((attribute) =>
        convertedText(attribute.type),
      );
      return found.find((each) => each !== 'alike') ?? 'alike';
    }
    case 'base':
      // Only a superuser makes a base type.
      if (type.schema !== 'pg_catalog') return 'alike';
      break;
  }
  if (type?.schema !== 'pg_catalog') return 'unknown';
  if (OF_TIME.has(type.name)) return 'time';
  return READ_ALIKE.has(type.name) ? 'alike' : 'unknown';
}
