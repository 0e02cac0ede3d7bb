import { StatementMethods, type StatementSettings } from './statement-methods.ts';

/** The methods of a schema, made once for each. */
export function statementsBySchema(
  settings: Omit<StatementSettings, 'schema'>,
): (schema: string) => StatementMethods<never> {
  const made = new Map<string, StatementMethods<never>>();
  return (schema) => {
    const known = made.get(schema);
    if (known !== undefined) return known;
    const methods = new StatementMethods<never>({ ...settings, schema });
    made.set(schema, methods);
    return methods;
  };
}
