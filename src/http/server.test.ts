import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { Counter, Registry } from 'prom-client'
import { z } from 'zod'
import {
  backtestReport,
  eventsOf,
  flow,
  smallStanding,
  startServed,
  tiesOf,
  tokenHashOf,
  urlOf,
} from '../../test/support/served'
import { lineOf, verdictOf } from '../../test/support/standing-promises'
import type { StructuredWhyNot } from '../explain/why-not'
import { atLeast } from '../model/nearest'
import type { Feedback } from '../model/records'
import { UnreachableError } from '../model/errors'
import { StandingUnreachableError } from '../store/standing'
import type { StandingReader } from '../store/standing'
import { MemoryStanding } from '../store/standing-memory'
import { errorStatus } from './errors'
import { responses } from './schemas'
import type { ResponseName } from './schemas'
import type { HttpOptions, HttpServer } from './server'

const token = 'a-secret-of-the-reviewers'
const tokens = ['0'.repeat(64), tokenHashOf(token)]

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** Starts a server over a small copy, changed as a test needs it; gives its address. */
async function serve(changes: Partial<HttpOptions> = {}): Promise<string> {
  const server = await startServed({
    ...{ standing: await smallStanding(), tokens, nowMs: () => 0 },
    ...changes,
  })
  servers.push(server)
  return urlOf(server)
}

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init)
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
  return {
    status: response.status,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : text,
  }
}

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

const codeIn = ({ body }: Answer) => (body as { error: { code: string } }).error.code

describe('the API', () => {
  it('tells of an account its standing, its corrected numbers, its clusters and its verdicts', async () => {
    const { status, body } = await ask(`${await serve()}/api/v1/accounts/daily-bread`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      accountId: 'daily-bread',
      standing: { recommendation: 'limit', until: 10_000_000 },
      counts: { click: { raw: 100, authentic: 20, disputed: 80 } },
      clusters: [{ id: 'c-1', size: 2 }],
      verdicts: [{ verdictId: 'v-steered' }, { verdictId: 'v-1' }],
    })
  })

  it('says of an account that nothing is known of that nothing is recommended', async () => {
    const { status, body } = await ask(`${await serve()}/api/v1/accounts/nobody`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ standing: { recommendation: null, verdicts: [] }, counts: {}, verdicts: [] })
  })

  it('judges a standing at the moment that it is given', async () => {
    const { body } = await ask(`${await serve({ nowMs: () => 10_000_000 })}/api/v1/accounts/daily-bread`)
    expect(body).toMatchObject({ standing: { recommendation: null } })
  })

  it('lists verdicts, filtered and page by page', async () => {
    const base = `${await serve()}/api/v1/verdicts`
    const ids = ({ body }: Answer) =>
      (body as { items: { verdictId: string }[] }).items.map((one) => one.verdictId)
    expect(ids(await ask(base))).toEqual(['v-steered', 'v-1'])
    expect(ids(await ask(`${base}?offence=inflated-clicks`))).toEqual(['v-1'])
    const first = await ask(`${base}?limit=1`)
    expect(ids(first)).toEqual(['v-steered'])
    const { next } = first.body as { next: string }
    const second = await ask(`${base}?limit=1&cursor=${next}`)
    expect(ids(second)).toEqual(['v-1'])
    expect(second.body).toMatchObject({ next: null })
  })

  it('takes an id as it is, whatever is in it', async () => {
    const standing = new MemoryStanding()
    const accountId = '../a/b?c=d#名{1}%00'
    await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(verdictOf({ accountId }))] })
    const { body } = await ask(
      `${await serve({ standing })}/api/v1/accounts/${encodeURIComponent(accountId)}`,
    )
    expect(body).toMatchObject({ accountId, standing: { recommendation: 'warn' } })
  })

  it('is alive while it is not ready, and says why it is not', async () => {
    const base = await serve({ readiness: () => ['Kafka does not answer'] })
    expect(await ask(`${base}/livez`)).toMatchObject({ status: 200, body: { alive: true } })
    expect(await ask(`${base}/readyz`)).toMatchObject({
      status: 503,
      body: { ready: false, reasons: ['Kafka does not answer'] },
    })
    expect(await ask(`${await serve()}/readyz`)).toMatchObject({
      status: 200,
      body: { ready: true, reasons: [] },
    })
  })

  it('shows the metrics of the registry', async () => {
    const registry = new Registry()
    new Counter({ name: 'assay_test_total', help: 'Of this test.', registers: [registry] }).inc(3)
    const { headers, body } = await ask(`${await serve({ registry })}/metrics`)
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(body).toContain('assay_test_total 3')
  })

  it('tells why there is no verdict where somebody knows', async () => {
    const base = await serve({
      whyNot: (accountId) => (accountId === 'daily-bread' ? whyNotOf(accountId) : undefined),
    })
    expect((await ask(`${base}/api/v1/why-not/daily-bread`)).body).toEqual(whyNotOf('daily-bread'))
    expect(await ask(`${base}/api/v1/why-not/nobody`)).toMatchObject({ status: 404 })
  })
})

