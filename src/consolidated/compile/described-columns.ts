import type { Field, StatementReply } from '../../contract/mode.ts';
import type { Catalog } from '../catalog/model.ts';
import type { DecodeOptions } from '../values/codec.ts';
import { codecFor } from '../values/codec-for.ts';
import { columnsChanged } from '../values/columns-changed.ts';
import { type ResultColumn, type RowDecoder, rowDecoder } from '../values/row-decoder.ts';

/**
 * The columns that an answer was compiled for, against those that a reply describes. Names need no look: each text
 * selects its columns by their names.
 */
export class DescribedColumns {
  readonly #columns: readonly ResultColumn[];
  /** Columns of ours that stand before them. */
  readonly #before: number;
  /** A prepared statement tells the same array each time. */
  #fitting: readonly Field[] | undefined;

  constructor(columns: readonly ResultColumn[], before: number) {
    this.#columns = columns;
    this.#before = before;
  }

  /** Equal for two answers when each can read the replies to the other. */
  readable(form: StatementReply['form']): string {
    return JSON.stringify(
      this.#columns.map(({ name, codec }) => (form === 'rows' ? name : [name, codec.inJson])),
    );
  }

  /** True when the reply has the types that the decoder was made for. */
  fit(fields: readonly Field[]): boolean {
    if (fields === this.#fitting) return true;
    if (fields.length !== this.#before + this.#columns.length) return false;
    for (const [index, { type }] of this.#columns.entries()) {
      if (type !== undefined && fields[this.#before + index]?.type !== type) return false;
    }
    this.#fitting = fields;
    return true;
  }

  /** Throws `columnsChanged` where the catalog lacks a type of the reply. */
  decoder(fields: readonly Field[], catalog: Catalog, options: DecodeOptions): RowDecoder {
    return rowDecoder(
      this.#columns.map((column, index) => {
        if (column.type === undefined) return column;
        const type = catalog.type(fields[this.#before + index]?.type ?? 0);
        if (type === undefined) throw columnsChanged(column.name);
        return { name: column.name, codec: codecFor(type, options) };
      }),
    );
  }
}
