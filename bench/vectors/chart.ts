import { escaped } from '../../src/bench/html/escaped.ts';

/** A chart of several panels, one above the other, with the same groups and series. */
export interface Chart {
  readonly title: string;
  readonly series: readonly ChartSeries[];
  readonly groups: readonly string[];
  readonly panels: readonly ChartPanel[];
  readonly scale: ChartScale;
}

export interface ChartSeries {
  readonly name: string;
  readonly color: string;
}

export interface ChartPanel {
  readonly title: string;
  /** For each group the value of each series; `undefined` where there is none. */
  readonly values: readonly (readonly (number | undefined)[])[];
}

/** `share`: bars from 0 to 1, with a line at what is wanted. `log`: dots on a logarithmic scale. */
export type ChartScale =
  | { readonly kind: 'share'; readonly wanted: number }
  | { readonly kind: 'log'; readonly unit: string };

const WIDTH = 1_280;
const LEFT = 64;
const RIGHT = 12;
const TOP = 82;
const PANEL_HEIGHT = 150;
const PANEL_GAP = 40;
const BOTTOM = 60;
const BAR_SHARE = 0.82;

/** Colours of the text follow the reader's choice of light or dark; those of the series are seen on both. */
const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 }
  .faint { fill: #57606a }
  .grid { stroke: #d0d7de }
  .wanted { stroke: #57606a; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .faint { fill: #9198a1 } .grid { stroke: #3d444d } .wanted { stroke: #9198a1 }
  }`;

/** A self-contained SVG: no scripts, no fonts or pictures of others. */
export function drawChart(chart: Chart): string {
  const height = TOP + chart.panels.length * (PANEL_HEIGHT + PANEL_GAP) - PANEL_GAP + BOTTOM;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(chart.title)}">`,
    `<style>${STYLE}</style>`,
    `<text class="title" x="${LEFT}" y="20">${escaped(chart.title)}</text>`,
    ...legend(chart.series),
    ...chart.panels.flatMap((panel, at) => drawPanel(chart, panel, TOP + at * (PANEL_HEIGHT + PANEL_GAP))),
    ...groupTitles(chart.groups, height - BOTTOM),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function legend(series: readonly ChartSeries[]): string[] {
  const width = (WIDTH - LEFT - RIGHT) / Math.max(1, series.length);
  return series.flatMap(({ name, color }, at) => {
    const x = position(LEFT + at * width);
    return [
      `<rect x="${x}" y="33" width="10" height="10" fill="${color}"/>`,
      `<text x="${position(LEFT + at * width + 15)}" y="42">${escaped(name)}</text>`,
    ];
  });
}

function drawPanel(chart: Chart, panel: ChartPanel, top: number): string[] {
  const scale = scaleOf(chart);
  const y = (value: number) => position(top + PANEL_HEIGHT * (1 - scale.heightOf(value)));
  const grid = scale.marks.flatMap((mark) => [
    `<line class="${mark.wanted ? 'wanted' : 'grid'}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(mark.value)}" y2="${y(mark.value)}"/>`,
    ...(mark.text === ''
      ? []
      : [
          `<text class="faint" x="${LEFT - 6}" y="${y(mark.value) + 4}" text-anchor="end">${escaped(mark.text)}</text>`,
        ]),
  ]);
  const groupWidth = (WIDTH - LEFT - RIGHT) / chart.groups.length;
  const barWidth = (groupWidth * BAR_SHARE) / chart.series.length;
  const marks = panel.values.flatMap((values, group) =>
    values.flatMap((value, at) => {
      if (value === undefined) return [];
      const { name, color } = chart.series[at]!;
      const x = LEFT + (group + (1 - BAR_SHARE) / 2) * groupWidth + at * barWidth;
      const told = escaped(
        `${chart.groups[group]}, ${panel.title}, ${name}: ${Number(value.toPrecision(3))}${scale.unit}`,
      );
      const shape =
        chart.scale.kind === 'share'
          ? `<rect x="${position(x)}" y="${y(value)}" width="${position(barWidth - 1)}" height="${position(top + PANEL_HEIGHT - y(value))}"`
          : `<circle cx="${position(x + barWidth / 2)}" cy="${y(value)}" r="4.5"`;
      return [
        `${shape} fill="${color}"><title>${told}</title>${chart.scale.kind === 'share' ? '</rect>' : '</circle>'}`,
      ];
    }),
  );
  return [`<text x="${LEFT}" y="${top - 8}">${escaped(panel.title)}</text>`, ...grid, ...marks];
}

/** In lines: the number, then the words between commas. */
function groupTitles(groups: readonly string[], top: number): string[] {
  const width = (WIDTH - LEFT - RIGHT) / groups.length;
  return groups.flatMap((group, at) => {
    const [, share = group, rest = ''] = /^(\S+ %) ?(.*)$/.exec(group) ?? [];
    const x = position(LEFT + (at + 0.5) * width);
    return [share, ...rest.split(', ')].map(
      (text, line) =>
        `<text class="faint" x="${x}" y="${top + 18 + line * 15}" text-anchor="middle">${escaped(text)}</text>`,
    );
  });
}

interface Scale {
  readonly unit: string;
  readonly marks: readonly { readonly value: number; readonly text: string; readonly wanted?: boolean }[];
  /** From 0 at the bottom to 1 at the top. */
  readonly heightOf: (value: number) => number;
}

function scaleOf({ scale, panels }: Chart): Scale {
  if (scale.kind === 'share') {
    const marks = [0, 0.5, 1].map((value) => ({ value, text: String(value) }));
    const heightOf = (value: number) => value;
    return { unit: '', marks: [...marks, { value: scale.wanted, text: '', wanted: true }], heightOf };
  }
  const values = panels.flatMap((panel) => panel.values.flat()).filter((value) => value !== undefined);
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const marks = Array.from({ length: high - low + 1 }, (_, at) => {
    const value = 10 ** (low + at);
    return { value, text: `${Number(value.toPrecision(1))} ${scale.unit}` };
  });
  return {
    unit: ` ${scale.unit}`,
    marks,
    heightOf: (value) => (Math.log10(value) - low) / (high - low),
  };
}

function position(value: number): number {
  return Number(value.toFixed(1));
}
