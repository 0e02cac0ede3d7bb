import type { CalledFunction } from '../catalog/relation-graph.ts';

/** What is known of a function without a declaration. */
type KnownFunction =
  | { readonly is: 'computed' }
  /** It reads these claims. */
  | { readonly is: 'claims'; readonly claims: readonly string[] | 'all' }
  | { readonly is: 'time' | 'setting' | 'volatile function' | 'unknown function' };

const COMPUTED: KnownFunction = { is: 'computed' };

/** Stable functions of the server that depend on the time. `age` with one argument counts from today. */
const TIME = new Set([
  'now',
  'transaction_timestamp',
  'statement_timestamp',
  'clock_timestamp',
  'timeofday',
  'age',
]);

/**
 * Stable functions of the server that depend on nothing but their arguments and what is the same for each batch: the time zone
 * and the formats, which are pinned, and what the database defines (its encoding, its text search configuration); `current_user`
 * is the role, by which answers are kept apart.
 */
const COMPUTED_BY_SERVER = new Set([
  ...['to_json', 'to_jsonb', 'row_to_json', 'array_to_json', 'json_build_array', 'json_build_object'],
  ...[
    'jsonb_build_array',
    'jsonb_build_object',
    'json_agg',
    'json_agg_strict',
    'jsonb_agg',
    'jsonb_agg_strict',
  ],
  ...['json_object_agg', 'json_object_agg_strict', 'json_object_agg_unique', 'json_object_agg_unique_strict'],
  ...[
    'jsonb_object_agg',
    'jsonb_object_agg_strict',
    'jsonb_object_agg_unique',
    'jsonb_object_agg_unique_strict',
  ],
  ...['jsonb_path_exists_tz', 'jsonb_path_match_tz', 'jsonb_path_query_tz', 'jsonb_path_query_array_tz'],
  ...['jsonb_path_query_first_tz', 'concat', 'concat_ws', 'format', 'quote_literal', 'quote_nullable'],
  ...['array_to_string', 'anytextcat', 'textanycat', 'length', 'convert', 'convert_from', 'convert_to'],
  ...[
    'to_char',
    'to_date',
    'to_number',
    'to_timestamp',
    'pg_typeof',
    'enum_first',
    'enum_last',
    'enum_range',
  ],
  ...[
    'date_trunc',
    'date_part',
    'extract',
    'date_add',
    'date_subtract',
    'date',
    'time',
    'timetz',
    'timestamp',
  ],
  ...['timestamptz', 'timezone', 'make_timestamptz', 'overlaps', 'generate_series', 'in_range'],
  ...['timestamptz_pl_interval', 'timestamptz_mi_interval', 'interval_pl_timestamptz'],
  ...['date_timestamptz', 'timestamp_timestamptz', 'timestamptz_date', 'timestamptz_timestamp'].flatMap(
    comparisons,
  ),
  ...[
    'to_tsvector',
    'json_to_tsvector',
    'jsonb_to_tsvector',
    'to_tsquery',
    'plainto_tsquery',
    'phraseto_tsquery',
  ],
  ...[
    'websearch_to_tsquery',
    'ts_headline',
    'ts_match_tt',
    'ts_match_tq',
    'current_user',
    'current_database',
  ],
]);

/** Of the schemas that Supabase brings. They cannot be told from others of the name, whose owner is that of the schema. */
const CLAIMS_BY_NAME: ReadonlyMap<string, readonly string[]> = new Map([
  ['auth.uid', ['sub']],
  ['auth.role', ['role']],
  ['auth.email', ['email']],
]);
const COMPUTED_BY_SUPABASE = new Set(['storage.foldername', 'storage.filename', 'storage.extension']);

/** @param constant see `ExpressionCall` */
export function knownFunction(fn: CalledFunction, constant: string | undefined): KnownFunction | undefined {
  const { schema, name, signature, volatility, extension } = fn;
  if (schema === 'pg_catalog') return knownToServer(fn, constant);
  const claims = signature === `${name}()` ? CLAIMS_BY_NAME.get(name) : undefined;
  if (claims !== undefined) return { is: 'claims', claims };
  if (signature === 'auth.jwt()')
    return { is: 'claims', claims: constant === undefined ? 'all' : [constant] };
  if (volatility === 'immutable' && (extension !== undefined || COMPUTED_BY_SUPABASE.has(name)))
    return COMPUTED;
  return undefined;
}

function knownToServer({ name, volatility }: CalledFunction, constant: string | undefined): KnownFunction {
  const plain = name.slice('pg_catalog.'.length);
  if (volatility === 'immutable') return COMPUTED;
  if (TIME.has(plain)) return { is: 'time' };
  if (plain === 'current_setting') return claimsSetting(constant?.toLowerCase());
  if (volatility === 'volatile') return { is: 'volatile function' };
  return COMPUTED_BY_SERVER.has(plain) ? COMPUTED : { is: 'unknown function' };
}

/** Names of settings are the same in upper and lower case. */
function claimsSetting(setting: string | undefined): KnownFunction {
  if (setting === 'request.jwt.claims' || setting === 'request.jwt.claim')
    return { is: 'claims', claims: 'all' };
  if (setting?.startsWith('request.jwt.claim.')) {
    return { is: 'claims', claims: [setting.slice('request.jwt.claim.'.length)] };
  }
  return { is: 'setting' };
}

/** `date_timestamptz` is that of `date < timestamptz`. */
function comparisons(types: string): string[] {
  const [left, right] = types.split('_');
  return ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'cmp'].map((compared) => `${left}_${compared}_${right}`);
}
