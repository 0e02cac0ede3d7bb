interface TextColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Lines of a table whose columns are as wide as their widest cell. */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? '';
        return align === 'left' ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
      })
      .join('   ')
      .trimEnd();
  return [
    line(columns.map(({ title }) => title)),
    widths.map((width) => '─'.repeat(width)).join('   '),
    ...rows.map(line),
  ];
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`; one digit after the point below ten. */
export function readable(value: number): string {
  return value < 10 ? value.toFixed(1) : whole.format(value);
}
