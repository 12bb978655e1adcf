import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AddressInfo, Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'
import type { Registry } from 'prom-client'
import type { z } from 'zod'
import type { NamedReport } from '../backtest/report'
import type { StructuredWhyNot } from '../explain/why-not'
import type { Language } from '../explain/words/words'
import type { ClusterEvents } from '../model/cluster'
import type { Feedback } from '../model/records'
import type { Policy } from '../policy/policy'
import type { StandingReader } from '../store/standing'
import type { ClusterTies } from '../views/network/ties-of'
import { addConsole, consoleAddresses } from './console-files'
import { ApiError, apiErrorFrom } from './errors'
import type { ErrorCode } from './errors'
import type { FlowCounts } from './flow'
import { LiveEvents, seenPosition } from './live-events'
import { describedApart, documentOf } from './openapi'
import { OtherStatus, routesOf } from './routes'
import type { Route } from './routes'
import { requests } from './schemas'
import { checkTokens } from './tokens'
import type { CheckToken } from './tokens'

export interface HttpOptions {
  /** Default 127.0.0.1: who opens it to a network says so. */
  readonly host?: string
  /** 0 takes a free one. */
  readonly port: number
  readonly standing: StandingReader
  /** Why the service is not ready, one sentence each; none when it is. */
  readonly readiness: () => readonly string[]
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>
  /** The one in force; undefined while nobody here decides. */
  readonly policy: () => Policy | undefined
  /** SHA-256 of each token that may change something, in hexadecimal. Without any, nothing can be changed. */
  readonly tokens: readonly string[]
  /** Takes what a reviewer said; resolves when it is safe. Without it feedback is answered with 501. */
  readonly feedback?: (feedback: Feedback) => Promise<void>
  readonly whyNot?: WhyNotProvider
  /** Reports of back-tests, newest first. */
  readonly backtests?: readonly NamedReport[]
  /** What ties the members of a cluster now; undefined where nobody here knows of it. */
  readonly ties?: (clusterId: string) => ClusterTies | undefined
  /** What happened to a cluster until now; undefined where nobody here knows of it. */
  readonly clusterEvents?: (clusterId: string) => ClusterEvents | undefined
  /** What came in so far and what waits. Without it, it is answered with 501. */
  readonly flow?: () => FlowCounts
  /** The folder of the console that the build made; without it there is none. */
  readonly console?: string
  /** The moment at which standings are judged: the clock, or the event time of a demonstration. */
  readonly nowMs?: () => number
  /** Told of every request that was answered: its route as it is declared, and the class of the status, such as `2xx`. */
  readonly onAnswered?: (answered: { route: string; status: string; seconds: number }) => void
  /** Told of every error that is a bug; its sender learns nothing of it. */
  readonly onError?: (error: unknown) => void
}

/** Says why an account has no verdict; undefined when nothing was measured of it. */
export type WhyNotProvider = (accountId: string, language: Language) => StructuredWhyNot | undefined

export interface HttpServer {
  readonly address: AddressInfo
  /** Ends live events, lets requests end for a moment, and closes. */
  close(): Promise<void>
}