/** An account of which too few clicks were counted. */
function whyNotOf(accountId: string): StructuredWhyNot {
  const condition = { ...atLeast('count', 3, 30), sentence: '3 events in the window, 30 are needed' }
  const miss = {
    offence: 'inflated-clicks',
    detector: 'inflated-clicks',
    window: { start: 0, end: 1 },
    pValue: 1,
  } as const
  const now = [{ ...miss, conditions: [condition], elements: [] }]
  return { accountId, asOf: 1, now, past: [], exempt: [], verdictIds: [], elsewhere: [] }
}

/** Two accounts that acted together from one device. */
describe('the console', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-console-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html>')
  writeFileSync(join(folder, 'assets/main-1.js'), 'plain')
  writeFileSync(join(folder, 'assets/main-1.js.br'), brotliCompressSync('packed'))
  writeFileSync(join(folder, 'assets/secret.txt'), 'not for anybody')

  it('is at each of its addresses, which survive a reload', async () => {
    const base = await serve({ console: folder })
    for (const path of [
      '/',
      '/accounts/a%2Fb',
      '/verdicts/v-1',
      '/clusters',
      '/clusters/c-1',
      '/policy?a=b',
    ]) {
      const { status, headers, body } = await ask(base + path)
      expect([path, status, body]).toEqual([path, 200, '<!doctype html>'])
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(headers.get('cache-control')).toBe('no-cache')
      const tag = headers.get('etag')!
      for (const held of [tag, `W/${tag}`, `"another", ${tag}`]) {
        const again = await ask(base + path, { headers: { 'if-none-match': held } })
        expect([again.status, again.body]).toEqual([304, ''])
      }
      expect((await ask(base + path, { headers: { 'if-none-match': '"another"' } })).status).toBe(200)
    }
  })

  it('keeps what never changes, compressed for whoever takes that', async () => {
    const base = `${await serve({ console: folder })}/assets/main-1.js`
    const packed = await ask(base, { headers: { 'accept-encoding': 'gzip, br' } })
    expect([packed.body, packed.headers.get('content-encoding')]).toEqual(['packed', 'br'])
    expect(packed.headers.get('cache-control')).toContain('immutable')
    const plain = await ask(base, { headers: { 'accept-encoding': 'br;q=0, gzip' } })
    expect([plain.body, plain.headers.get('content-encoding')]).toEqual(['plain', null])
  })

  it.each([
    '/assets/secret.txt',
    '/assets/..%2Findex.html',
    '/assets/main-0.js',
    '/accounts',
    '/accounts/a/b',
  ])('has nothing at %s', async (path) => {
    const answer = await ask((await serve({ console: folder })) + path)
    expect([answer.status, codeIn(answer)]).toEqual([404, 'unknown-route'])
  })

  it('takes nothing, and is not there where no folder is named', async () => {
    const taken = await post((await serve({ console: folder })) + '/policy', {})
    expect([taken.status, codeIn(taken)]).toEqual([405, 'wrong-method'])
    expect(codeIn(await ask((await serve()) + '/'))).toBe('unknown-route')
  })
})

