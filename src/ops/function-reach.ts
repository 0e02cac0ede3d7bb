import { scan, type Token } from '../consolidated/raw-sql/scan.ts';

/**
 * - `settings`: it may set what policies trust, as the claims and the role are.
 * - `dynamic SQL`: it runs a text as SQL, which may do the same if a caller decides about the text.
 */
export type WayOut = 'settings' | 'dynamic SQL';

export interface Reach {
  readonly ways: ReadonlySet<WayOut>;
  /** Names of the functions that it calls, without their schemas. */
  readonly calls: ReadonlySet<string>;
}

/** Functions of Postgres and of its extensions that run a text as SQL. */
const RUN_TEXT: ReadonlySet<string> = new Set([
  ...['query_to_xml', 'query_to_xmlschema', 'query_to_xml_and_xmlschema', 'ts_stat', 'ts_rewrite'],
  ...['dblink', 'dblink_exec', 'dblink_open', 'dblink_send_query', 'crosstab', 'crosstabn', 'connectby'],
]);

/** As functions in the language `internal` are named within the server. */
const INTERNAL: ReadonlyMap<string, WayOut> = new Map([
  ['set_config_by_name', 'settings'],
  ['query_to_xml', 'dynamic SQL'],
  ['query_to_xmlschema', 'dynamic SQL'],
  ['query_to_xml_and_xmlschema', 'dynamic SQL'],
  ['ts_stat1', 'dynamic SQL'],
  ['ts_stat2', 'dynamic SQL'],
  ['tsquery_rewrite_query', 'dynamic SQL'],
]);

/** Words behind which a statement of PL/pgSQL begins. */
const BEFORE_STATEMENT: ReadonlySet<string> = new Set(['begin', 'then', 'else', 'loop', ';']);

/**
 * What the body of a function does, by the tokens of its text: the database does not know more of it.
 *
 * @param settings of the function itself, as `name=value`
 */
export function reachOf(language: string, source: string, settings: readonly string[]): Reach {
  const ways = new Set<WayOut>();
  if (settings.some((each) => decides(each.slice(0, each.indexOf('='))))) ways.add('settings');
  if (language === 'internal') {
    const way = INTERNAL.get(source);
    if (way !== undefined) ways.add(way);
    return { ways, calls: new Set() };
  }
  const { tokens } = scan(source);
  const calls = new Set<string>();
  tokens.forEach((token, at) => {
    const name = nameOf(token);
    const next = tokens[at + 1];
    if (name !== undefined && next?.kind === 'open') {
      calls.add(name);
      if (name === 'set_config' && !setsOwnSetting(tokens, at + 2)) ways.add('settings');
      if (RUN_TEXT.has(name)) ways.add('dynamic SQL');
    }
    if (token.kind !== 'word') return;
    if (language === 'plpgsql' && token.text === 'execute' && !isTriggerClause(next)) ways.add('dynamic SQL');
    if (beginsStatement(tokens[at - 1]) && setsWhatDecides(tokens, at)) ways.add('settings');
  });
  return { ways, calls };
}

function nameOf({ kind, text }: Token): string | undefined {
  if (kind === 'word') return text;
  return kind === 'name' ? text.slice(1, -1).replaceAll('""', '"') : undefined;
}

/** `create trigger … execute function f()` */
function isTriggerClause(next: Token | undefined): boolean {
  return next?.text === 'function' || next?.text === 'procedure';
}

function beginsStatement(before: Token | undefined): boolean {
  return before === undefined || BEFORE_STATEMENT.has(before.text);
}

/** `set local role x`, `set session authorization x`, `set "request.jwt.claims" = …`, `reset role` */
function setsWhatDecides(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text !== 'set' && tokens[at]?.text !== 'reset') return false;
  const scope = tokens[at + 1]?.text;
  const named = scope === 'local' || scope === 'session' ? tokens[at + 2] : tokens[at + 1];
  return scope === 'session' && named?.text === 'authorization'
    ? true
    : named !== undefined && decides(nameOf(named) ?? '');
}

/** A setting that decides who the caller is, or what applies to it. */
function decides(setting: string): boolean {
  const name = setting.toLowerCase();
  return (
    name === 'role' || name === 'session_authorization' || name === 'request' || name.startsWith('request.')
  );
}

/** `set_config('app.tenant', …)`: a setting of the project's own, by a constant name. */
function setsOwnSetting(tokens: readonly Token[], at: number): boolean {
  const [name, comma] = [tokens[at], tokens[at + 1]];
  if (name === undefined || comma?.kind !== 'comma' || !/^'[\w.]+'$/.test(name.text)) return false;
  const setting = name.text.slice(1, -1);
  return setting.includes('.') && !decides(setting);
}