/** Serves health, metrics, the API and the console; resolves when it listens. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const { host = '127.0.0.1', port, standing, onAnswered, onError = () => undefined } = options
  const app = Fastify({
    bodyLimit: 65_536,
    // Longer ids than any are refused by our own check, with its words.
    routerOptions: { maxParamLength: longestUrl },
    forceCloseConnections: 'idle',
    keepAliveTimeout: 30_000,
    requestTimeout: 10_000,
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => {
      protect(reply)
      answerError(error, reply, onError)
    },
  })
  app.server.maxConnections = 1_024
  const live = new LiveEvents(standing)
  const routes = routesOf(options)
  const addresses = [
    ...[...routes, ...describedApart].map(({ method, path }) => ({ method, path })),
    ...(options.console === undefined ? [] : consoleAddresses).map((path) => ({ method: 'GET', path })),
  ]
  await app.register(rateLimit, { global: false })
  app.addHook('onRequest', (request, reply, done) => {
    protect(reply)
    done(faultOf(request, addresses))
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none'
    const status = `${Math.floor(reply.statusCode / 100)}xx`
    onAnswered?.({ route, status, seconds: reply.elapsedTime / 1_000 })
    done()
  })
  app.setErrorHandler((error, _request, reply) => {
    answerError(error, reply, onError)
  })
  addRoutes(app, { routes, checkToken: checkTokens(options.tokens) })
  addDocument(app, routes)
  addLiveEvents(app, live)
  if (options.console !== undefined) addConsole(app, options.console)
  await app.listen({ host, port })
  return {
    address: app.server.address() as AddressInfo,
    close: async () => {
      live.close()
      const lastResort = setTimeout(() => {
        app.server.closeAllConnections()
      }, endsWithinMs)
      await app.close()
      clearTimeout(lastResort)
    },
  }
}

const longestUrl = 2_048
const endsWithinMs = 3_000

function addRoutes(
  app: FastifyInstance,
  { routes, checkToken }: { routes: readonly Route[]; checkToken: CheckToken },
): void {
  for (const route of routes) {
    const { method, path, answer, needsToken = false } = route
    app.route({
      method,
      url: path,
      ...(needsToken ? { config: { rateLimit: changesPerSecond } } : {}),
      // Before the body is read: who may not change anything shall not send much either.
      preParsing: (request, _reply, payload, done) => {
        try {
          if (needsToken) checkToken(request.headers.authorization)
          done(null, payload)
        } catch (error) {
          done(error as Error)
        }
      },
      handler: async (request, reply) => {
        const answered = await route.handle({
          params: checked(route.params, request.params, 'bad-query'),
          query: checked(route.query, request.query, 'bad-query'),
          body: route.body === undefined ? undefined : checked(route.body, request.body, 'bad-body'),
        })
        const isOther = answered instanceof OtherStatus
        reply.code(isOther ? answered.status : answer.status).type(answer.type)
        return isOther ? answered.body : answered
      },
    })
  }
}

const changesPerSecond = {
  max: 10,
  timeWindow: 1_000,
  errorResponseBuilder: () =>
    new ApiError('too-many-requests', 'too many changes at once; try again in a second', {
      expected: 'at most 10 a second',
    }),
}

function addDocument(app: FastifyInstance, routes: readonly Route[]): void {
  const text = JSON.stringify(documentOf(routes, '1'))
  app.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(text))
}

function addLiveEvents(app: FastifyInstance, live: LiveEvents): void {
  // The answer to HEAD would never end.
  app.get('/api/v1/events', { exposeHeadRoute: false }, async (request, reply) => {
    const lastEventId = request.headers['last-event-id']
    const seen = seenPosition(Array.isArray(lastEventId) ? lastEventId.join() : lastEventId)
    const { lang } = checked(requests.told, request.query, 'bad-query')
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!)
    await live.add(reply.raw, seen, lang)
    reply.hijack()
  })
}

/** What is wrong with a request before anybody looks at what it asks for. */
function faultOf(
  request: FastifyRequest,
  addresses: readonly { readonly method: string; readonly path: string }[],
): ApiError | undefined {
  if (request.url.length > longestUrl) {
    return new ApiError('url-too-long', 'the address is too long', {
      expected: `at most ${longestUrl} characters`,
    })
  }
  if (!request.is404) return undefined
  const [path = ''] = request.url.split('?')
  const allowed = addresses.filter((one) => patternOf(one.path).test(path)).map(({ method }) => method)
  if (allowed.length === 0) {
    return new ApiError('unknown-route', 'there is nothing at this address', {
      expected: 'what /openapi.json lists',
    })
  }
  return new ApiError('wrong-method', `this address does not take ${request.method}`, {
    expected: allowed.join(' or '),
    headers: { allow: allowed.join(', ') },
  })
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`)
}

/** What was sent, as its schema says it is; an error names the first thing that is wrong, never the value. */
function checked<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  code: ErrorCode,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  const name = path.join('.')
  throw new ApiError(codeFor(name) ?? code, name === '' ? message : `${name} is not what it should be`, {
    expected: message,
  })
}

function codeFor(name: string): ErrorCode | undefined {
  if (name === 'cursor') return 'bad-cursor'
  return name.endsWith('Id') ? 'bad-id' : undefined
}

function answerError(error: unknown, reply: FastifyReply, onError: (error: unknown) => void): void {
  const answer = apiErrorFrom(error)
  if (answer.code === 'internal') onError(error)
  void reply
    .code(answer.status)
    .headers(answer.more.headers ?? {})
    .type('application/json; charset=utf-8')
    .send(answer.body)
}

/** Answers what is no request, or none that ends, in the one shape of errors, and hangs up. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.destroyed || !socket.writable) return
  const answer = brokenBy[error.code ?? ''] ?? new ApiError('bad-request', 'this is no request of HTTP/1.1')
  const body = JSON.stringify(answer.body)
  const headers = {
    ...securityHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]!}\r\n${head.join('')}\r\n${body}`)
  // Whoever does not even read this answer shall not keep the connection.
  setTimeout(() => socket.destroy(), 1_000).unref()
}

const brokenBy: Readonly<Record<string, ApiError>> = {
  HPE_HEADER_OVERFLOW: new ApiError('headers-too-long', 'the headers are too long', {
    expected: 'at most 16 kB',
  }),
  ERR_HTTP_REQUEST_TIMEOUT: new ApiError('too-slow', 'the request did not come in time', {
    expected: 'headers within 5 s, everything within 10 s',
  }),
}

/** Nothing here is meant to be framed, sniffed, cached or to load anything. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

function protect(reply: FastifyReply): void {
  void reply.headers(securityHeaders)
}