describe('what the console asks for', () => {
  it('tells a verdict in both languages, by all its revisions', async () => {
    const standing = new MemoryStanding()
    const revisions = [verdictOf(), verdictOf({ revision: 2, status: 'escalated', detectedAt: 7_200_000 })]
    await standing.apply({ log: 'verdicts', from: 0, records: revisions.map(lineOf) })
    const base = `${await serve({ standing })}/api/v1/verdicts`
    const historyOf = async (language: string) => {
      const { body } = await ask(`${base}/v-1/explanation?lang=${language}`)
      const { sections } = body as z.output<typeof responses.Explanation>
      return sections.find(({ name }) => name === 'history')!.items.map(({ text }) => text)
    }
    expect(await historyOf('en')).toEqual([
      expect.stringContaining('1970-01-01 01:00'),
      expect.stringContaining('1970-01-01 02:00'),
    ])
    expect(await historyOf('zh')).toEqual([
      expect.stringContaining('首次认定'),
      expect.stringContaining('升级'),
    ])
    expect((await ask(`${base}/v-9/explanation`)).status).toBe(404)
    expect((await ask(`${base}/v-1/explanation?lang=xx`)).status).toBe(400)
  })

  it('says in which settings another policy differs, and what is wrong with one', async () => {
    const base = `${await serve()}/api/v1/policy/comparison`
    expect((await post(base, {}, { authorization: '' })).body).toMatchObject({ differences: [] })
    const { body } = await post(base, { version: 'bold', oneWrongIn: 50 })
    expect(body).toMatchObject({
      inForce: 'default-1',
      other: 'bold',
      differences: [
        { setting: 'version', before: 'default-1', after: 'bold' },
        {
          setting: 'oneWrongIn',
          before: 1000,
          after: 50,
          meaning: expect.stringContaining('may be wrong') as string,
        },
      ],
    })
    const wrong = await post(base, { oneWrongIn: 1 })
    expect([wrong.status, codeIn(wrong)]).toEqual([400, 'bad-body'])
  })

  it('says what was found in the language that is asked for, in lists as in the explanation', async () => {
    const sentence = 'Made by nobody.'
    const share = {
      ...{ element: 'false-traffic', observed: 0.9, expected: 0.1, pValue: 1e-9, sentence },
      test: "share of shared-device, beta-binomial against the platform and the account's own past",
    }
    const standing = new MemoryStanding()
    const told = verdictOf({ verdictId: 'v-told', accountId: 'told', elements: [share] })
    await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(told)] })
    const base = `${await serve({ standing })}/api/v1`
    interface Told {
      readonly headline: string
    }
    const headlinesOf = async (lang: string): Promise<string[]> => {
      const page = (await ask(`${base}/verdicts?limit=1&lang=${lang}`)).body as { items: [Told] }
      const account = (await ask(`${base}/accounts/told?lang=${lang}`)).body as { verdicts: [Told] }
      const all = (await ask(`${base}/accounts/told/verdicts?lang=${lang}`)).body as { items: [Told] }
      const whole = (await ask(`${base}/verdicts/v-told/explanation?lang=${lang}`)).body as Told
      return [page.items[0], account.verdicts[0], all.items[0], whole].map(({ headline }) => headline)
    }
    const english = await headlinesOf('en')
    expect(new Set(english.slice(0, 3))).toEqual(new Set([expect.stringContaining(sentence)]))
    const chinese = await headlinesOf('zh')
    expect(new Set(chinese).size).toBe(1)
    expect(chinese[0]).toMatch(/^该时段共计100次点击：真实20，存疑80。.*90 ?%.*通常为10 ?%。$/)
    expect(chinese[0]).not.toContain(sentence)
  })

  it('tells the history of a cluster as it is known here, else as the latest verdict had it', async () => {
    const clusterId = 'c-1'
    const path = '/api/v1/clusters/c-1/history'
    const there = await serve({ clusterEvents: eventsOf })
    expect((await ask(`${there}${path}`)).body).toEqual({ ...eventsOf(clusterId), isOfVerdict: false })
    const elsewhere = await serve({ clusterEvents: () => undefined })
    const events = [{ at: 1, change: 'born', size: 2 }]
    expect((await ask(`${elsewhere}${path}`)).body).toEqual({ clusterId, events, isOfVerdict: true })
  })

  it('does not invent what nobody here knows', async () => {
    const base = `${await serve({ ties: () => undefined })}/api/v1`
    expect(codeIn(await ask(`${base}/clusters/c-1/ties`))).toBe('unknown-cluster')
    expect(codeIn(await ask(`${base}/clusters/c-9/history`))).toBe('unknown-cluster')
    expect((await ask(`${base}/policy/backtests`)).body).toEqual({ items: [] })
    expect(codeIn(await ask(`${base}/flow`))).toBe('not-provided')
    expect(codeIn(await ask(`${await serve()}/api/v1/clusters/c-1/ties`))).toBe('not-provided')
  })
})

