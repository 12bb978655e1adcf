import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { UnreachableError } from '../../model/errors'
import { Secret } from '../../settings/secret'
import { RegistryClient } from './registry-client'
import type { RegistrySettings } from './registry-client'

/** A server that answers as no registry should. */
let server: Server
let requests: IncomingMessage[]

beforeEach(async () => {
  requests = []
  server = createServer((request, response) => {
    requests.push(request)
    answers[request.url!.split('/')[1]!]!(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const answers: Record<string, (response: ServerResponse) => void> = {
  good: (response) => response.end('{"schema": "{}"}'),
  hang: () => undefined,
  drip: (response) => {
    const timer = setInterval(() => response.write(' '), 50)
    response.on('close', () => {
      clearInterval(timer)
    })
  },
  redirect: (response) => response.writeHead(302, { location: '/good/schemas/ids/1' }).end(),
  large: (response) => response.end(`{"schema": "${'x'.repeat(2_000_000)}"}`),
  page: (response) => response.end('<html>canary-page</html>'),
  missing: (response) => response.writeHead(404).end('nothing here'),
  refuse: (response) => response.writeHead(401).end('{"error_code": 40101, "message": "canary-message"}'),
  fail: (response) => response.writeHead(500).end('{"error_code": 50001, "message": "canary-message"}'),
  unknown: (response) => response.writeHead(404).end('{"error_code": 40403, "message": "no such id"}'),
}

function client(path: string, more: Partial<RegistrySettings> = {}): RegistryClient {
  const { port } = server.address() as AddressInfo
  return new RegistryClient({
    url: `http://127.0.0.1:${port}/${path}`,
    timeoutMs: 60_000,
    username: undefined,
    password: undefined,
    token: new Secret('canary-token'),
    ...more,
  })
}

describe('a registry', () => {
  // Neither ever ends by itself.
  it.each(['hang', 'drip'])('that does "%s" counts as unreachable when its time is over', async (path) => {
    const answer = await client(path, { timeoutMs: 400 }).schemaOf(1)
    expect(answer).toEqual({ kind: 'unreachable', why: 'no answer came in time' })
    expect(requests).toHaveLength(1)
  })

  it.each([
    ['redirect', 'it sends us elsewhere (status 302)'],
    ['large', 'it cannot be reached (ERR_BAD_RESPONSE)'],
    ['page', 'something else answers there'],
    ['missing', 'something else answers there'],
    ['refuse', 'it refuses who we are (status 401)'],
    ['fail', 'it failed (status 500, code 50001)'],
  ])('that does "%s" counts as unreachable at its first answer', async (path, why) => {
    expect(await client(path).schemaOf(1)).toEqual({ kind: 'unreachable', why })
    expect(requests).toHaveLength(1)
  })

  it('that fails is asked once: whoever asks knows when to ask again', async () => {
    await client('fail').schemaOf(1)
    expect(requests).toHaveLength(1)
  })

  it('that cannot be connected to is unreachable', async () => {
    const answer = await client('good', { url: 'http://127.0.0.1:1' }).schemaOf(1)
    expect(answer).toEqual({ kind: 'unreachable', why: 'it cannot be reached (ECONNREFUSED)' })
  })

  it('that does not know says so; for a GUID any 404 will do, since not every registry has them', async () => {
    expect(await client('unknown').schemaOf(1)).toEqual({ kind: 'unknown' })
    expect(await client('missing').schemaOf('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0')).toEqual({
      kind: 'unknown',
    })
  })

  it('that hangs on one question answers another meanwhile', async () => {
    const registry = client('hang')
    let isOver = false
    void registry.schemaOf(1).then(() => (isOver = true))
    while (requests.length === 0) await new Promise(setImmediate)
    answers['hang'] = answers['good']!
    expect((await registry.schemaOf(2)).kind).toBe('schema')
    expect(isOver).toBe(false)
    answers['hang'] = () => undefined
  })

  it.each([
    ['a token', { token: new Secret('t') }, 'Bearer t'],
    ['a password', { token: undefined, username: 'u', password: new Secret('p') }, 'Basic dTpw'],
    ['nothing', { token: undefined }, undefined],
  ])('is told who we are by %s', async (_what, more, expected) => {
    await client('good', more).schemaOf(1)
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([expected])
  })

  it.each(['hang', 'redirect', 'page', 'missing', 'refuse', 'fail'])(
    'that does "%s" throws no secret and nothing that it said',
    async (path) => {
      const error: unknown = await client(path, path === 'hang' ? { timeoutMs: 400 } : {})
        .subjects()
        .catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(UnreachableError)
      expect((error as Error).message).toMatch(/^the schema registry http:\/\/127.* should answer, but /)
      expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/canary/)
    },
  )
})
