import { escaped } from './escaped.ts';
import { type Legend, legendList } from './legend.ts';
import { pageStyle } from './page-style.ts';

interface PageContent {
  readonly title: string;
  readonly heading: string;
  /** What the reader must know to understand the figures. */
  readonly facts: readonly string[];
  readonly startedAt: string;
  /** HTML. */
  readonly introduction: string;
  readonly legend: Legend;
  /** Those of the legend that took part. */
  readonly shown: readonly string[];
  /** HTML. */
  readonly sections: readonly string[];
}

/** One page for a person alone: no scripts, nothing loaded from elsewhere, light or dark as the reader has it. */
export function htmlPage(content: PageContent): string {
  const { title, heading, facts, startedAt, introduction, legend, shown, sections } = content;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${pageStyle(legend)}</style>
</head>
<body>
<main>
<h1>${escaped(heading)}</h1>
<p class="faint">${facts.map(escaped).join('<br>')}<br>${escaped(startedAt)}</p>
${introduction}
${legendList(legend, shown)}
${sections.join('\n')}
</main>
</body>
</html>
`;
}

/** Drawings beside each other under a heading; nothing where there are none. */
export function figuresSection(heading: string, introduction: string, figures: readonly string[]): string {
  if (figures.length === 0) return '';
  return `\n<h2>${escaped(heading)}</h2>${introduction}\n<div class="figures">\n${figures.join('\n')}\n</div>`;
}

/** A table under a heading; all but the first column are numbers. */
export function numbersTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((content, at) => `<${tag}${at === 0 ? '' : ' class="number"'}>${escaped(content)}</${tag}>`).join('')}</tr>`;
  return `<div class="table"><table>
${cells('th', titles)}
${rows.map((row) => cells('td', row)).join('\n')}
</table></div>`;
}