describe('the document of the API', () => {
  interface Document {
    readonly paths: Record<string, Record<string, Operation>>
    readonly components: { readonly schemas: Record<string, object> }
  }
  interface Operation {
    readonly parameters: { name: string; in: string; schema: object }[]
    readonly responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>
  }

  /** Every GET with what to ask for; another route is missed by the test below. */
  const questions: Record<string, string> = {
    '/livez': '/livez',
    '/readyz': '/readyz',
    '/metrics': '/metrics',
    '/openapi.json': '/openapi.json',
    '/api/v1/verdicts': '/api/v1/verdicts?mode=live&limit=1',
    '/api/v1/verdicts/{verdictId}': '/api/v1/verdicts/v-steered',
    '/api/v1/accounts/{accountId}': '/api/v1/accounts/daily-bread',
    '/api/v1/accounts/{accountId}/verdicts': '/api/v1/accounts/weekly-bread/verdicts',
    '/api/v1/accounts/{accountId}/corrections':
      '/api/v1/accounts/daily-bread/corrections?kind=click&fromMs=0',
    '/api/v1/clusters': '/api/v1/clusters',
    '/api/v1/clusters/{clusterId}': '/api/v1/clusters/c-1',
    '/api/v1/policy': '/api/v1/policy',
    '/api/v1/why-not/{accountId}': '/api/v1/why-not/daily-bread?lang=zh',
    '/api/v1/verdicts/{verdictId}/explanation': '/api/v1/verdicts/v-1/explanation?lang=zh',
    '/api/v1/clusters/{clusterId}/ties': '/api/v1/clusters/c-1/ties',
    '/api/v1/clusters/{clusterId}/history': '/api/v1/clusters/c-1/history',
    '/api/v1/policy/backtests': '/api/v1/policy/backtests',
    '/api/v1/flow': '/api/v1/flow',
  }

  /** A check by the schema in the document alone, as another program would make it. */
  function checkOf(document: Document, reference: string): z.ZodType {
    const local = JSON.stringify({ $ref: reference, $defs: document.components.schemas })
    return z.fromJSONSchema(
      JSON.parse(local.replaceAll('#/components/schemas/', '#/$defs/')) as z.core.JSONSchema.JSONSchema,
    )
  }

  it('describes every answer as it is', async () => {
    const told = { ties: tiesOf, backtests: [backtestReport], flow: () => flow }
    const base = await serve({ whyNot: whyNotOf, ...told })
    const document = (await ask(`${base}/openapi.json`)).body as Document
    const gets = Object.entries(document.paths).filter(([path]) => path !== '/api/v1/events')
    for (const [path, { get }] of gets) {
      if (get === undefined) continue
      const { status, headers, body } = await ask(`${base}${questions[path]!}`)
      const reference = get.responses[status]!.content![headers.get('content-type')!]!.schema.$ref
      if (reference === undefined) continue
      const name = reference.split('/').at(-1) as ResponseName
      expect([path, responses[name].safeParse(body).error]).toEqual([path, undefined])
      expect([path, checkOf(document, reference).safeParse(body).error]).toEqual([path, undefined])
      // What the schema does not name would be noticed.
      const changed = { ...(body as object), unheardOf: 1 }
      if (name !== 'Document')
        expect([path, checkOf(document, reference).safeParse(changed).success]).toEqual([path, false])
    }
    const described = gets.filter(([, { get }]) => get !== undefined).map(([path]) => path)
    expect(described.sort()).toEqual(Object.keys(questions).sort())
  })

  it('describes errors and feedback as they are', async () => {
    const base = await serve({ feedback: () => Promise.resolve() })
    const document = (await ask(`${base}/openapi.json`)).body as Document
    const missing = await ask(`${base}/api/v1/verdicts/v-9`)
    const { responses: ofVerdict } = document.paths['/api/v1/verdicts/{verdictId}']!['get']!
    expect(ofVerdict[missing.status]!.content!['application/json; charset=utf-8']!.schema.$ref).toMatch(
      /Error$/,
    )
    expect(checkOf(document, '#/components/schemas/Error').safeParse(missing.body).success).toBe(true)
    const taken = await post(`${base}/api/v1/feedback`, {
      verdictId: 'v-1',
      decision: 'confirmed',
      actorId: 'r',
    })
    const { responses: ofFeedback } = document.paths['/api/v1/feedback']!['post']!
    const { $ref } = ofFeedback[taken.status]!.content!['application/json; charset=utf-8']!.schema
    expect(checkOf(document, $ref!).safeParse(taken.body).success).toBe(true)
  })

  it('names parameters with their types and bounds', async () => {
    const document = (await ask(`${await serve()}/openapi.json`)).body as Document
    const { parameters } = document.paths['/api/v1/verdicts']!['get']!
    expect(parameters.find(({ name }) => name === 'limit')).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    })
    expect(document.paths['/api/v1/accounts/{accountId}']!['get']!.parameters).toEqual([
      expect.objectContaining({ name: 'accountId', in: 'path', required: true }),
      expect.objectContaining({ name: 'lang', in: 'query', required: false }),
    ])
  })
})

