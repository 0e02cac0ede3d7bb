/**
 * Schemas at random: tables that reference each other, partitioned ones, policies that look at other tables and views, views over
 * views, functions that say what they read and functions that do not, triggers that write elsewhere. All relations have the same
 * columns, so that anything can be asked of any.
 */
import type { SeededRandom } from '../support/network/seeded-random.ts';

export const COLUMNS = ['id', 'n', 'owner', 'grp', 'parent'] as const;
export const USERS = 3;
export const GROUPS = 4;
export const IDS = 12;

export function subjectOf(user: number): string {
  return `00000000-0000-4000-8000-00000000000${user}`;
}

export interface Relation {
  readonly name: string;
  /** That can be written. */
  readonly isTable: boolean;
}

export interface GeneratedSchema {
  readonly name: string;
  readonly sql: string;
  readonly relations: readonly Relation[];
  readonly members: readonly string[];
  /** Stable, of one argument. */
  readonly questions: readonly string[];
  /** Volatile, of a group and a number. */
  readonly changes: readonly string[];
  /** SQL that changes who may see what, another one each time. */
  changedPolicies(): string;
  /** What the service is told of functions, as its option `cache.functions`. */
  readonly declared: Readonly<Record<string, { readonly reads?: string[]; readonly writes?: string[] }>>;
}

const ALL = COLUMNS.join(', ');
const TYPES = 'id int, n int, owner uuid, grp int, parent int';

export function generateSchema(random: SeededRandom, name: string): GeneratedSchema {
  const generator = new Generator(random, name);
  generator.members();
  const tables = 3 + random.below(3);
  for (let i = 0; i < tables; i++) {
    generator.table(i);
    for (let views = random.below(3); views > 0; views--) generator.view();
  }
  generator.functions();
  generator.triggers();
  return generator.schema;
}

class Generator {
  readonly #random: SeededRandom;
  readonly #name: string;
  readonly #sql: string[] = [];
  readonly #relations: Relation[] = [];
  readonly #tables: string[] = [];
  readonly #declared: Record<string, { reads?: string[]; writes?: string[] }> = {};
  readonly #questions: string[] = [];
  readonly #changes: string[] = [];
  #policiesAdded = 0;

