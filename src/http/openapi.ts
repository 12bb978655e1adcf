import { z } from 'zod'
import { errorStatus } from './errors'
import type { ErrorCode } from './errors'
import type { Route } from './routes'
import { requests, responses } from './schemas'
import type { ResponseName } from './schemas'

export type Described = Omit<Route, 'handle'>

/** What can be asked beside the routes: this document, and the stream of new verdicts. */
export const describedApart: readonly Described[] = [
  {
    method: 'GET',
    path: '/openapi.json',
    role: 'open',
    summary: 'This document.',
    params: requests.nothing,
    query: requests.nothing,
    answer: { status: 200, type: 'application/json; charset=utf-8', schema: 'Document' },
    errors: [],
  },
  {
    method: 'GET',
    path: '/api/v1/events',
    role: 'viewer',
    summary:
      'New verdicts as server-sent events: event "verdict", data a VerdictSummary, id its position. With the header ' +
      'last-event-id it begins behind that one. An event "gap" tells positions that were left out.',
    params: requests.nothing,
    query: requests.told,
    answer: { status: 200, type: 'text/event-stream; charset=utf-8' },
    errors: ['bad-cursor', 'too-many-listeners', 'standing-unreachable'],
  },
]

/** The document of the API, made of the schemas that requests are checked by. */
export function documentOf(routes: readonly Described[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of [...routes, ...describedApart]) {
    const path = (paths[route.path.replace(/:(\w+)/g, '{$1}')] ??= {})
    path[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'assay',
      version,
      description:
        'What assay says of accounts and clusters. Reading needs no token unless the service is set up so; changing anything ' +
        'does. A requirement names the role of the token: viewer, analyst or operator, each with all that the one before may do.',
    },
    paths,
    components: {
      schemas: componentSchemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  }
}

function operationOf({
  summary,
  params,
  query,
  body,
  role,
  changes = false,
  answer,
  errors,
}: Described): object {
  const { status, type, schema } = answer
  return {
    summary,
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: inline(body) } } } }),
    // Where nothing is changed, no token may do as well: the empty requirement.
    ...(role === 'open' ? {} : { security: [{ token: [role] }, ...(changes ? [] : [{}])] }),
    responses: {
      [status]: {
        description: summary,
        content: { [type]: { schema: schema === undefined ? { type: 'string' } : referenceTo(schema) } },
      },
      ...(schema === 'Readiness' ? { 503: { description: 'Not ready.', content: asJson(schema) } } : {}),
      ...errorResponses([
        ...errors,
        ...(role === 'open' ? [] : accessErrors),
        ...(changes ? changeErrors : []),
        ...anywhere,
      ]),
    },
  }
}

const accessErrors: readonly ErrorCode[] = [
  'token-missing',
  'token-unknown',
  'token-expired',
  'role-too-low',
  'tokens-unreadable',
]
const changeErrors: readonly ErrorCode[] = ['read-only', 'bad-body', 'too-long', 'wrong-media-type']
const anywhere: readonly ErrorCode[] = [
  'bad-request',
  'bad-query',
  'too-slow',
  'url-too-long',
  'too-many-requests',
  'headers-too-long',
  'internal',
]

/** One entry a status, which names every code that comes with it. */
function errorResponses(codes: readonly ErrorCode[]): Record<string, object> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    byStatus.set(errorStatus[code], [...(byStatus.get(errorStatus[code]) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [status, { description: of.join(', '), content: asJson('Error') }]),
  )
}

function parametersOf(schema: z.ZodObject, where: 'path' | 'query'): object[] {
  const { properties = {}, required = [] } = inline(schema) as {
    properties?: Record<string, { description?: string }>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: where,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

function asJson(schema: ResponseName): object {
  return { 'application/json; charset=utf-8': { schema: referenceTo(schema) } }
}

function referenceTo(schema: ResponseName): object {
  return { $ref: `#/components/schemas/${schema}` }
}

/** What a sender may write: defaults and numbers in text are the reader's business. */
function inline(schema: z.ZodType): object {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', override: numbers }))
}

/** A number in a query is text that reads as one; as input it would be anything. */
function numbers({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: object }): void {
  if (zodSchema._zod.def.type !== 'number') return
  Object.assign(jsonSchema, plain(z.toJSONSchema(zodSchema, { io: 'output' })))
}

function componentSchemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>()
  for (const [name, schema] of Object.entries(responses)) registry.add(schema, { id: name })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (name) => `#/components/schemas/${name}`,
    io: 'output',
  })
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, plain(schema)]))
}

/** Without what a schema says of itself when it stands alone. */
function plain(schema: object): object {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema' && name !== '$id'))
}