it('does not say that a policy is in force while nobody here decides', async () => {
  const answer = await ask(`${await serve({ policy: () => undefined })}/api/v1/policy`)
  expect([answer.status, codeIn(answer)]).toEqual([503, 'unreachable'])
})

describe('what is asked wrongly', () => {
  const long = 'x'.repeat(257)
  it.each([
    ['/nowhere', 'unknown-route'],
    ['/api/v1/', 'unknown-route'],
    ['/api/v1/verdicts/v-9', 'unknown-verdict'],
    ['/api/v1/clusters/c-9', 'unknown-cluster'],
    ['/api/v1/why-not/daily-bread', 'not-provided'],
    [`/api/v1/accounts/${long}`, 'bad-id'],
    [`/api/v1/verdicts/${long}`, 'bad-id'],
    ['/api/v1/accounts/%ff', 'bad-request'],
    ['/api/v1/verdicts?cursor=nonsense', 'bad-cursor'],
    ['/api/v1/verdicts?cursor=', 'bad-cursor'],
    [`/api/v1/verdicts?cursor=${'p'.repeat(600)}`, 'bad-cursor'],
    ['/api/v1/accounts/a/corrections?cursor=k1234', 'bad-cursor'],
    ['/api/v1/verdicts?limit=0', 'bad-query'],
    ['/api/v1/verdicts?limit=many', 'bad-query'],
    ['/api/v1/verdicts?limit=1&limit=2', 'bad-query'],
    ['/api/v1/verdicts?offence=theft', 'bad-query'],
    ['/api/v1/verdicts?unheardOf=1', 'bad-query'],
    ['/livez?unheardOf=1', 'bad-query'],
    [`/api/v1/verdicts?offence=${'x'.repeat(2_100)}`, 'url-too-long'],
    [`/api/v1/accounts/${'x'.repeat(2_100)}`, 'url-too-long'],
  ] as const)('%.60s is answered with %s', async (path, code) => {
    const answer = await ask(`${await serve()}${path}`)
    expect([answer.status, codeIn(answer)]).toEqual([errorStatus[code], code])
    expect(responses.Error.safeParse(answer.body).error).toBeUndefined()
  })

  it('a method that an address does not take is told which ones it takes', async () => {
    const base = await serve()
    for (const method of ['POST', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const answer = await ask(`${base}/api/v1/verdicts/v-1`, { method })
      expect([method, answer.status, codeIn(answer)]).toEqual([method, 405, 'wrong-method'])
      expect(answer.headers.get('allow')).toBe('GET')
    }
    expect((await ask(`${base}/api/v1/feedback`)).headers.get('allow')).toBe('POST')
    expect((await ask(`${base}/api/v1/events`, { method: 'HEAD' })).status).toBe(405)
  })

  it('a store that does not answer is no bug, and one that is tells nothing of the inside', async () => {
    const failing = (error: Error) =>
      Object.assign(new MemoryStanding(), { verdict: () => Promise.reject(error) }) as StandingReader
    const lost = await ask(
      `${await serve({ standing: failing(new StandingUnreachableError('10.0.0.7')) })}/api/v1/verdicts/v-1`,
    )
    expect([lost.status, codeIn(lost), lost.headers.get('retry-after')]).toEqual([
      503,
      'standing-unreachable',
      '1',
    ])
    expect(JSON.stringify(lost.body)).not.toContain('10.0.0.7')

    const errors: unknown[] = []
    const bug = new TypeError('secret of the inside')
    const base = await serve({ standing: failing(bug), onError: (error) => errors.push(error) })
    const answer = await ask(`${base}/api/v1/verdicts/v-1`)
    expect([answer.status, codeIn(answer)]).toEqual([500, 'internal'])
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|TypeError|server\.ts/)
    expect(errors).toEqual([bug])
  })
})

