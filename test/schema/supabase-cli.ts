import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

const binary = resolve(import.meta.dirname, '..', '..', 'node_modules', '.bin', 'supabase');

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the Supabase CLI against a database, in a folder that holds `supabase/`. No Docker and no account
 * are needed for what the tests ask of it.
 */
export function supabaseCli(url: string, folder: string, args: readonly string[]): Promise<CliRun> {
  return new Promise((done) => {
    execFile(
      binary,
      [...args, `--remote=${url}`, '--yes', '--workdir', folder],
      {
        env: {
          PATH: process.env.PATH,
          HOME: tmpdir(),
          DO_NOT_TRACK: '1',
          SUPABASE_TELEMETRY_DISABLED: '1',
          NO_COLOR: '1',
        },
        maxBuffer: 16 << 20,
      },
      (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}
