import { type Html, html } from './html.ts';

export interface StatusColumn<Row> {
  readonly name: string;
  /** Stands on the right. @defaultValue false */
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => string | number | Html;
}

/** A table of the status page. Each cell repeats the name of its column, which a phone shows in front of it. */
export function table<Row>(columns: readonly StatusColumn<Row>[], rows: readonly Row[], empty: string): Html {
  if (rows.length === 0) return html`<p class="none">${empty}</p>`;
  const kind = ({ isNumber }: StatusColumn<Row>): string => (isNumber === true ? 'number' : 'text');
  const head = columns.map((column) => html`<th class="${kind(column)}">${column.name}</th>`);
  const body = rows.map((row) => {
    const cells = columns.map(
      (column) =>
        html`<td class="${kind(column)}" data-name="${column.name}"><span>${column.cell(row)}</span></td>`,
    );
    return html`<tr>${cells}</tr>`;
  });
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
