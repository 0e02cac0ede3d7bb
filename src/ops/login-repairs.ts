import { quotedName } from '../contract/quoted-name.ts';
import type { LoginState } from './login-state.ts';

/** The required state of a login of this package: see `init`. */
export interface LoginSpecification {
  readonly name: string;
  readonly purpose: 'user' | 'service';
  /** The only roles that it may become. */
  readonly roles: readonly string[];
}

/** One change that brings a login to its specification. */
export interface Repair {
  readonly what: string;
  readonly sql: string;
  /** The right that it needs: CREATEROLE, a role WITH ADMIN OPTION, a superuser, or the owner. */
  readonly needs:
    | { readonly kind: 'create-role' }
    | { readonly kind: 'admin-of'; readonly role: string }
    | { readonly kind: 'superuser' }
    | { readonly kind: 'owner' };
}

/** From this version on each membership has its own inherit option, and CREATEROLE alone cannot grant a role. */
export const ROLE_OPTIONS_SINCE = 160_000;

/** The changes that a login needs, in their order; none if it is correct. */
export function repairsOf(
  state: LoginState,
  specification: LoginSpecification,
  serverVersion: number,
  database: string,
): readonly Repair[] {
  const login = quotedName(specification.name);
  if (!state.exists) {
    return [
      {
        what: 'created',
        sql: `create role ${login} login noinherit`,
        needs: { kind: 'create-role' },
      },
      ...specification.roles.map((role) => grantRole(role, specification.name, serverVersion)),
    ];
  }
  return [
    ...attributeRepairs(state, login),
    ...state.memberships
      .filter((held) => !specification.roles.includes(held.role) || held.admin)
      .map(
        (held): Repair => ({
          what: `may no longer become ${held.role}`,
          sql: `revoke ${quotedName(held.role)} from ${login}`,
          needs: { kind: 'admin-of', role: held.role },
        }),
      ),
    ...specification.roles
      .filter(
        (role) =>
          !state.memberships.some((held) => held.role === role && held.inherits !== true && !held.admin),
      )
      .map((role) => grantRole(role, specification.name, serverVersion)),
    ...(state.connect
      ? []
      : [
          {
            what: `may connect to ${database}`,
            sql: `grant connect on database ${quotedName(database)} to ${login}`,
            needs: { kind: 'owner' as const },
          },
        ]),
  ];
}

function attributeRepairs(state: LoginState, login: string): readonly Repair[] {
  const wrong: readonly (readonly [wrong: boolean, word: string, superuser: boolean])[] = [
    [!state.login, 'login', false],
    [state.inherit, 'noinherit', false],
    [state.superuser, 'nosuperuser', true],
    [state.bypassRls, 'nobypassrls', false],
    [state.createRole, 'nocreaterole', false],
    [state.createDb, 'nocreatedb', false],
    [state.replication, 'noreplication', false],
  ];
  return wrong
    .filter(([is]) => is)
    .map(([, word, superuser]) => ({
      what: `is now ${word}`,
      sql: `alter role ${login} ${word}`,
      needs: superuser || state.superuser ? { kind: 'superuser' } : { kind: 'admin-of', role: state.name },
    }));
}

function grantRole(role: string, login: string, serverVersion: number): Repair {
  const options = serverVersion >= ROLE_OPTIONS_SINCE ? ' with inherit false, set true' : '';
  return {
    what: `may become ${role}`,
    sql: `grant ${quotedName(role)} to ${quotedName(login)}${options}`,
    needs: { kind: 'admin-of', role },
  };
}
