import { defineCommand } from 'citty';
import { examine } from '../ops/doctor.ts';
import type { Finding } from '../ops/doctor-finding.ts';
import { jsonArg, tlsFrom } from './admin-session.ts';
import { CommandLineError, EXIT } from './exit-code.ts';
import { printJson, printLine, printTable, showProgress } from './output.ts';

const urlArg = (mode: string) =>
  ({
    type: 'string',
    valueHint: 'postgres://…',
    description: `URL for ${mode} mode, with the login for users (or CDB_${mode.toUpperCase()}_URL, which keeps the password out of the process list)`,
  }) as const;

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Check each connection and its database. Exits with 1 if there is a warning or an error. URLs of the service login: CDB_SERVICE_DIRECT_URL, CDB_SERVICE_SESSION_URL, CDB_SERVICE_TRANSACTION_URL',
  },
  args: {
    direct: urlArg('direct'),
    session: urlArg('session'),
    transaction: urlArg('transaction'),
    'tls-ca': {
      type: 'string',
      valueHint: 'file',
      description:
        "Certificate authority of the server's certificate: a PEM file, or its text (or CDB_TLS_CA)",
    },
    schema: {
      type: 'string',
      valueHint: 'names',
      description: 'Schemas that are exposed to callers, separated by commas',
      default: 'public',
    },
    ...jsonArg,
  },
  async run({ args }) {
    const user = {
      direct: args.direct ?? fromEnvironment('CDB_DIRECT_URL'),
      session: args.session ?? fromEnvironment('CDB_SESSION_URL'),
      transaction: args.transaction ?? fromEnvironment('CDB_TRANSACTION_URL'),
    };
    const service = {
      direct: fromEnvironment('CDB_SERVICE_DIRECT_URL'),
      session: fromEnvironment('CDB_SERVICE_SESSION_URL'),
      transaction: fromEnvironment('CDB_SERVICE_TRANSACTION_URL'),
    };
    if ([...Object.values(user), ...Object.values(service)].every((url) => url === undefined)) {
      throw new CommandLineError(
        'No database is configured: set CDB_DIRECT_URL, CDB_SESSION_URL or CDB_TRANSACTION_URL.',
        "'cdb init' prints them.",
      );
    }
    const { ca } = tlsFrom(args);
    const findings = await examine({
      user,
      service,
      ca,
      schemas: args.schema.split(','),
      onProgress: (where) => showProgress(`checking ${where} …`),
    });
    if (args.json) printJson({ findings });
    else print(findings);
    return findings.some(isBad) ? EXIT.failure : EXIT.ok;
  },
});

function print(findings: readonly Finding[]): void {
  printTable(
    ['LEVEL', 'WHERE', 'CHECK', 'FOUND'],
    findings.map(({ level, where, check, message }) => [level, where, check, message]),
  );
  const advised = findings.filter((finding) => isBad(finding) && finding.advice !== undefined);
  if (advised.length > 0) printLine('\nWhat to do:');
  for (const { where, message, advice } of advised) printLine(`- ${where}: ${message}.\n  ${advice}`);
}

function isBad(finding: Finding): boolean {
  return finding.level === 'warning' || finding.level === 'error';
}

function fromEnvironment(variable: string): string | undefined {
  const value = process.env[variable];
  return value === '' ? undefined : value;
}