it('every answer is protected, errors and broken requests included', async () => {
  const base = await serve()
  const paths = [
    '/livez',
    '/metrics',
    '/openapi.json',
    '/api/v1/policy',
    '/nowhere',
    '/%ff',
    '/api/v1/verdicts/v-9',
  ]
  for (const path of paths) {
    const { headers } = await ask(base + path)
    expect([path, headers.get('content-security-policy')]).toEqual([
      path,
      "default-src 'none'; frame-ancestors 'none'",
    ])
    expect([path, headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual([
      path,
      'nosniff',
      'no-store',
    ])
  }
  const broken = await raw(base, 'NONSENSE\r\n\r\n')
  expect(broken).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*content-security-policy/s)
  expect(broken).toContain('{"error":{"code":"bad-request"')
  const large = await raw(base, `GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)
  expect(large).toMatch(/^HTTP\/1\.1 431 .*"headers-too-long"/s)
})

describe('feedback', () => {
  const said = { verdictId: 'v-1', decision: 'overturned', actorId: 'reviewer-3' }

  it('is handed on as an event of the account', async () => {
    const given: Feedback[] = []
    const base = await serve({ nowMs: () => 77, feedback: (one) => Promise.resolve(void given.push(one)) })
    const answer = await post(`${base}/api/v1/feedback`, said)
    const { eventId } = answer.body as { eventId: string }
    expect(answer.status).toBe(202)
    expect(given).toEqual([{ ...said, eventId, occurredAt: 77, accountId: 'daily-bread' }])
    expect((await post(`${base}/api/v1/feedback`, { ...said, eventId: 'mine' })).body).toEqual({
      eventId: 'mine',
    })
  })

  it.each([
    ['no token', { authorization: '' }, 'token-missing'],
    ['another scheme', { authorization: `Basic ${token}` }, 'token-missing'],
    ['an unknown token', { authorization: 'Bearer guess' }, 'token-unknown'],
    ['the hash of a token', { authorization: `Bearer ${tokens[1]!}` }, 'token-unknown'],
  ])('is refused with %s, before it is read', async (_what, headers, code) => {
    const feedback = jest.fn(() => Promise.resolve())
    const answer = await post(`${await serve({ feedback })}/api/v1/feedback`, 'not even JSON', headers)
    expect([answer.status, codeIn(answer)]).toEqual([401, code])
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(feedback).not.toHaveBeenCalled()
  })

  it('is taken from nobody where no token is set up', async () => {
    const answer = await post(
      `${await serve({ tokens: [], feedback: () => Promise.resolve() })}/api/v1/feedback`,
      said,
    )
    expect([answer.status, codeIn(answer)]).toEqual([403, 'read-only'])
  })

  it.each([
    ['{', 'bad-body'],
    ['', 'bad-body'],
    ['[]', 'bad-body'],
    ['{"__proto__":{"admin":true}}', 'bad-body'],
    [JSON.stringify({ ...said, decision: 'maybe' }), 'bad-body'],
    [JSON.stringify({ ...said, unheardOf: 1 }), 'bad-body'],
    [JSON.stringify({ ...said, verdictId: 7 }), 'bad-id'],
    [JSON.stringify({ ...said, verdictId: 'v-9' }), 'unknown-verdict'],
    [JSON.stringify({ ...said, actorId: '\ud800' }), 'bad-id'],
    [JSON.stringify({ ...said, actorId: 'x'.repeat(70_000) }), 'too-long'],
  ] as const)('%.50s is answered with %s', async (body, code) => {
    const feedback = jest.fn(() => Promise.resolve())
    const answer = await post(`${await serve({ feedback })}/api/v1/feedback`, body)
    expect([answer.status, codeIn(answer)]).toEqual([errorStatus[code], code])
    expect(feedback).not.toHaveBeenCalled()
  })

  it('is taken as JSON alone, and says so', async () => {
    const base = await serve()
    for (const type of ['text/xml', 'text/plain', 'application/x-www-form-urlencoded']) {
      const answer = await post(`${base}/api/v1/feedback`, 'a=b', { 'content-type': type })
      expect([type, answer.status, codeIn(answer)]).toEqual([type, 415, 'wrong-media-type'])
    }
  })

  it('is not lost silently when nobody takes it, or who takes it is away', async () => {
    expect(codeIn(await post(`${await serve()}/api/v1/feedback`, said))).toBe('not-provided')
    const feedback = () => Promise.reject(new UnreachableError('broker 10.0.0.7 is down'))
    const answer = await post(`${await serve({ feedback })}/api/v1/feedback`, said)
    expect([answer.status, codeIn(answer)]).toEqual([503, 'unreachable'])
    expect(JSON.stringify(answer.body)).not.toContain('10.0.0.7')
  })

  it.each([
    ['a change', { changesPerSecond: 2 }, token],
    // Where something is changed the limit of changes holds for whoever asks.
    ['a guess at a token', { changesPerSecond: 2 }, 'guess'],
  ])('comes so often within a second and no more: %s', async (_what, limits, shown) => {
    const base = await serve({ feedback: () => Promise.resolve(), limits })
    // So many that, however slow the machine is, more than two fall into one second.
    const startMs = performance.now()
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        post(`${base}/api/v1/feedback`, said, { authorization: `Bearer ${shown}` }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    const taken = shown === token ? 202 : 401
    expect(new Set(statuses)).toEqual(new Set([taken, 429]))
    // Two in each of the seconds that it took, the first and the last of which are begun.
    const seconds = Math.floor((performance.now() - startMs) / 1_000) + 2
    expect(statuses.filter((status) => status === taken).length).toBeLessThanOrEqual(2 * seconds)
  })

  it('needs tokens by their hashes, and never shows what was set instead', async () => {
    await expect(serve({ tokens: ['plain-text-token'] })).rejects.toThrow(/SHA-256 in 64 hexadecimal digits/)
    await expect(serve({ tokens: ['plain-text-token'] })).rejects.not.toThrow(/plain-text-token/)
  })
})

it('closes while a request is on its way, and answers it first', async () => {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  let arrive: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  const cluster = () => {
    arrive()
    return held.then(() => undefined)
  }
  const base = await serve({ standing: Object.assign(await smallStanding(), { cluster }) })
  const asking = ask(`${base}/api/v1/clusters/c-1`)
  await arrived
  const closing = servers.splice(0)[0]!.close()
  release()
  expect((await asking).status).toBe(404)
  await closing
  await expect(fetch(`${base}/livez`)).rejects.toThrow()
})

it('listens to its own machine alone unless it is told otherwise', async () => {
  await serve()
  expect(servers[0]!.address.address).toBe('127.0.0.1')
})

/** Sends bytes as they are and gives what comes until the connection ends. */
async function raw(base: string, text: string): Promise<string> {
  const { hostname, port } = new URL(base)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  let answer = ''
  socket.on('data', (part: string) => (answer += part))
  socket.on('error', () => undefined)
  socket.write(text)
  await once(socket, 'close')
  return answer
}