  constructor(random: SeededRandom, name: string) {
    this.#random = random;
    this.#name = name;
    this.#sql.push(
      `create schema ${name}`,
      `grant usage on schema ${name} to anon, authenticated, service_role`,
      `set search_path = ${name}, auth`,
    );
  }

  get schema(): GeneratedSchema {
    this.#sql.push(
      `grant all on all tables in schema ${this.#name} to anon, authenticated, service_role`,
      `grant execute on all functions in schema ${this.#name} to anon, authenticated, service_role`,
      'reset search_path',
    );
    return {
      name: this.#name,
      sql: this.#sql.map((each) => `${each};`).join('\n'),
      relations: this.#relations,
      members: ['m0', 'm1'],
      questions: this.#questions,
      changes: this.#changes,
      declared: this.#declared,
      changedPolicies: () => this.#changedPolicies(),
    };
  }

  members(): void {
    const { name } = { name: this.#name };
    for (const table of ['m0', 'm1']) {
      this.#sql.push(
        `create table ${table} (${TYPES}, user_id uuid)`,
        `insert into ${table} select u * ${GROUPS} + g, u, null, g, null, ('00000000-0000-4000-8000-00000000000' || u)::uuid
          from generate_series(0, ${USERS - 1}) u, generate_series(0, ${GROUPS - 1}) g where (u + g) % 2 = 0`,
      );
    }
    this.#sql.push(
      'alter table m1 enable row level security',
      'create policy own on m1 using (user_id = (select auth.uid()))',
      `create function can_see(g int) returns boolean stable security definer language plpgsql as
        $$ begin return exists (select from ${name}.m0 m where m.grp = g and m.user_id = auth.uid()); end $$`,
      `create function in_group(g int) returns boolean stable language sql
        begin atomic select exists (select from m1 m where m.grp = g and m.user_id = auth.uid()); end`,
      'create function doubled(v int) returns int immutable language sql begin atomic select v * 2; end',
    );
    this.#declared.can_see = { reads: ['m0'] };
  }

  table(i: number): void {
    const random = this.#random;
    const table = `t${i}`;
    const referenced = random.pick([...this.#tables, ...(random.chance(0.3) ? [table] : [])]);
    const does = random.pick(['cascade', 'set null', 'cascade', 'no action']);
    const parent =
      referenced === undefined
        ? 'parent int'
        : `parent int references ${referenced} on delete ${does} on update cascade`;
    const isParted = random.chance(0.25);
    this.#sql.push(
      `create table ${table} (id int primary key, n int, owner uuid, grp int, ${parent})${isParted ? ' partition by hash (id)' : ''}`,
    );
    if (isParted) {
      for (const rest of [0, 1]) {
        this.#sql.push(
          `create table ${table}_${rest} partition of ${table} for values with (modulus 2, remainder ${rest})`,
        );
      }
      this.#relations.push({ name: `${table}_0`, isTable: true });
    } else if (random.chance(0.15)) {
      this.#sql.push(`create table ${table}_heir (primary key (id)) inherits (${table})`);
      this.#relations.push({ name: `${table}_heir`, isTable: true });
    }
    this.#sql.push(
      `insert into ${table} select i, i * 7 % 100, ('00000000-0000-4000-8000-00000000000' || i % ${USERS})::uuid, i % ${GROUPS},
        ${referenced === undefined || referenced === table ? 'null' : 'i'} from generate_series(0, ${IDS - 1}) i`,
    );
    if (random.chance(0.8)) this.#policies(table);
    this.#tables.push(table);
    this.#relations.push({ name: table, isTable: true });
  }

  #policies(table: string): void {
    const random = this.#random;
    this.#sql.push(`alter table ${table} enable row level security`);
    if (random.chance(0.2)) this.#sql.push(`alter table ${table} force row level security`);
    const permissive = 1 + random.below(2);
    for (let p = 0; p < permissive; p++) {
      const to = random.pick(['public', 'authenticated', 'anon, authenticated']);
      const of = random.pick(['all', 'all', 'select']);
      this.#sql.push(`create policy p${p} on ${table} for ${of} to ${to} using (${this.#condition(table)})`);
    }
    if (random.chance(0.4))
      this.#sql.push(
        `create policy r on ${table} as restrictive using (n is null or n < 60 or ${this.#condition(table)})`,
      );
    this.#sql.push(`create policy w on ${table} for insert with check (true)`);
  }

  #changedPolicies(): string {
    const random = this.#random;
    const table = `${this.#name}.${random.pick(this.#tables)}`;
    this.#policiesAdded += 1;
    const added = `create policy a${this.#policiesAdded} on ${table}`;
    // Of members alone: what was made later may look at this table.
    const condition = this.#conditions(table).slice(0, 7)[random.below(7)];
    const changes = [
      `alter table ${table} enable row level security`,
      `alter table ${table} disable row level security`,
      `${added} for select using (${condition})`,
      `${added} as restrictive for select to authenticated using (${condition})`,
    ];
    return `set search_path = ${this.#name}, auth; ${random.pick(changes)}; reset search_path`;
  }

  /** It looks at earlier relations only, so that no policy is its own. */
  #condition(table: string): string {
    return this.#random.pick(this.#conditions(table)) ?? 'true';
  }

  #conditions(table: string): readonly string[] {
    const earlier = this.#earlier();
    return [
      'owner = (select auth.uid())',
      `exists (select from m0 m where m.grp = ${table}.grp and m.user_id = (select auth.uid()))`,
      'grp in (select m1.grp from m1 where m1.user_id = auth.uid())',
      `${this.#name}.can_see(grp)`,
      `${this.#name}.in_group(grp)`,
      "n < 50 or auth.role() = 'authenticated'",
      "(auth.jwt() ->> 'tenant')::int = grp",
      ...(earlier === undefined
        ? []
        : [
            `exists (select from ${earlier} e where e.id = ${table}.parent)`,
            `(select count(*) from ${earlier} e where e.grp = ${table}.grp) % 2 = 0`,
            `exists (select from ${earlier} e where e.owner = auth.uid() and e.n > ${table}.n)`,
          ]),
    ];
  }

  view(): void {
    const random = this.#random;
    const name = `v${this.#relations.length}`;
    const [a, b] = [this.#earlier(), this.#earlier()];
    const text = random.pick([
      `select ${ALL} from ${a} where n % 2 = 0`,
      `select a.id, b.n, a.owner, a.grp, a.parent from ${a} a join ${b} b on b.id = a.parent`,
      `select grp as id, count(*)::int as n, null::uuid as owner, grp, null::int as parent from ${a} group by grp`,
      `select id, (select count(*)::int from ${b} b where b.grp = a.grp) as n, owner, grp, parent from ${a} a`,
      `select ${ALL} from ${a} union all select ${ALL} from ${b}`,
      `select id, ${this.#name}.doubled(n) as n, owner, grp, parent from ${a}`,
      `with recursive up as (select ${ALL} from ${a} where id < 3 union select c.id, c.n, c.owner, c.grp, c.parent
        from ${a} c join up on c.parent = up.id) select ${ALL} from up`,
      `select ${ALL} from ${a} where ${this.#name}.can_see(grp)`,
    ]);
    const invoker = random.chance(0.5) ? ' with (security_invoker)' : '';
    this.#sql.push(`create view ${name}${invoker} as ${text}`);
    this.#relations.push({ name, isTable: text?.startsWith(`select ${ALL} from ${a} where n %`) ?? false });
  }

  functions(): void {
    const random = this.#random;
    for (let i = 0; i < 3; i++) {
      const [name, from] = [`q${i}`, this.#earlier()];
      const definer = random.chance(0.4) ? ' security definer' : '';
      const query = `select count(*)::int from ${this.#name}.${from} where grp = g or n > 30`;
      if (random.chance(0.6))
        this.#sql.push(
          `create function ${name}(g int) returns int stable${definer} language sql begin atomic ${query}; end`,
        );
      else {
        this.#sql.push(
          `create function ${name}(g int) returns int stable${definer} language plpgsql as $$ begin return (${query}); end $$`,
        );
        if (random.chance(0.8)) this.#declared[name] = { reads: [from ?? ''] };
      }
      this.#questions.push(name);
    }
    for (let i = 0; i < 2; i++) {
      const [name, to] = [`w${i}`, this.#random.pick(this.#tables) ?? ''];
      this.#sql.push(
        `create function ${name}(g int, v int) returns void volatile security definer language sql as
          'update ${this.#name}.${to} set n = v where grp = g'`,
      );
      if (random.chance(0.5)) this.#declared[name] = { writes: [to] };
      this.#changes.push(name);
    }
  }

  /** Each writes to a later table, so that they end. */
  triggers(): void {
    const random = this.#random;
    this.#tables.forEach((table, i) => {
      const to = random.pick(this.#tables.slice(i + 1));
      if (to === undefined || random.chance(0.6)) return;
      const name = `on_${table}`;
      this.#sql.push(
        `create function ${name}() returns trigger security definer language plpgsql as
          $$ begin update ${this.#name}.${to} set n = coalesce(n, 0) + 1; return null; end $$`,
        `create trigger ${name} after insert or update or delete on ${table} for each statement execute function ${name}()`,
      );
      if (random.chance(0.5)) this.#declared[name] = { writes: [to] };
    });
  }

  #earlier(): string {
    return this.#random.pick(this.#relations)?.name ?? 'm0';
  }
}
