import { UsageError } from '../../contract/errors.ts';
import { resultTooLarge } from '../../contract/failures.ts';
import type { Field, StatementReply } from '../../contract/mode.ts';
import { own } from '../../contract/own-property.ts';
import type { Statement } from '../../contract/statement.ts';
import type { ReadHelp, ReadyStatement } from '../call/ready-statement.ts';
import type { Catalog } from '../catalog/model.ts';
import { NO_OPTIONS, ownOptions } from '../compile/check-options.ts';
import { declaredWrites } from '../compile/written-tables.ts';
import { compileRaw } from '../raw-sql/compile-raw.ts';
import { Fragment, templateOf } from '../raw-sql/fragment.ts';
import type { SqlOptions } from '../typed/sql-tag.ts';
import { BoundedCache } from '../values/bounded-cache.ts';
import { type DecodeOptions, textCodec } from '../values/codec.ts';
import { codecFor } from '../values/codec-for.ts';
import { isPlainObject } from '../values/plain-object.ts';
import { type DescribedColumn, decodeRawDocument } from '../values/raw-document.ts';
import { type Row, type RowDecoder, rowDecoder } from '../values/row-decoder.ts';
import { DescribedStatement } from './described-statement.ts';
import { areAttributesSame } from './raw-attributes.ts';

const KNOWN = new Set([
  'access',
  'writes',
  'ownTransactions',
  'idempotencyKey',
  'mode',
  'timeoutMs',
  'signal',
  'label',
]);

const READ: SqlOptions = ownOptions({ access: 'read' });
const itself = (source: Fragment): Fragment => source;

/** Raw SQL as statements: bound values, rows decoded by the types that the server reports. */
export class RawStatements {
  readonly #decode: DecodeOptions;
  readonly #decoders = new BoundedCache<string, RowDecoder>({ max: 500 });
  /** Types that a new catalog lacks too, such as the rows of system tables: their text is what can be known of them. */
  readonly #unknowable = new BoundedCache<number, true>({ max: 1_000 });

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
    return this.#described(values, (held) => templateOf(strings, held), options, this.#maxRows);
  }

  fragment(source: Fragment): DescribedStatement<readonly Row[]> {
    return this.#described(source, itself, NO_OPTIONS, this.#maxRows);
  }

  /** A read for stream(), without a limit on its rows. */
  streamed(source: Fragment): DescribedStatement<readonly Row[]> {
    return this.#described(source, itself, READ, Number.MAX_SAFE_INTEGER);
  }

  #described<Given>(
    given: Given,
    whole: (held: Given) => Fragment,
    options: SqlOptions,
    maxRows: number,
  ): DescribedStatement<readonly Row[]> {
    return new DescribedStatement('sql', given, (held, catalog) =>
      this.#ready(catalog, whole(held), options, maxRows),
    );
  }

  #ready(
    catalog: Catalog,
    source: Fragment,
    options: SqlOptions,
    maxRows: number,
  ): ReadyStatement<readonly Row[]> {
    const compiled = compileRaw(source, options.access ?? 'write');
    // Then each number of a document needs the type of its column.
    const statement: Statement =
      this.#decode.largeNumbers === 'string' ? { ...compiled, isDescribed: true } : compiled;
    const ownTransactions = options.ownTransactions === true;
    if (ownTransactions && own(statement.plan, 'mayCommit') !== true)
      throw invalidOwning('is for DO and CALL');
    return {
      kind: 'sql',
      statements: [statement],
      settings: undefined,
      ownTransactions,
      declaredWrites: declaredWrites(options),
      read: async ([reply], help) => {
        const rows = await this.#rows(catalog, reply, help);
        // The rows that a write returns were written, so they are not refused for their number.
        if (rows.length > maxRows && statement.plan.intent === 'read') {
          throw resultTooLarge(`more than ${maxRows} rows`, 'maxRows', 'read');
        }
        return { value: rows, rows: rows.length };
      },
    };
  }

  async #rows(catalog: Catalog, reply: StatementReply | undefined, help: ReadHelp): Promise<readonly Row[]> {
    if (reply?.form === 'rows') {
      const decoder = this.#decoderOf(await this.#knowing(catalog, reply.fields, help), reply.fields);
      return reply.rows.map((row) => decoder.fromRow(row));
    }
    const columns = async (): Promise<readonly DescribedColumn[]> => {
      const fields = reply?.fields ?? (await help.describe());
      const known = await this.#knowing(catalog, fields, help);
      return fields.flatMap(({ name, type }) => {
        const info = known.type(type);
        return info === undefined ? [] : [{ name, type: info }];
      });
    };
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

  /** The catalog, or one read anew where a column's type is younger, or where a composite has other attributes by now. */
  async #knowing(catalog: Catalog, fields: readonly Field[], help: ReadHelp): Promise<Catalog> {
    const types = fields.map(({ type }) => type);
    const unknown = types.filter((type) => catalog.type(type) === undefined && !this.#unknowable.has(type));
    if (unknown.length === 0 && (await areAttributesSame(catalog, types, help))) return catalog;
    const fresh = await help.catalog();
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
