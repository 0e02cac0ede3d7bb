/**
 * The status of an error that Express, Fastify or `http-errors` made for a request that is wrong, such as 413. Other errors may
 * have a status too, such as that of a server that was asked: it says nothing of this request.
 */
export function decidedStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  const isExposed = 'expose' in error && error.expose === true;
  const isOfFastify = 'code' in error && typeof error.code === 'string' && error.code.startsWith('FST_');
  return isExposed || isOfFastify ? statusCode : undefined;
}
