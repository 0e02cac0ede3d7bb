import { defineCommand } from 'citty';
import { type RlsMatrix, runRlsMatrix } from '../testing/index.ts';
import { adminArgs, jsonArg, withAdmin } from './admin-session.ts';
import { defaultExport } from './default-export.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';

export const policiesTestCommand = defineCommand({
  meta: {
    name: 'test',
    description:
      'Try who may do what, cell by cell of a matrix, and take everything back. Exits with 1 if something differs. The file is a module whose default export is made by rlsMatrix of consolidated-db/testing; it is run. Use a copy of the database: the rows of the seed are there until the end, and its locks too',
  },
  args: {
    file: {
      type: 'positional',
      description: 'The file of the matrix',
      required: false,
      default: 'supabase/policies.matrix.ts',
    },
    ...adminArgs,
    ...jsonArg,
  },
  async run({ args }) {
    const matrix = await matrixOf(args.file);
    const report = await withAdmin(args, (connection) => runRlsMatrix(connection, matrix));
    if (args.json) {
      const { passed, cells, differences, problems } = report;
      printJson({ passed, cells: cells.length, differences, problems });
    } else printLine(String(report));
    return report.passed ? EXIT.ok : EXIT.failure;
  },
});

async function matrixOf(file: string): Promise<RlsMatrix> {
  const matrix = await defaultExport(file);
  if (isMatrix(matrix)) return matrix;
  throw new CommandLineError(
    `The default export of '${file}' is no matrix.`,
    "It is made by rlsMatrix of consolidated-db/testing: 'export default rlsMatrix({ … });'.",
  );
}

/** By its form, because the file may import another copy of the package. */
function isMatrix(value: unknown): value is RlsMatrix {
  return (
    typeof value === 'object' &&
    value !== null &&
    'actors' in value &&
    value.actors instanceof Map &&
    'lines' in value &&
    Array.isArray(value.lines)
  );
}
