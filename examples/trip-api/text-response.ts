/** What is sent at once: many small texts cost more than they are. */
const CHUNK_LENGTH = 16_384;

/**
 * Texts as the body of a response, made only as fast as the client reads. The first one is waited for, so that a failure before it
 * is a problem and not a response that breaks off.
 */
export async function textResponse(
  texts: AsyncGenerator<string, void>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const first = await texts.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        if (first.done === true) controller.close();
        else controller.enqueue(encoder.encode(first.value));
      },
      pull: async (controller) => {
        const next = await texts.next();
        if (next.done === true) controller.close();
        else controller.enqueue(encoder.encode(next.value));
      },
      cancel: async () => {
        await texts.return();
      },
    },
    { highWaterMark: 1 },
  );
  return new Response(body, { headers: { 'cache-control': 'no-store', ...headers } });
}

/** The same texts in larger pieces. */
export async function* inChunks(texts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let chunk = '';
  for await (const text of texts) {
    chunk += text;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
