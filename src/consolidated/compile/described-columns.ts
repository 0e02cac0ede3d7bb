import type { Field, StatementReply } from '../../contract/mode.ts';
import type { Catalog } from '../catalog/model.ts';
import type { DecodeOptions } from '../values/codec.ts';
import { codecFor } from '../values/codec-for.ts';
import { columnsChanged } from '../values/columns-changed.ts';
import { holdsComposite } from '../values/composites-in.ts';
import { type ResultColumn, type RowDecoder, rowDecoder } from '../values/row-decoder.ts';
import { compositeTail } from './composite-tail.ts';

/**
 * The columns that an answer was compiled for, against those that a reply describes. Names need no look, but for those
 * of attributes: each text selects its columns by their names.
 */
export class DescribedColumns {
  readonly #columns: readonly ResultColumn[];
  /** Columns of ours that stand before them. */
  readonly #before: number;
  /** And behind them: the attributes of their composite types. */
  readonly #tail: readonly Field[];
  /** A prepared statement tells the same array each time. */
  #fitting: readonly Field[] | undefined;

  constructor(columns: readonly ResultColumn[], before: number) {
    this.#columns = columns;
    this.#before = before;
    this.#tail = tailOf(columns);
  }

  /** Columns behind those of the answer. */
  get tail(): number {
    return this.#tail.length;
  }

  /** Equal for two answers when each can read the replies to the other. */
  readable(form: StatementReply['form']): string {
    // A name holds no U+0000.
    return this.#columns
      .map(({ name, codec }) => (form === 'rows' ? name : `${name}\0${codec.inJson}`))
      .join('\0\0');
  }

  /** True when the reply has the types that the decoder was made for. */
  fit(fields: readonly Field[]): boolean {
    if (fields === this.#fitting) return true;
    const first = this.#before;
    const end = first + this.#columns.length;
    if (fields.length !== end + this.#tail.length) return false;
    for (const [index, { type }] of this.#columns.entries()) {
      if (type !== undefined && fields[first + index]?.type !== type) return false;
    }
    if (!isTail(this.#tail, fields.slice(end))) return false;
    this.#fitting = fields;
    return true;
  }

  /** True where the catalog may have other attributes than the reply, which only a newer one can tell. */
  needNewer(fields: readonly Field[], catalog: Catalog): boolean {
    const own = this.#own(fields);
    return own.some(({ type }, index) => {
      const info = catalog.type(type);
      return info === undefined || (this.#columns[index]?.type !== undefined && holdsComposite(info));
    });
  }

  /** Throws `columnsChanged` where the catalog lacks a type of the reply, or has other attributes than it. */
  decoder(fields: readonly Field[], catalog: Catalog, options: DecodeOptions): RowDecoder {
    const own = this.#own(fields);
    if (own.length !== this.#columns.length) throw columnsChanged();
    const columns = this.#columns.map((column, index): ResultColumn => {
      if (column.type === undefined) return column;
      const type = catalog.type(own[index]?.type ?? 0);
      if (type === undefined) throw columnsChanged(column.name);
      return {
        name: column.name,
        codec: codecFor(type, options),
        composite: holdsComposite(type) ? type : undefined,
      };
    });
    const tail = fields.slice(this.#before + own.length);
    // Where the types of columns have changed too, the attributes are those of the old types.
    if (tail.length > 0 && this.#sameTypes(own) && !isTail(tailOf(columns), tail)) throw columnsChanged();
    return rowDecoder(columns, tail.length);
  }

  #own(fields: readonly Field[]): readonly Field[] {
    return fields.slice(this.#before, this.#before + this.#columns.length);
  }

  #sameTypes(own: readonly Field[]): boolean {
    return this.#columns.every(({ type }, index) => type === undefined || own[index]?.type === type);
  }
}

function tailOf(columns: readonly ResultColumn[]): readonly Field[] {
  return compositeTail(columns, () => '').fields;
}

function isTail(expected: readonly Field[], fields: readonly Field[]): boolean {
  return (
    fields.length === expected.length &&
    expected.every(({ name, type }, index) => fields[index]?.name === name && fields[index]?.type === type)
  );
}
