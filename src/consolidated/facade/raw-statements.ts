import { LRUCache } from 'lru-cache';
import { UsageError } from '../../contract/errors.ts';
import { resultTooLarge } from '../../contract/failures.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import type { Statement } from '../../contract/statement.ts';
import type { ReadHelp, ReadyStatement } from '../call/ready-statement.ts';
import type { Catalog } from '../catalog/model.ts';
import { compileRaw } from '../raw-sql/compile-raw.ts';
import { Fragment, fragment } from '../raw-sql/fragment.ts';
import type { SqlOptions } from '../typed/sql-tag.ts';
import { type DecodeOptions, textCodec } from '../values/codec.ts';
import { codecFor } from '../values/codec-for.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { type DescribedColumn, decodeRawDocument } from '../values/raw-document.ts';
import { type Row, type RowDecoder, rowDecoder } from '../values/row-decoder.ts';
import { DescribedStatement } from './described-statement.ts';

const KNOWN = new Set(['access', 'ownTransactions', 'mode', 'timeoutMs', 'signal', 'label']);

/** Raw SQL as statements: bound values, rows decoded by the types that the server reports. */
export class RawStatements {
  readonly #decode: DecodeOptions;
  readonly #decoders = new LRUCache<string, RowDecoder>({ max: 500 });
  /** Types that a new catalog lacks too, such as the rows of system tables: their text is what can be known of them. */
  readonly #unknowable = new LRUCache<number, true>({ max: 1_000 });
  readonly #descriptions = new LRUCache<string, readonly DescribedColumn[]>({ max: 500 });

  readonly #maxRows: number;

  constructor(decode: DecodeOptions, maxRows: number) {
    this.#maxRows = maxRows;
    this.#decode = decode;
  }

  checked(options: SqlOptions): SqlOptions {
    if (!isPlainObject(options)) throw notATemplate(options);
    for (const name of Object.keys(options)) {
      if (!KNOWN.has(name)) {
        throw new UsageError(`sql() has no option '${name}'. Known options: ${[...KNOWN].join(', ')}.`, {
          code: 'UNKNOWN_OPTION',
        });
      }
    }
    if (options.access !== undefined && options.access !== 'read' && options.access !== 'write') {
      throw new UsageError("The option 'access' of sql() must be read or write.", {
        code: 'INVALID_OPTION',
      });
    }
    const owning: unknown = options.ownTransactions;
    if (owning !== undefined && typeof owning !== 'boolean') throw invalidOwning('takes true or false');
    if (owning === true && options.access === 'read')
      throw invalidOwning("cannot be used with access: 'read'");
    return options;
  }

  template(
    strings: TemplateStringsArray,
    values: readonly unknown[],
    options: SqlOptions,
  ): DescribedStatement<readonly Row[]> {
    return new DescribedStatement('sql', (catalog) =>
      this.#ready(catalog, fragment(strings, ...values), options, this.#maxRows),
    );
  }

  fragment(source: Fragment): DescribedStatement<readonly Row[]> {
    return new DescribedStatement('sql', (catalog) => this.#ready(catalog, source, {}, this.#maxRows));
  }

  /** A read for stream(), without a limit on its rows. */
  streamed(source: Fragment): DescribedStatement<readonly Row[]> {
    return new DescribedStatement('sql', (catalog) =>
      this.#ready(catalog, source, { access: 'read' }, Number.MAX_SAFE_INTEGER),
    );
  }

  #ready(
    catalog: Catalog,
    source: Fragment,
    options: SqlOptions,
    maxRows: number,
  ): ReadyStatement<readonly Row[]> {
    const statement = compileRaw(source, options.access ?? 'write');
    const ownTransactions = options.ownTransactions === true;
    if (ownTransactions && statement.plan.mayCommit !== true) throw invalidOwning('is for DO and CALL');
    return {
      kind: 'sql',
      statements: [statement],
      settings: undefined,
      ownTransactions,
      read: async ([reply], help) => {
        const rows = await this.#rows(catalog, statement, reply, help);
        // The rows that a write returns were written, so they are not refused for their number.
        if (rows.length > maxRows && statement.plan.intent === 'read') {
          throw resultTooLarge(`more than ${maxRows} rows`, 'maxRows', 'read');
        }
        return { value: rows, rows: rows.length };
      },
    };
  }

  async #rows(
    catalog: Catalog,
    statement: Statement,
    reply: StatementReply | undefined,
    help: ReadHelp,
  ): Promise<readonly Row[]> {
    if (reply?.form === 'rows') {
      const decoder = this.#decoderOf(await this.#knowing(catalog, reply.fields, help), reply.fields);
      return reply.rows.map((row) => decoder.fromRow(row));
    }
    const columns = (names: readonly string[]): Promise<readonly DescribedColumn[]> =>
      this.#describe(catalog, `${statement.plan.text}\n${names.join('\n')}`, help);
    return (await decodeRawDocument(reply?.text ?? '', this.#decode, columns)).rows ?? [];
  }

  #decoderOf(catalog: Catalog, fields: readonly Field[]): RowDecoder {
    const key = `${catalog.epoch} ${fields.map((field) => `${field.type} ${JSON.stringify(field.name)}`).join()}`;
    let decoder = this.#decoders.get(key);
    if (decoder === undefined) {
      decoder = rowDecoder(
        fields.map((field) => {
          const type = catalog.type(field.type);
          return { name: field.name, codec: type === undefined ? textCodec : codecFor(type, this.#decode) };
        }),
      );
      this.#decoders.set(key, decoder);
    }
    return decoder;
  }

  async #describe(catalog: Catalog, shape: string, help: ReadHelp): Promise<readonly DescribedColumn[]> {
    const key = `${catalog.epoch} ${shape}`;
    const kept = this.#descriptions.get(key);
    if (kept !== undefined) return kept;
    const fields = await help.describe();
    const known = await this.#knowing(catalog, fields, help);
    const columns = fields.flatMap(({ name, type }) => {
      const info = known.type(type);
      return info === undefined ? [] : [{ name, type: info }];
    });
    this.#descriptions.set(key, columns);
    return columns;
  }

  /** The catalog, or one read anew where a column's type is younger. */
  async #knowing(catalog: Catalog, fields: readonly Field[], help: ReadHelp): Promise<Catalog> {
    const types = fields.map(({ type }) => type);
    const unknown = types.filter((type) => catalog.type(type) === undefined && !this.#unknowable.has(type));
    if (unknown.length === 0) return catalog;
    const fresh = await help.catalog(types);
    for (const type of unknown) if (fresh.type(type) === undefined) this.#unknowable.set(type, true);
    return fresh;
  }
}

/** Called as a function, where it is a tag. */
function notATemplate(given: unknown): UsageError {
  const what =
    typeof given === 'string'
      ? 'text'
      : given instanceof Fragment
        ? 'a fragment'
        : given === null
          ? 'null'
          : `a value of type ${typeof given}`;
  return new UsageError(
    `sql is the tag of a template, and was called as a function with ${what}. Write sql\`select …\`, with values and fragments between \${ and }, or call it with options first.`,
  );
}

function invalidOwning(what: string): UsageError {
  return new UsageError(`The option 'ownTransactions' of sql() ${what}.`, { code: 'INVALID_OPTION' });
}
