export { requestIdentity, requestSignal, requestUser } from './current-request.ts';
export { type ExpressMiddleware, forExpress } from './for-express.ts';
export { type FastifyMiddleware, forFastify } from './for-fastify.ts';
export { forHono, type HonoMiddleware } from './for-hono.ts';
export type { HttpOptions } from './http-options.ts';
export type { LoggedFault, UnexpectedFault } from './logged-fault.ts';
export type { RequestHeaders } from './request-headers.ts';
export type { IdentifyingService } from './request-rule.ts';
