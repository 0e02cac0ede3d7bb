import { readdir, readFile } from 'node:fs/promises';

/** One version of the schema `cdb`, which holds the objects of this package in the database. */
export interface OwnSchemaVersion {
  readonly version: number;
  /** Name of its file, such as `0001_idempotency`. */
  readonly name: string;
  /** Installs it, unless it is there. One statement, so that all of it happens or nothing. */
  readonly script: string;
}

const FOLDER = new URL('../../../supabase/cdb/', import.meta.url);
const FILE = /^(\d{4})_[a-z0-9_]+(?=\.sql$)/;
const QUOTE = '$cdb_version$';

/**
 * The versions of the schema `cdb` that this package knows, oldest first. `cdb init` and an embedded database run the same
 * scripts; each does nothing where its version is recorded in `cdb.schema_versions`.
 */
export async function ownSchemaVersions(): Promise<readonly OwnSchemaVersion[]> {
  const base = await readFile(new URL('versions.sql', FOLDER), 'utf8');
  const files = (await readdir(FOLDER)).sort().flatMap((file) => {
    const name = FILE.exec(file)?.[0];
    return name === undefined ? [] : [{ file, name, version: Number(name.slice(0, 4)) }];
  });
  return Promise.all(
    files.map(async ({ file, name, version }) => {
      const body = await readFile(new URL(file, FOLDER), 'utf8');
      return { version, name, script: onceScript(base, version, name, body) };
    }),
  );
}

/** The comment of the schema says the version too: a login without any right can read it. */
export const OWN_SCHEMA_COMMENT = 'consolidated-db, version ';

function onceScript(base: string, version: number, name: string, body: string): string {
  return `do $cdb_install$
begin
  if to_regclass('cdb.schema_versions') is null then
    execute ${QUOTE}${base}${QUOTE};
  end if;
  if not exists (select from cdb.schema_versions where version = ${version}) then
    execute ${QUOTE}${body}${QUOTE};
    insert into cdb.schema_versions (version, name) values (${version}, '${name}');
    comment on schema cdb is '${OWN_SCHEMA_COMMENT}${version}';
  end if;
end
$cdb_install$`;
}
