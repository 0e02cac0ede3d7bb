import type { Catalog } from '../../src/consolidated/catalog/model.ts';
import type { AdminConnection } from '../../src/modes/socket/admin-connection.ts';

interface PlanNode {
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/** The tables that the server itself plans to read for a select of all rows as the role, named as dependencies are. */
export async function plannedRelations(
  connection: AdminConnection,
  catalog: Catalog,
  relation: string,
  role: string,
): Promise<readonly string[]> {
  await connection.script(`set role "${role}"`);
  try {
    const rows = await connection.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `explain (verbose, format json) select * from ${relation}`,
    );
    const found = new Set<string>();
    const visit = (node: PlanNode): void => {
      const name = `${node.Schema}.${node['Relation Name']}`;
      if (node['Relation Name'] !== undefined)
        found.add(catalog.graph.relationNamed(name)?.family.name ?? name);
      for (const plan of node.Plans ?? []) visit(plan);
    };
    for (const { Plan } of rows[0]?.['QUERY PLAN'] ?? []) visit(Plan);
    return [...found];
  } finally {
    await connection.script('reset role');
  }
}
