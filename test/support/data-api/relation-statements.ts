import { quoteName } from '../../../stack/sql-session.ts';
import { type ApiAnswer, type Found, readAnswer, writeAnswer } from './api-answer.ts';
import type { Query } from './api-database.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';
import { conditionSql, orderSql, Values } from './query-sql.ts';
import { type ApiColumn, type ApiRelation, relationNamed } from './schema-cache.ts';

/** Answers a request for a table or view. */
export async function answerForRelation(
  query: Query,
  schema: string,
  name: string,
  request: ApiRequest,
  maxRows: number,
): Promise<ApiAnswer> {
  const relation = await relationNamed(query, schema, name);
  const statement = new RelationStatement(`${quoteName(schema)}.${quoteName(name)}`, name, relation, request);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readAnswer(request, await statement.run(query, statement.read(maxRows)));
    case 'POST':
      return writeAnswer(request, await statement.run(query, statement.insert()));
    case 'PATCH':
      return writeAnswer(request, await statement.run(query, statement.update()));
    case 'DELETE':
      return writeAnswer(request, await statement.run(query, statement.remove()));
    default:
      throw new ApiError(405, {
        code: 'PGRST117',
        message: `Unsupported HTTP method: ${request.method}`,
      });
  }
}

class RelationStatement {
  readonly #target: string;
  readonly #name: string;
  readonly #relation: ApiRelation;
  readonly #request: ApiRequest;
  readonly #values = new Values();

  constructor(target: string, name: string, relation: ApiRelation, request: ApiRequest) {
    this.#target = target;
    this.#name = name;
    this.#relation = relation;
    this.#request = request;
  }

  async run(query: Query, { source, counted }: { source: string; counted?: string }): Promise<Found> {
    const rows = await query<{ body: string; page: string; total: string | null }>(
      `with pgrst_source as (${source})${counted === undefined ? '' : `, pgrst_count as (${counted})`}
       select coalesce(json_agg(_postgrest_t), '[]')::text as body, count(_postgrest_t) as page,
         ${counted === undefined ? 'null' : '(select count(*) from pgrst_count)'} as total
       from pgrst_source _postgrest_t`,
      this.#values.list,
    );
    const { body, page, total } = rows[0]!;
    return { body, page: Number(page), total: total === null ? undefined : Number(total) };
  }

  read(maxRows: number): { source: string; counted?: string } {
    const { order, limit, offset, counts } = this.#request;
    const from = ` from ${this.#target}${this.#where()}`;
    const rows = Math.min(limit ?? maxRows, maxRows);
    const source = `select ${this.#selected()}${from}${orderSql(order, this.#target)} limit ${rows} offset ${offset}`;
    return counts ? { source, counted: `select 1${from}` } : { source };
  }

  insert(): { source: string } {
    const columns = this.#bodyColumns();
    const { onConflict, resolution } = this.#request;
    const names = columns.map(({ name }) => quoteName(name));
    const key = onConflict ?? this.#relation.primaryKey;
    const sets = names.map((name) => `${name} = excluded.${name}`).join(', ');
    const conflict =
      resolution === undefined || key.length === 0
        ? ''
        : ` on conflict (${key.map(quoteName).join(', ')}) ${resolution === 'ignore' || sets === '' ? 'do nothing' : `do update set ${sets}`}`;
    const list = names.length === 0 ? '' : `(${names.join(', ')})`;
    const source =
      names.length === 0 ? ' default values' : ` select ${names.join(', ')} from ${this.#body(columns)}`;
    return { source: `insert into ${this.#target}${list}${source}${conflict}${this.#returning()}` };
  }

  update(): { source: string } {
    const columns = this.#bodyColumns();
    // https://docs.postgrest.org: an empty body changes nothing.
    if (columns.length === 0) return { source: `select 1 from ${this.#target} where false` };
    const sets = columns.map(({ name }) => `${quoteName(name)} = pgrst_body.${quoteName(name)}`);
    const body = `(select * from ${this.#body(columns)} limit 1) pgrst_body`;
    return {
      source: `update ${this.#target} set ${sets.join(', ')} from ${body}${this.#where()}${this.#returning()}`,
    };
  }

  remove(): { source: string } {
    return { source: `delete from ${this.#target}${this.#where()}${this.#returning()}` };
  }

  #where(): string {
    const isVector = (column: string) => this.#relation.columns.get(column)?.type === 'tsvector';
    const texts = this.#request.conditions.map((condition) =>
      conditionSql(condition, this.#target, isVector, this.#values),
    );
    return texts.length === 0 ? '' : ` where ${texts.join(' and ')}`;
  }

  #selected(): string {
    return this.#request.select
      .map((name) => `${this.#target}.${name === '*' ? '*' : quoteName(name)}`)
      .join(', ');
  }

  #returning(): string {
    return ` returning ${this.#request.returnsRows ? this.#selected() : '1'}`;
  }

  /** The columns that a body sets: those of `columns`, or the keys of its first object. */
  #bodyColumns(): readonly ApiColumn[] {
    const parsed = parseBody(this.#request.body);
    const objects = Array.isArray(parsed) ? parsed : [parsed];
    const names = this.#request.columns ?? Object.keys((objects[0] as object | undefined) ?? {});
    if (this.#request.columns === undefined) {
      const keys = names.toSorted().join();
      if (
        objects.some(
          (object) =>
            Object.keys(object as object)
              .toSorted()
              .join() !== keys,
        )
      ) {
        throw new ApiError(400, { code: 'PGRST102', message: 'All object keys must match' });
      }
    }
    return names.map((name) => {
      const column = this.#relation.columns.get(name);
      if (column !== undefined) return column;
      throw new ApiError(400, {
        code: 'PGRST204',
        message: `Could not find the '${name}' column of '${this.#name}' in the schema cache`,
      });
    });
  }

  /** The rows of the body as a FROM item, with the defaults of what each leaves out where these are preferred. */
  #body(columns: readonly ApiColumn[]): string {
    const { body, defaultsMissing } = this.#request;
    const defined = columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(', ');
    const rows = Array.isArray(parseBody(body)) ? body : `[${body}]`;
    const given = this.#values.add(rows);
    if (!defaultsMissing) return `json_to_recordset(${given}::json) as _(${defined})`;
    const defaults = columns
      .filter(({ defaultSql }) => defaultSql !== null)
      .map(({ name, defaultSql }) => `${this.#values.add(name)}::text, ${defaultSql}`)
      .join(', ');
    return `(select jsonb_build_object(${defaults}) || elem as val from jsonb_array_elements(${given}::jsonb) elem) pgrst_defaults,
      lateral jsonb_to_record(pgrst_defaults.val) as _(${defined})`;
  }
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ApiError(400, { code: 'PGRST102', message: 'Empty or invalid json' });
  }
}
