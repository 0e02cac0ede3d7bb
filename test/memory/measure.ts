import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestDatabase } from '../support/full-stack.ts';
import type { CaseName, MemoryReport } from './cases.ts';

const SCRIPT = fileURLToPath(new URL('memory-case.ts', import.meta.url));

/** Runs one case in a process of its own. URLs go by the environment, where no list of processes shows them. */
export async function measure(database: TestDatabase, name: CaseName): Promise<MemoryReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, name], {
    env: {
      ...process.env,
      CDB_MEMORY_DIRECT_URL: database.user.direct,
      CDB_MEMORY_TRANSACTION_URL: database.user.transaction,
    },
  });
  return JSON.parse(stdout) as MemoryReport;
}
