import rateLimit from '@fastify/rate-limit'
import Fastify from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isIP } from 'node:net'
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
import { accessOf } from './access'
import type { Access, AccessOptions, Caller, Needed } from './access'
import { addConsole, consoleAddresses } from './console-files'
import { ApiError, apiErrorFrom, longestUrl } from './errors'
import type { ErrorCode } from './errors'
import type { FlowCounts } from './flow'
import { limitConnections, membersOf, networkOf, usualLimits } from './limits'
import type { HttpLimits } from './limits'
import { LiveEvents, seenPosition } from './live-events'
import { describedApart, documentOf } from './openapi'
import { OtherStatus, routesOf } from './routes'
import type { Route } from './routes'
import { requests } from './schemas'

export interface HttpOptions extends AccessOptions {
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
  readonly limits?: Partial<HttpLimits>
  /** Proxies of our own, as addresses and networks: who asks through them is whom they name in `x-forwarded-for`. */
  readonly trustedProxies?: readonly string[]
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
  const limits = { ...usualLimits, ...options.limits }
  const access = accessOf(options)
  const isProxy = membersOf(options.trustedProxies ?? [])
  const app = Fastify({
    trustProxy: isProxy,
    bodyLimit: 65_536,
    // Longer ids than any are refused by our own check, with its words.
    routerOptions: { maxParamLength: longestUrl },
    forceCloseConnections: 'idle',
    keepAliveTimeout: limits.keepAliveMs,
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.unreadMs,
    http: {
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersMs),
      maxHeaderSize: 16_384,
    },
    clientErrorHandler: brokenRequestAnswer(limits),
    frameworkErrors: (error, _request, reply) => {
      protect(reply)
      answerError(error, reply, onError)
    },
  })
  // It is there without being asked for.
  app.removeContentTypeParser('text/plain')
  limitConnections(app.server, limits, isProxy)
  const live = new LiveEvents(standing, { limits })
  const routes = routesOf(options)
  const addresses = [
    ...[...routes, ...describedApart].map(({ method, path }) => ({ method, path })),
    ...(options.console === undefined ? [] : consoleAddresses).map((path) => ({ method: 'GET', path })),
  ]
  app.decorateRequest('asking')
  app.addHook('onRequest', (request, reply, done) => {
    protect(reply)
    const fault = faultOf(request, addresses)
    if (fault === undefined) request.asking = askingOf(request, access)
    done(fault)
  })
  await app.register(rateLimit, {
    timeWindow: 1_000,
    keyGenerator: ({ asking }) => asking.key,
    max: ({ asking }) => (asking.refusal === undefined ? limits.requestsPerSecond : limits.refusalsPerSecond),
    errorResponseBuilder: (_request, { max }) =>
      new ApiError('too-many-requests', 'too many requests at once; try again in a second', {
        expected: `at most ${max} a second`,
      }),
  })
  // Behind the limit, so that guesses are counted, and before the body: who may not send much shall not.
  app.addHook('preParsing', (request, _reply, payload, done) => {
    done(request.asking.refusal ?? null, payload)
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
  addRoutes(app, { routes, limits })
  addDocument(app, routes)
  addLiveEvents(app, { live, access })
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

const endsWithinMs = 3_000

/** Who asks, whom that counts as, and why they may not; either `caller` or `refusal` is there. */
interface Asking {
  readonly caller?: Caller
  readonly key: string
  readonly refusal?: ApiError
}

declare module 'fastify' {
  interface FastifyRequest {
    asking: Asking
  }
  // What a route says of itself; one that says nothing is the operator's.
  interface FastifyContextConfig {
    role?: Needed['role']
    changes?: boolean
  }
}

function askingOf(request: FastifyRequest, access: Access): Asking {
  const address = networkOf(addressOf(request))
  const { role = 'operator', changes = false } = request.routeOptions.config
  try {
    const caller = access(request.headers.authorization, { role, changes })
    return { caller, key: caller.hasToken ? `token ${caller.name ?? ''}` : `address ${address}` }
  } catch (error) {
    if (error instanceof ApiError) return { key: `refused ${address}`, refusal: error }
    throw error
  }
}

/** Who asks. A proxy that names no address is the one who asks, so that nobody is counted under a name of their choice. */
function addressOf({ ip, socket }: FastifyRequest): string {
  return isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip
}

function addRoutes(
  app: FastifyInstance,
  { routes, limits }: { readonly routes: readonly Route[]; readonly limits: HttpLimits },
): void {
  for (const route of routes) {
    const { method, path, answer, role, changes = false } = route
    const rateLimit = changes ? { max: limits.changesPerSecond } : isProbe(path) ? false : undefined
    app.route({
      method,
      url: path,
      config: { role, changes, ...(rateLimit === undefined ? {} : { rateLimit }) },
      handler: async (request, reply) => {
        const answered = await route.handle({
          params: checked(route.params, request.params, 'bad-query'),
          query: checked(route.query, request.query, 'bad-query'),
          body: route.body === undefined ? undefined : checked(route.body, request.body, 'bad-body'),
          caller: request.asking.caller!,
        })
        const isOther = answered instanceof OtherStatus
        reply.code(isOther ? answered.status : answer.status).type(answer.type)
        return isOther ? answered.body : answered
      },
    })
  }
}

/** What watches the process must always have its answer. */
function isProbe(path: string): boolean {
  return path === '/livez' || path === '/readyz'
}

function addDocument(app: FastifyInstance, routes: readonly Route[]): void {
  const text = JSON.stringify(documentOf(routes, '1'))
  app.get('/openapi.json', { config: { role: 'open' } }, (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(text),
  )
}

function addLiveEvents(
  app: FastifyInstance,
  { live, access }: { readonly live: LiveEvents; readonly access: Access },
): void {
  const needed: Needed = { role: 'viewer' }
  // The answer to HEAD would never end.
  app.get('/api/v1/events', { exposeHeadRoute: false, config: needed }, async (request, reply) => {
    const lastEventId = request.headers['last-event-id']
    const seen = seenPosition(Array.isArray(lastEventId) ? lastEventId.join() : lastEventId)
    const { lang } = checked(requests.told, request.query, 'bad-query')
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value!)
    const { authorization } = request.headers
    await live.add(reply.raw, {
      seen,
      caller: request.asking.key,
      language: lang,
      // A token may be revoked, or come to its end, while its stream goes on.
      isAllowed: () => isAllowed(access, authorization, needed),
    })
    reply.hijack()
  })
}

function isAllowed(access: Access, authorization: string | undefined, needed: Needed): boolean {
  try {
    access(authorization, needed)
    return true
  } catch {
    return false
  }
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
function brokenRequestAnswer(limits: HttpLimits): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const tooSlow = new ApiError('too-slow', 'the request did not come in time', {
    expected: `headers within ${limits.headersMs / 1_000} s, everything within ${limits.requestMs / 1_000} s`,
  })
  const brokenBy: Readonly<Record<string, ApiError>> = {
    HPE_HEADER_OVERFLOW: headersTooLong,
    ERR_HTTP_REQUEST_TIMEOUT: tooSlow,
  }
  return (error, socket) => {
    answerBroken(socket, brokenBy[error.code ?? ''] ?? noRequest)
  }
}

const headersTooLong = new ApiError('headers-too-long', 'the headers are too long', {
  expected: 'at most 16 kB',
})
const noRequest = new ApiError('bad-request', 'this is no request of HTTP/1.1')

function answerBroken(socket: Socket, answer: ApiError): void {
  if (socket.destroyed || !socket.writable) return
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

/** Nothing here is meant to be framed, sniffed, cached or to load anything. */
const securityHeaders = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

function protect(reply: FastifyReply): void {
  void reply.headers(securityHeaders)
}
