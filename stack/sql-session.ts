import pg from 'pg';

export interface SqlSession {
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>;
}

/** Opens one connection for `fn` and always closes it. */
export async function withSession<T>(url: string, fn: (session: SqlSession) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'cdb-stack',
    connectionTimeoutMillis: 10_000,
  });
  // Otherwise a server that ends while the connection is idle would end this process.
  client.on('error', () => {});
  await client.connect();
  try {
    return await fn({
      query: async <Row extends object>(text: string, values?: readonly unknown[]) => {
        const result = await (values === undefined ? client.query(text) : client.query(text, [...values]));
        return result.rows as Row[];
      },
    });
  } finally {
    await client.end();
  }
}

export const quoteName = (name: string): string => pg.escapeIdentifier(name);
export const quoteText = (text: string): string => pg.escapeLiteral(text);
