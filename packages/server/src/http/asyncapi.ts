/** `/asyncapi.json`: the socket described for machines (AsyncAPI 3.0), from the schemas that check the frames. Pure. */
import {
  CLIENT_MESSAGES,
  CLOSE_MEANINGS,
  CLOSES,
  type CloseReason,
  ERROR_MEANINGS,
  ERRORS,
  type ErrorReason,
  EXTENDED_CLIENT_TYPES,
  PLAIN_SERVER_MESSAGES,
  SERVER_MESSAGES,
  WIRE_LIMITS,
} from '@ringdown/protocol';
import { jsonSchema } from './json-schema.ts';

type Frames = Readonly<Record<string, object>>;
interface Ref {
  readonly $ref: string;
}

const PLAIN_CLIENT_MESSAGES: Frames = Object.fromEntries(
  Object.entries(CLIENT_MESSAGES).filter(([type]) => !(EXTENDED_CLIENT_TYPES as readonly string[]).includes(type)),
);

/** The ways to open the socket, each a channel: what is offered, and which frames go either way. */
const SESSIONS = [
  {
    name: 'plain',
    subprotocol: 'ringdown.plain',
    title: 'A plain session',
    description:
      'Everything a client needs to make and take calls. No subprotocol is needed where the token comes in a header or in a first frame.',
    fromClient: PLAIN_CLIENT_MESSAGES,
    fromService: PLAIN_SERVER_MESSAGES as Frames,
  },
  {
    name: 'extended',
    subprotocol: 'ringdown.v1',
    title: 'An extended session',
    description: 'Begins with `hello`. Calls survive lost sockets, and can be changed while they run.',
    fromClient: CLIENT_MESSAGES as Frames,
    fromService: SERVER_MESSAGES as Frames,
  },
] as const;

/**
 * Describes the socket of a service.
 * @param publicUrl where people reach it: scheme, host and port
 * @returns an AsyncAPI 3.0 document, plain JSON. Operations are the service's: it receives what clients send
 */
export function describeSocket(publicUrl: string): object {
  const { protocol, host } = new URL(publicUrl);
  const secure = protocol === 'https:';
  return {
    asyncapi: '3.0.0',
    id: 'urn:ringdown:socket',
    info: {
      title: 'Ringdown',
      version: '1',
      description:
        'Calls between two people. What the frames mean, and when they may be sent, is in PROTOCOL.md of the protocol package; accounts, history and ICE servers are at `/openapi.json`.',
      license: { name: 'MIT' },
      tags: [
        { name: 'client', description: 'sent by a client' },
        { name: 'service', description: 'sent by the service' },
      ],
    },
    defaultContentType: 'application/json',
    servers: {
      service: {
        host,
        protocol: secure ? 'wss' : 'ws',
        description: 'This service. Without a token on the upgrade the first frame must be `auth`.',
        security: ['bearer', 'subprotocol', 'firstFrame'].map((name) => ({
          $ref: `#/components/securitySchemes/${name}`,
        })),
      },
    },
    channels: Object.fromEntries(SESSIONS.map((session) => [session.name, channelOf(session)])),
    operations: Object.assign({}, ...SESSIONS.map(operationsOf)),
    components: {
      messages: Object.assign({}, ...SESSIONS.map(messagesOf)),
      schemas: {
        ErrorReason: {
          title: 'The stable words of `error`',
          oneOf: (Object.keys(ERRORS) as ErrorReason[]).map((reason) => ({
            const: reason,
            title: String(ERRORS[reason].code),
            description: ERROR_MEANINGS[reason],
          })),
        },
        CloseCode: {
          title: 'The codes with which the service closes',
          oneOf: (Object.keys(CLOSES) as CloseReason[]).map((word) => ({
            const: CLOSES[word].code,
            title: word,
            description: CLOSE_MEANINGS[word],
          })),
        },
      },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'an access token on the upgrade' },
        subprotocol: {
          type: 'httpApiKey',
          in: 'header',
          name: 'Sec-WebSocket-Protocol',
          description:
            '`bearer.<token>`, offered beside the subprotocol of the session; the service answers the other one',
        },
        firstFrame: { type: 'userPassword', description: 'the access token in a first frame `auth`, within 5 seconds' },
      },
    },
    'x-errors': ERRORS,
    'x-close-codes': CLOSES,
    'x-limits': WIRE_LIMITS,
  };
}

type SessionKind = (typeof SESSIONS)[number];

function channelOf({ name, subprotocol, title, description, fromClient, fromService }: SessionKind) {
  const refs = (side: 'client' | 'service', frames: Frames) =>
    Object.keys(frames).map((type) => [
      keyOf(side, type),
      { $ref: `#/components/messages/${messageName(name, side, type)}` },
    ]);
  return {
    address: '/ws',
    title,
    description,
    servers: [{ $ref: '#/servers/service' }],
    messages: Object.fromEntries([...refs('client', fromClient), ...refs('service', fromService)]) as Record<
      string,
      Ref
    >,
    bindings: {
      ws: {
        method: 'GET',
        headers: {
          type: 'object',
          properties: {
            'Sec-WebSocket-Protocol': {
              type: 'string',
              description: `\`${subprotocol}\`, and \`bearer.<token>\` unless the token comes otherwise`,
            },
          },
        },
      },
    },
  };
}

/** What the service does on a channel. A request with an `id` is answered on the same one. */
function operationsOf({ name, title, fromClient, fromService }: SessionKind) {
  const channel = { $ref: `#/channels/${name}` };
  const message = (side: 'client' | 'service', type: string) => ({
    $ref: `#/channels/${name}/messages/${keyOf(side, type)}`,
  });
  return {
    [`${name}Receive`]: {
      action: 'receive',
      channel,
      title: `${title}: what a client sends`,
      messages: Object.keys(fromClient).map((type) => message('client', type)),
      reply: {
        channel,
        messages: Object.keys(fromService)
          .filter(isAnswer)
          .map((type) => message('service', type)),
      },
    },
    [`${name}Send`]: {
      action: 'send',
      channel,
      title: `${title}: what the service sends`,
      messages: Object.keys(fromService).map((type) => message('service', type)),
    },
  };
}

/** What a client is answered that gave an `id`. */
function isAnswer(type: string): boolean {
  return type === 'ack' || type === 'error' || type === 'hello' || type === 'pong';
}

function messagesOf({ name, title, fromClient, fromService }: SessionKind) {
  const described = (side: 'client' | 'service', frames: Frames) =>
    Object.entries(frames).map(([type, schema]) => [
      messageName(name, side, type),
      {
        name: type,
        title: `${type}, sent by the ${side}`,
        summary: title,
        contentType: 'application/json',
        tags: [{ name: side }],
        ...(side === 'client' && {
          correlationId: { location: '$message.payload#/id', description: 'repeated by the answer' },
        }),
        payload: jsonSchema(schema),
      },
    ]);
  return Object.fromEntries([...described('client', fromClient), ...described('service', fromService)]) as object;
}

/** Keys may hold no colon. */
function keyOf(side: 'client' | 'service', type: string): string {
  return `${side}.${type.replaceAll(':', '.')}`;
}

function messageName(session: string, side: 'client' | 'service', type: string): string {
  return `${session}.${keyOf(side, type)}`;
}
