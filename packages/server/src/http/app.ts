/** The HTTP side: every route, the answer to every failure, and the headers that protect pages and people. */
import { randomUUID } from 'node:crypto';
import { ERROR_MEANINGS, RestFailure } from '@ringdown/protocol';
import { Hono } from 'hono';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { describeRoute, generateSpecs } from 'hono-openapi';
import { TooManyHashes } from '../auth/password.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { People } from '../people.ts';
import { describeSocket } from './asyncapi.ts';
import { authRoutes } from './auth-routes.ts';
import { avatarSvg } from './avatar.ts';
import { addressKey, clientAddress } from './client-address.ts';
import { groupRoutes } from './group-routes.ts';
import { FAILURE_REF, jsonSchema } from './json-schema.ts';
import { liveCallRoutes } from './live-call-routes.ts';
import type { LiveCalls } from './live-calls.ts';
import { type App, type Env, openOperation } from './operation.ts';
import { profileRoutes } from './profile-routes.ts';
import { failure, Refused } from './refused.ts';
import { relationRoutes } from './relation-routes.ts';
import { rtcRoutes } from './rtc-routes.ts';
import { webApp } from './web-app.ts';

/** What the HTTP side stands on. */
export interface HttpPorts {
  readonly config: Pick<Config, 'allowedOrigins' | 'limits' | 'publicUrl' | 'trustedProxies'>;
  readonly log: Logger;
  readonly people: People;
  readonly liveCalls: LiveCalls;
  /** Whether new work is welcome; false while the server stops. */
  readonly ready: () => boolean;
  /** Folder of the built web app; without it there is only the API. */
  readonly webRoot?: string;
  /** The clock, ms since the epoch; the system's by default. */
  readonly now?: () => number;
}

/**
 * Makes the HTTP app. It listens nowhere: give its `fetch` to a server, or call `request()` in a test.
 * @throws when `webRoot` cannot be read
 */
export function createHttpApp({ config, log, people, liveCalls, ready, webRoot, now = Date.now }: HttpPorts): App {
  const app: App = new Hono<Env>();
  const limitKey = (bindings: Env['Bindings'] | undefined, forwardedFor: string | undefined) =>
    addressKey(clientAddress(bindings?.incoming?.socket?.remoteAddress, forwardedFor, config.trustedProxies));

  app.use(protectiveHeaders(config.publicUrl));
  app.use('/api/*', allowOrigins(config.allowedOrigins));

  authRoutes(app, people, limitKey);
  profileRoutes(app, people, limitKey);
  relationRoutes(app, people);
  groupRoutes(app, people);
  liveCallRoutes(app, people, liveCalls);
  rtcRoutes(app, people, config.limits, now);
  healthRoutes(app, ready);
  avatarRoute(app);

  let description: Promise<object> | undefined;
  app.get('/openapi.json', describeRoute({ hide: true }), async (c) => {
    description ??= describeApi(app);
    return c.json(await description);
  });
  const socketDescription = describeSocket(config.publicUrl);
  app.get('/asyncapi.json', describeRoute({ hide: true }), (c) => c.json(socketDescription));

  const files = webRoot === undefined ? () => undefined : webApp(webRoot);
  app.notFound((c) => files(c) ?? failure(c, 'not_found'));
  app.onError((error, c) => {
    if (error instanceof Refused) return failure(c, error.reason, error.details);
    if (error instanceof TooManyHashes) return failure(c, 'overloaded', { retryAfterMs: 5_000 });
    const correlationId = randomUUID();
    log.error({ err: error, correlationId, method: c.req.method, route: c.req.routePath }, 'a request failed');
    return failure(c, 'internal', { correlationId });
  });
  return app;
}

/** Pages may load only what is ours, and nobody may frame them. */
function protectiveHeaders(publicUrl: string) {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'", 'ws:', 'wss:'],
      mediaSrc: ["'self'", 'blob:', 'mediastream:'],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
    permissionsPolicy: { camera: ['self'], microphone: ['self'], displayCapture: ['self'], geolocation: [] },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    // Avatars and answers are for the pages of other allowed origins too; those are let in by CORS.
    crossOriginResourcePolicy: 'cross-origin',
    strictTransportSecurity: publicUrl.startsWith('https:') ? 'max-age=31536000' : false,
  });
}

/** Tokens come in a header and never in a cookie, so no credentials are let through. */
function allowOrigins(allowed: readonly string[]) {
  return cors({
    origin: (origin) => (allowed.includes(origin) ? origin : null),
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowHeaders: ['Authorization', 'Content-Type', 'Accept-Language'],
    exposeHeaders: ['Retry-After'],
    maxAge: 600,
  });
}

function healthRoutes(app: App, ready: () => boolean): void {
  openOperation(
    app,
    { method: 'get', path: '/livez', summary: 'Whether the process answers', data: 'nothing' },
    () => ({}),
  );
  openOperation(
    app,
    {
      method: 'get',
      path: '/readyz',
      summary: 'Whether new work is welcome',
      data: 'nothing',
      refusals: ['draining'],
    },
    () => {
      if (!ready()) throw new Refused('draining');
      return {};
    },
  );
}

function avatarRoute(app: App): void {
  const described = describeRoute({
    summary: 'The picture of an `avatar` path',
    parameters: [{ name: 'file', in: 'path', required: true, schema: { type: 'string' } }],
    responses: {
      200: { description: 'An SVG document.', content: { 'image/svg+xml': { schema: { type: 'string' } } } },
      404: {
        description: `\`not_found\`: ${ERROR_MEANINGS.not_found}`,
        content: { 'application/json': { schema: { $ref: FAILURE_REF } } },
      },
    },
  });
  app.get('/avatars/:file', described, (c) => {
    const word = /^([a-z0-9]{1,32})\.svg$/.exec(c.req.param('file'))?.[1];
    if (word === undefined) return failure(c, 'not_found');
    c.header('Content-Type', 'image/svg+xml');
    // A name means one picture for ever.
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(avatarSvg(word));
  });
}

function describeApi(app: App): Promise<object> {
  return generateSpecs(app, {
    excludeStaticFile: false,
    documentation: {
      openapi: '3.1.0',
      info: {
        title: 'Ringdown',
        version: '1',
        description: 'People, ICE servers and call history. Calls run over `/ws`, described at `/asyncapi.json`.',
      },
      components: {
        schemas: { Failure: jsonSchema(RestFailure) },
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    },
  });
}
