import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Chart, drawChart } from './chart.ts';
import { VECTOR_CONTENDERS, type VectorContenderName } from './contender.ts';
import { DATA_NAMES, type DataName } from './data-source.ts';
import { describeSet } from './search-set.ts';
import type { VectorRow } from './summary.ts';
import { LEAST_RECALL } from './wanted.ts';

/** Okabe and Ito's, which the colour-blind can tell apart. */
const COLORS: Readonly<Record<VectorContenderName, string>> = {
  balanced: '#0072b2',
  fast: '#56b4e9',
  'plain pgvector': '#d55e00',
  match_documents: '#e69f00',
  'iterative ef 100': '#cc79a7',
  'iterative ef 400': '#009e73',
  exact: '#8a8f98',
};

/** What readers of the pictures know them by. */
const SERIES_NAMES: Readonly<Record<VectorContenderName, string>> = {
  balanced: 'consolidated-db',
  fast: 'consolidated-db, fast',
  'plain pgvector': 'plain pgvector',
  match_documents: 'match_documents',
  'iterative ef 100': 'iterative ef 100',
  'iterative ef 400': 'iterative ef 400',
  exact: 'exact',
};

const DATA_TITLES: Readonly<Record<DataName, string>> = {
  synthetic: 'synthetic clusters',
  words: 'word vectors',
};

/** Writes two pictures for each kind of data, recall and latency, of the first mode that was measured. Answers with their names. */
export async function writePictures(folder: string, rows: readonly VectorRow[]): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const names: string[] = [];
  for (const data of DATA_NAMES) {
    const ofData = rows.filter((row) => row.data === data);
    const some = ofData.filter(({ mode }) => mode === ofData[0]!.mode);
    if (some.length === 0) continue;
    for (const [kind, chart] of Object.entries(chartsOf(data, some))) {
      const name = `vectors-${data}-${kind}.svg`;
      await writeFile(join(folder, name), drawChart(chart));
      names.push(name);
    }
  }
  return names;
}

function chartsOf(data: DataName, rows: readonly VectorRow[]): Record<'recall' | 'latency', Chart> {
  const names = VECTOR_CONTENDERS.filter((name) => rows.some(({ contender }) => contender === name));
  const groups = [...new Set(rows.map(describeSet))];
  const limits = [...new Set(rows.map(({ limit }) => limit))];
  const panels = (pick: (row: VectorRow) => number) =>
    limits.map((limit) => ({
      title: `limit ${limit}`,
      values: groups.map((group) =>
        names.map((name) => {
          const row = rows.find(
            (each) => each.limit === limit && each.contender === name && describeSet(each) === group,
          );
          return row === undefined ? undefined : pick(row);
        }),
      ),
    }));
  const shared = { series: names.map((name) => ({ name: SERIES_NAMES[name], color: COLORS[name] })), groups };
  const where = `${DATA_TITLES[data]}, by the share of rows that the user owns (${rows[0]!.mode})`;
  return {
    recall: {
      ...shared,
      title: `Recall: ${where}`,
      panels: panels(({ recall }) => recall),
      scale: { kind: 'share', wanted: LEAST_RECALL.balanced },
    },
    latency: {
      ...shared,
      title: `Median latency: ${where}`,
      panels: panels(({ p50Ms }) => p50Ms),
      scale: { kind: 'log', unit: 'ms' },
    },
  };
}
