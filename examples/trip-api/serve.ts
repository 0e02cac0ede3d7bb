import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Hono } from 'hono';
import type { TripEvents } from './trip-events.ts';

export interface RunningApi {
  readonly url: string;
  /** Takes no more requests, ends the events, and resolves when the other requests have their answers. */
  stop(): Promise<void>;
}

interface ServeOptions {
  readonly events: TripEvents;
  /** 0 for any that is free. */
  readonly port: number;
  /** @defaultValue '127.0.0.1' */
  readonly hostname?: string | undefined;
}

/** Serves an app over HTTP. */
export async function serveApi(
  app: Hono,
  { events, port, hostname = '127.0.0.1' }: ServeOptions,
): Promise<RunningApi> {
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(port, hostname);
  await once(server, 'listening');
  return {
    url: `http://${hostname}:${portOf(server.address()) ?? port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // They never end by themselves.
        events.close();
      }),
  };
}

function portOf(address: AddressInfo | string | null): number | undefined {
  return typeof address === 'object' ? address?.port : undefined;
}
