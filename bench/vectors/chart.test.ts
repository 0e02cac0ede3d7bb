import { expect, test } from 'vitest';
import { type Chart, drawChart } from './chart.ts';

const chart: Chart = {
  title: 'Recall',
  series: [
    { name: 'ours', color: '#0072b2' },
    { name: 'theirs', color: '#d55e00' },
  ],
  groups: ['1 % scattered', '100 %'],
  panels: [
    {
      title: 'limit 10',
      values: [
        [1, 0.25],
        [0.5, undefined],
      ],
    },
  ],
  scale: { kind: 'share', wanted: 0.98 },
};

test('texts are escaped', () => {
  const title = `</text><script>"a" & 'b'`;
  const svg = drawChart({
    ...chart,
    title,
    groups: ['<1 %', '2'],
    series: chart.series.map((each) => ({ ...each, name: 'a<b>&' })),
    panels: [{ ...chart.panels[0]!, title: '<limit>' }],
  });
  expect(svg).not.toContain('<script');
  expect(svg).toContain(`aria-label="&lt;/text&gt;&lt;script&gt;&quot;a&quot; &amp; 'b'"`);
  expect(svg).toContain('a&lt;b&gt;&amp;: 1</title>');
  expect(svg).toContain('&lt;limit&gt;');
});

test('a bar is as high as its share, and what was not measured has none', () => {
  const heights = [...drawChart(chart).matchAll(/<rect [^>]*height="([\d.]+)"[^>]*><title>/g)];
  expect(heights.map(([, height]) => Number(height))).toEqual([150, 37.5, 75]);
});

test('on a logarithmic scale ten times as much is as far everywhere', () => {
  const values = [
    [1, 10],
    [100, undefined],
  ];
  const svg = drawChart({ ...chart, panels: [{ title: '', values }], scale: { kind: 'log', unit: 'ms' } });
  const [one, ten, hundred] = [...svg.matchAll(/<circle [^>]*cy="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(one! - ten!).toBeCloseTo(ten! - hundred!, 5);
  expect(one! - ten!).toBeCloseTo(75, 5);
  expect(svg).toContain('1 % scattered, , theirs: 10 ms</title>');
});

test('nothing is loaded from elsewhere, and the reader may choose light or dark', () => {
  const svg = drawChart(chart);
  expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|url\(|<script/);
  expect(svg).toContain('prefers-color-scheme: dark');
});
