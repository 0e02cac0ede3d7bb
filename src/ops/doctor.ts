import { type Clock, systemClock } from '../contract/clock.ts';
import { DatabaseError } from '../contract/errors.ts';
import {
  isLoopback,
  type ModeUrls,
  openAdminConnection,
  type RemoteAdminConnection,
} from '../modes/index.ts';
import { examineCacheTriggers } from './doctor-cache-triggers.ts';
import { examineDatabase } from './doctor-database.ts';
import { at, type Finding, type Report } from './doctor-finding.ts';
import { examineCompany, examineLogin } from './doctor-login.ts';
import { examineOwnSchema } from './doctor-own-schema.ts';
import { examinePooler } from './doctor-pooler.ts';
import { examineVectorTenants } from './doctor-vector-tenants.ts';
import { examineVectors } from './doctor-vectors.ts';
import type { LoginPurpose } from './login-rights.ts';
import type { SamePlace } from './pooler-probe.ts';

interface DoctorOptions {
  /** URLs of the login for users. */
  readonly user: ModeUrls;
  /** URLs of the login for the service. */
  readonly service?: ModeUrls;
  /** PEM text of the certificate authority of the server's certificate. */
  readonly ca?: string | undefined;
  /** Schemas that are exposed to callers. @defaultValue ['public'] */
  readonly schemas?: readonly string[];
  /** @defaultValue 10_000 */
  readonly connectTimeoutMs?: number;
  readonly clock?: Clock;
  readonly onProgress?: (where: string) => void;
}

const MODES = ['direct', 'session', 'transaction'] as const;

const VECTOR_SIZES = { large: 10_000, huge: 100_000 };

interface Patient {
  readonly where: string;
  readonly mode: (typeof MODES)[number];
  readonly purpose: LoginPurpose;
  readonly place: SamePlace;
}

/**
 * Checks every URL that a service would use, and its database. It only reads.
 *
 * A URL that does not answer is a finding, not an error. So is everything else that is wrong.
 *
 * @throws ConfigurationError `INVALID_URL`.
 *
 * @example
 * ```ts
 * const findings = await examine({ user: { transaction: process.env.CDB_TRANSACTION_URL } });
 * const healthy = findings.every((finding) => finding.level === 'ok' || finding.level === 'info');
 * ```
 */
export async function examine(options: DoctorOptions): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const schemas = options.schemas ?? ['public'];
  const addShared = (report: Report): void => void findings.push(at('database', report));
  const done = { database: false, statistics: false };
  for (const patient of patientsOf(options)) {
    options.onProgress?.(patient.where);
    const add = (report: Report): void => void findings.push(at(patient.where, report));
    const connection = await connect(patient, options.clock ?? systemClock, add);
    if (connection === undefined) continue;
    try {
      tls(connection).forEach(add);
      await guarded('pooler', add, () => examinePooler(connection, patient.mode, patient.place));
      await guarded('login', add, () => examineLogin(connection, patient.purpose));
      await guarded('connections', add, () => examineCompany(connection));
      if (!done.database) {
        done.database = true;
        await guarded('row level security', addShared, () => examineDatabase(connection, schemas));
        await guarded('schema cdb', addShared, () => examineOwnSchema(connection));
        await guarded('cache triggers', addShared, () => examineCacheTriggers(connection, schemas));
        await guarded('vector search', addShared, () => examineVectors(connection, schemas, VECTOR_SIZES));
      }
      if (!done.statistics && patient.purpose === 'service') {
        done.statistics = true;
        await guarded('vector search', addShared, () =>
          examineVectorTenants(connection, schemas, VECTOR_SIZES),
        );
      }
    } finally {
      await connection.close();
    }
  }
  return findings;
}

function patientsOf(options: DoctorOptions): readonly Patient[] {
  const of = (purpose: LoginPurpose, urls: ModeUrls): readonly Patient[] =>
    MODES.flatMap((mode) => {
      const url = urls[mode];
      if (url === undefined) return [];
      const where = purpose === 'user' ? mode : `service ${mode}`;
      return [
        {
          where,
          mode,
          purpose,
          place: {
            url,
            name: where,
            ca: options.ca,
            clock: options.clock ?? systemClock,
            connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
          },
        },
      ];
    });
  return [...of('user', options.user), ...of('service', options.service ?? {})];
}

async function connect(
  patient: Patient,
  clock: Clock,
  add: (report: Report) => void,
): Promise<RemoteAdminConnection | undefined> {
  const { url, name, ca, connectTimeoutMs } = patient.place;
  const started = clock.now();
  try {
    const connection = await openAdminConnection({
      url,
      name,
      clock,
      connectTimeoutMs,
      ...(ca !== undefined && { tls: { ca } }),
    });
    const ms = Math.round(clock.now() - started);
    add({ level: 'ok', check: 'reachable', message: `${connection.where}, logged in after ${ms} ms` });
    return connection;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code === 'INVALID_URL') throw error;
    add({
      level: 'error',
      check: 'reachable',
      message: error.message,
      ...(error.hint !== undefined && { advice: error.hint }),
    });
    return undefined;
  }
}

function tls(connection: RemoteAdminConnection): readonly Report[] {
  const { settings } = connection;
  switch (settings.tls.kind) {
    case 'verify':
      return [{ level: 'ok', check: 'tls', message: 'Encrypted, certificate verified' }];
    case 'unverified':
      return [
        {
          level: 'warning',
          check: 'tls',
          message: 'Encrypted, but the certificate is not verified',
          advice: "Pass the CA certificate and remove 'sslmode=no-verify' from the URL.",
        },
      ];
    case 'off':
      if (isLoopback(settings.host))
        return [{ level: 'info', check: 'tls', message: 'Not encrypted, on this machine only' }];
      return [
        {
          level: 'error',
          check: 'tls',
          message: `The connection to ${settings.host} is not encrypted`,
          advice: "Remove 'sslmode=disable' from the URL.",
        },
      ];
  }
}

/** A check that fails must not hide the findings of the others. */
async function guarded(
  check: Report['check'],
  add: (report: Report) => void,
  reports: () => Promise<readonly Report[]>,
): Promise<void> {
  try {
    for (const report of await reports()) add(report);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    add({
      level: 'error',
      check,
      message: `Could not be checked: ${error.message}`,
      ...(error.hint !== undefined && { advice: error.hint }),
    });
  }
}
