import { OWN_SCHEMA_COMMENT, ownSchemaVersions } from '../consolidated/own-schema/own-schema.ts';
import type { AdminConnection } from '../modes/index.ts';
import type { Report } from './doctor-finding.ts';

const check = 'schema cdb';
const ADVICE = "Run 'cdb init' with the URL of the owner of the database (CDB_ADMIN_URL).";

/** Whether the schema `cdb` is there, in the version that this package needs. The login needs no right on it. */
export async function examineOwnSchema(connection: AdminConnection): Promise<readonly Report[]> {
  const wanted = Math.max(...(await ownSchemaVersions()).map(({ version }) => version));
  const [found] = await connection.query<{ comment: string | null }>(
    `select pg_catalog.obj_description(oid, 'pg_namespace') as comment
     from pg_catalog.pg_namespace where nspname = 'cdb'`,
  );
  if (found === undefined) {
    return [
      {
        level: 'warning',
        check,
        message: 'It is missing: idempotency keys and cache triggers are not available',
        advice: ADVICE,
      },
    ];
  }
  const version = versionIn(found.comment);
  if (version === undefined) {
    return [
      {
        level: 'error',
        check,
        message: 'Its comment does not tell its version: it may be of another program',
        advice: ADVICE,
      },
    ];
  }
  if (version < wanted) {
    const message = `Version ${version} is installed. This package needs version ${wanted}`;
    return [{ level: 'warning', check, message, advice: ADVICE }];
  }
  return [{ level: 'ok', check, message: `Version ${version}` }];
}

function versionIn(comment: string | null): number | undefined {
  if (comment?.startsWith(OWN_SCHEMA_COMMENT) !== true) return undefined;
  const version = Number(comment.slice(OWN_SCHEMA_COMMENT.length));
  return Number.isInteger(version) ? version : undefined;
}
