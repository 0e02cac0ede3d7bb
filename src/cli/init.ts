import { defineCommand } from 'citty';
import { type NameOfUrl, parseConnectionUrl } from '../modes/index.ts';
import { type InitializedLogin, initLogins, sessionUser } from '../ops/init.ts';
import { type InstalledOwnSchema, installOwnSchema } from '../ops/install-own-schema.ts';
import { type AdminPlace, loginUrls } from '../ops/login-urls.ts';
import { modeOfConnection } from '../ops/pooler-probe.ts';
import { adminArgs, adminUrl, jsonArg, withAdmin } from './admin-session.ts';
import { EXIT } from './exit-code.ts';
import { printJson, printLine } from './output.ts';

const PREFIX = { user: 'CDB', service: 'CDB_SERVICE' } as const;

export const init = defineCommand({
  meta: {
    name: 'init',
    description:
      'Create the schema cdb and the least-privileged logins of the service, or check and repair them. Prints the URLs of the logins, with passwords, once',
  },
  args: {
    ...adminArgs,
    session: {
      type: 'string',
      valueHint: 'postgres://…',
      description: 'URL of a pooler in session mode; the password is not needed',
    },
    transaction: {
      type: 'string',
      valueHint: 'postgres://…',
      description: 'URL of a pooler in transaction mode; the password is not needed',
    },
    'user-login': {
      type: 'string',
      valueHint: 'name',
      description: 'Name of the login for users',
      default: 'cdb_user',
    },
    'service-login': {
      type: 'string',
      valueHint: 'name',
      description: 'Name of the login for the service',
      default: 'cdb_service',
    },
    rotate: { type: 'boolean', description: 'Also give existing logins a new password' },
    ...jsonArg,
  },
  async run({ args }) {
    const poolers = { session: args.session, transaction: args.transaction };
    // Before the logins get passwords, which are printed once.
    checkUrls(poolers);
    const { schema, logins, admin } = await withAdmin(args, async (connection, place) => {
      const mode = await modeOfConnection(connection, place);
      // First, because passwords are printed only when all has gone well.
      const installed = await installOwnSchema(connection);
      const initialized = await initLogins(connection, {
        userLogin: args['user-login'],
        serviceLogin: args['service-login'],
        rotate: args.rotate ?? false,
      });
      const user = await sessionUser(connection);
      return { schema: installed, logins: initialized, admin: { url: adminUrl(args).url, mode, user } };
    });
    const { name } = adminUrl(args);
    const nameOf: NameOfUrl = (mode) =>
      mode !== 'direct' && poolers[mode] !== undefined ? `--${mode}` : name;
    const environment = Object.fromEntries(
      logins.flatMap((login) => variables(login, admin, poolers, nameOf)),
    );
    if (args.json) {
      printJson({ schema, logins: logins.map(({ password: _, ...login }) => login), environment });
      return EXIT.ok;
    }
    describeSchema(schema);
    for (const login of logins) describe(login);
    for (const [name, value] of Object.entries(environment)) printLine(`${name}=${value}`);
    return EXIT.ok;
  },
});

interface PoolerUrls {
  readonly session: string | undefined;
  readonly transaction: string | undefined;
}

/** @throws ConfigurationError `INVALID_URL` */
function checkUrls(poolers: PoolerUrls): void {
  for (const mode of ['session', 'transaction'] as const) {
    const url = poolers[mode];
    if (url !== undefined) parseConnectionUrl(`--${mode}`, url, 'cdb');
  }
}

function variables(
  login: InitializedLogin,
  admin: AdminPlace,
  poolers: PoolerUrls,
  nameOf: NameOfUrl,
): readonly (readonly [name: string, url: string])[] {
  if (login.password === undefined) return [];
  const urls = loginUrls(admin, poolers, login.name, login.password, nameOf);
  return Object.entries(urls).map(([mode, url]) => [
    `${PREFIX[login.purpose]}_${mode.toUpperCase()}_URL`,
    url,
  ]);
}

function describeSchema({ version, installed }: InstalledOwnSchema): void {
  const done = installed.length === 0 ? 'unchanged' : `installed ${installed.join(', ')}`;
  printLine(`# schema cdb: version ${version}, ${done}`);
}

/** As comments, so that the output can be saved as an environment file. */
function describe(login: InitializedLogin): void {
  const kept = login.password === undefined ? '; its password is unchanged (--rotate creates a new one)' : '';
  printLine(`# ${login.name}: ${login.state}${kept}`);
  for (const repair of login.repairs) printLine(`#   ${repair}`);
  for (const warning of login.warnings) printLine(`#   warning: ${warning}`);
}
