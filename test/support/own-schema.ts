import { ownSchemaVersions } from '../../src/consolidated/own-schema/own-schema.ts';

/** The schema `cdb` as `cdb init` makes it. An embedded service makes it by itself. */
export const OWN_SCHEMA: string = (await ownSchemaVersions()).map(({ script }) => `${script};`).join('\n');
