import { clusterVerdictOf, correctionOf, lineOf, verdictOf } from '../../test/support/standing-promises'
import { backtestReport, flow, startServed, tiesOf, tokenHashOf } from '../../test/support/served'
import type { StructuredWhyNot } from '../explain/why-not'
import type { HttpOptions, HttpServer } from '../http/server'
import type { Feedback } from '../model/records'
import { defaultPolicy } from '../policy/policy'
import { MemoryStanding } from '../store/standing-memory'
import { AssayClient, AssayUnreachableError, itemsOf } from '.'
import type { ClientOptions, LiveEvent } from '.'

jest.setTimeout(60_000)

const token = 'a-secret-of-the-reviewers'
let standing: MemoryStanding
let server: HttpServer
let feedback: Feedback[]

beforeEach(async () => {
  standing = new MemoryStanding()
  feedback = []
  server = await serve()
})
afterEach(() => server.close())

function serve(changes: Partial<HttpOptions> = {}): Promise<HttpServer> {
  return startServed({
    standing,
    tokens: [tokenHashOf(token)],
    feedback: (one) => Promise.resolve(void feedback.push(one)),
    flow: () => flow,
    backtests: [backtestReport],
    ties: (clusterId) => (clusterId === 'c-1' ? tiesOf(clusterId) : undefined),
    whyNot: (accountId) => (accountId === 'daily-bread' ? whyNot : undefined),
    nowMs: () => 0,
    ...changes,
  })
}

const whyNot: StructuredWhyNot = {
  accountId: 'daily-bread',
  asOf: 1,
  now: [],
  past: [],
  exempt: [],
  verdictIds: [],
  elsewhere: [],
}

function clientOf(options: Partial<ClientOptions> = {}): AssayClient {
  return new AssayClient({ baseUrl: `http://127.0.0.1:${server.address.port}`, ...options })
}

let applied = 0
beforeEach(() => (applied = 0))
async function raise(...verdicts: object[]): Promise<void> {
  await standing.apply({ log: 'verdicts', from: applied, records: verdicts.map(lineOf) })
  applied += verdicts.length
}
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => verdictOf({ verdictId: `v-${applied + index}` }))

describe('the client', () => {
  beforeEach(async () => {
    await raise(verdictOf(), clusterVerdictOf(['daily-bread', 'weekly-bread']))
    await standing.apply({ log: 'corrections', from: 0, records: [lineOf(correctionOf())] })
  })

  it('gives what the service says, as what it is', async () => {
    const client = clientOf()
    expect(await client.readiness()).toEqual({ ready: true, reasons: [] })
    expect((await client.verdicts({ offence: 'inflated-clicks' })).items[0]!.verdictId).toBe('v-1')
    expect((await client.verdict('v-1'))!.elements[0]!.sentence).toBe('Most came from few devices.')
    const { standing: now, counts } = await client.account('daily-bread')
    expect([now.recommendation, counts['click']]).toEqual([
      'limit',
      { raw: 100, authentic: 20, disputed: 80 },
    ])
    expect((await client.accountVerdicts('weekly-bread', { limit: 1 })).items[0]!.concern).toBe('member')
    const corrections = await client.accountCorrections('daily-bread', { kind: 'click', fromMs: 0 })
    expect(corrections.items[0]!.authentic).toBe(20)
    expect((await client.clusters()).items[0]!.size).toBe(2)
    expect((await client.cluster('c-1'))!.members).toEqual(['daily-bread', 'weekly-bread'])
    expect((await client.clusterTies('c-1'))!.ties).toHaveLength(2)
    expect((await client.clusterHistory('c-1'))!.events).toHaveLength(1)
    expect((await client.flow()).records).toBe(flow.records)
    expect((await client.policy()).version).toBe(defaultPolicy.version)
    expect((await client.comparePolicy({ version: 'other' })).other).toBe('other')
    expect((await client.backtests()).items[0]!.name).toBe(backtestReport.name)
    expect((await client.explanation('v-1', { lang: 'zh' }))!.language).toBe('zh')
    expect((await client.whyNot('daily-bread'))!.asOf).toBe(1)
  })

  it('says undefined of what there is none of', async () => {
    const client = clientOf()
    expect(await client.verdict('v-9')).toBeUndefined()
    expect(await client.cluster('c-9')).toBeUndefined()
    expect(await client.explanation('v-9')).toBeUndefined()
    expect(await client.clusterTies('c-9')).toBeUndefined()
    expect(await client.clusterHistory('c-9')).toBeUndefined()
    expect(await client.whyNot('nobody')).toBeUndefined()
    expect((await client.account('nobody')).standing.recommendation).toBeNull()
  })

  it('takes an id as it is, whatever is in it', async () => {
    const accountId = '../a/b?c=d#名{1}%00'
    await raise(verdictOf({ verdictId: 'v-odd', accountId }))
    const account = await clientOf().account(accountId)
    expect([account.accountId, account.verdicts[0]!.verdictId]).toEqual([accountId, 'v-odd'])
  })

  it('goes through a list page by page', async () => {
    await raise(...numbered(7))
    const pages = jest.fn((cursor: { cursor?: string }) => clientOf().verdicts({ limit: 4, ...cursor }))
    const ids: string[] = []
    for await (const { verdictId } of itemsOf(pages)) ids.push(verdictId)
    expect(ids).toEqual(['v-8', 'v-7', 'v-6', 'v-5', 'v-4', 'v-3', 'v-2', 'v-steered', 'v-1'])
    expect(pages.mock.calls.length).toBeGreaterThanOrEqual(3)
  })

  it('says that a service is not ready, which is an answer', async () => {
    await server.close()
    server = await serve({ readiness: () => ['Kafka does not answer'] })
    expect(await clientOf().readiness()).toEqual({ ready: false, reasons: ['Kafka does not answer'] })
  })

  it('sends what a reviewer said', async () => {
    const said = { verdictId: 'v-1', decision: 'overturned', actorId: 'reviewer-3', eventId: 'f-1' } as const
    expect(await clientOf({ token }).sendFeedback(said)).toEqual({ eventId: 'f-1' })
    expect(feedback).toEqual([{ ...said, accountId: 'daily-bread', occurredAt: 0 }])
  })

  it('has a method for every address under /api/v1', async () => {
    const asked = new Set<string>()
    const client = clientOf({
      token,
      fetch: (url, init) => {
        const { pathname } = new URL(url)
        asked.add(
          `${init?.method ?? 'GET'} ${pathname.replaceAll(/(?<=(?:s|not)\/)[a-z]+-[\w-]+(?=\/|$)/g, '{}')}`,
        )
        return fetch(url, init)
      },
    })
    await client.verdicts()
    await client.verdict('v-1')
    await client.account('daily-bread')
    await client.accountVerdicts('daily-bread')
    await client.accountCorrections('daily-bread')
    await client.clusters()
    await client.cluster('c-1')
    await client.policy()
    await client.explanation('v-1')
    await client.clusterTies('c-1')
    await client.clusterHistory('c-1')
    await client.flow()
    await client.comparePolicy({ version: 'other' })
    await client.backtests()
    await client.whyNot('daily-bread')
    await client.sendFeedback({ verdictId: 'v-1', decision: 'confirmed', actorId: 'r' })
    for await (const event of client.events({ after: 0 })) if (event.kind === 'verdict') break

    const response = await fetch(`http://127.0.0.1:${server.address.port}/openapi.json`)
    const { paths } = (await response.json()) as { paths: Record<string, object> }
    const described = Object.entries(paths)
      .filter(([path]) => path.startsWith('/api/v1/'))
      .flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '{}')}`),
      )
    expect([...asked].sort()).toEqual(described.sort())
  })
})

describe('what goes wrong', () => {
  const failure = (asked: Promise<unknown>) =>
    asked.then(
      () => undefined,
      (error: unknown) => error,
    )

  it('is an error with the word of the service, its status and what was expected', async () => {
    expect(await failure(clientOf().verdicts({ limit: 0 }))).toMatchObject({
      name: 'AssayError',
      code: 'bad-query',
      status: 400,
      more: { expected: expect.any(String) as string },
    })
    const unknown = clientOf({ token: 'guess' }).sendFeedback({
      verdictId: 'v-1',
      decision: 'confirmed',
      actorId: 'r',
    })
    expect(await failure(unknown)).toMatchObject({ code: 'token-unknown', status: 401 })
  })

  it('says when to come again, where the service says it', async () => {
    await server.close()
    server = await serve({ policy: () => undefined })
    expect(await failure(clientOf().policy())).toMatchObject({ code: 'unreachable', more: {} })
    const error = await failure(clientOf({ fetch: () => Promise.resolve(busy()) }).policy())
    expect(error).toMatchObject({ code: 'too-many-requests', more: { retryAfterMs: 7_000 } })
  })

  it('is told apart when something else answers in the place of the service', async () => {
    const proxy = () =>
      Promise.resolve(new Response('<h1>Bad gateway</h1>', { status: 502, statusText: 'Bad Gateway' }))
    expect(await failure(clientOf({ fetch: proxy }).verdicts())).toMatchObject({
      code: 'unexpected-answer',
      status: 502,
      message: 'an answer of assay was expected, 502 Bad Gateway came; see what stands in between',
    })
  })

  it('is unreachable when nobody listens, or nobody answers in time', async () => {
    const { port } = server.address
    const never: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init!.signal!.addEventListener('abort', () => {
          reject(init!.signal!.reason as Error)
        })
      })
    const late = await failure(clientOf({ fetch: never, timeoutMs: 10 }).verdicts())
    expect(late).toBeInstanceOf(AssayUnreachableError)
    expect((late as Error).message).toContain('did not answer in time')
    await server.close()
    const error = await failure(new AssayClient({ baseUrl: `http://127.0.0.1:${port}` }).verdicts())
    expect(error).toBeInstanceOf(AssayUnreachableError)
    expect((error as Error).message).toContain(`http://127.0.0.1:${port} cannot be reached`)
  })

  it('ends when it is told to, with the reason that it was given', async () => {
    const reason = new Error('somebody pressed the button')
    expect(await failure(clientOf().verdicts({}, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })
})

function busy(): Response {
  return new Response('{"error":{"code":"too-many-requests","message":"too many"}}', {
    status: 429,
    headers: { 'retry-after': '7' },
  })
}

describe('live events', () => {
  it('are heard from now on, or behind a position', async () => {
    await raise(...numbered(3))
    const heard = await hear(clientOf().events({ after: 0 }), 2)
    expect(heard.map(({ position }) => position)).toEqual([1, 2])
    expect(heard[0]!.verdict.verdictId).toBe('v-1')

    let isConnected: () => void
    const connected = new Promise<void>((resolve) => (isConnected = resolve))
    const client = clientOf({
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        isConnected()
        return response
      },
    })
    const next = hear(client.events(), 1)
    await connected
    await raise(...numbered(1))
    expect((await next).map(({ position }) => position)).toEqual([3])
  })

  it('tell of a gap where more was missed than is told again', async () => {
    await raise(...numbered(520))
    for await (const event of clientOf().events({ after: 0 })) {
      expect(event).toEqual({ kind: 'gap', from: 1, to: 19 })
      break
    }
  })

  it('go on behind the last one when the service was away, and nothing is missed or told twice', async () => {
    await raise(...numbered(2))
    const interruptions: Error[] = []
    const { port } = server.address
    const client = clientOf()
    const events = client.events({
      after: 0,
      longestPauseMs: 20,
      onInterruption: (error) => interruptions.push(error),
    })
    const { value } = await events.next()
    expect(value).toMatchObject({ kind: 'verdict', position: 1 })
    await server.close()
    await raise(...numbered(2))
    const rest = hear(events, 2)
    while (interruptions.length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    server = await serve({ port })
    expect((await rest).map(({ position }) => position)).toEqual([2, 3])
    expect(interruptions.every((error) => error instanceof Error)).toBe(true)
  })

  it('are made anew when nothing is heard for too long', async () => {
    const asked: (string | null)[] = []
    const events = clientOf({
      fetch: (_url, init) => {
        asked.push(new Headers(init!.headers).get('last-event-id'))
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            init!.signal!.addEventListener('abort', () => {
              controller.error(init!.signal!.reason)
            })
            controller.enqueue(Buffer.from(streamOf(asked.length)))
          },
        })
        return Promise.resolve(new Response(body))
      },
    }).events({ silentMs: 30, longestPauseMs: 5 })
    expect((await hear(events, 2)).map(({ position }) => position)).toEqual([1, 2])
    expect(asked).toEqual([null, '1'])
  })

  it('end with an error that another try cannot mend', async () => {
    const refused = clientOf().events({ after: 1e20 })
    await expect(refused.next()).rejects.toMatchObject({ code: 'bad-cursor' })
    await expect(refused.next()).resolves.toMatchObject({ done: true })
  })

  it('end when the signal says so, also in a pause', async () => {
    await server.close()
    const stop = new AbortController()
    const reason = new Error('enough')
    const events = clientOf().events({
      signal: stop.signal,
      onInterruption: () => {
        stop.abort(reason)
      },
    })
    await expect(events.next()).rejects.toBe(reason)
  })

  it('leave no connection open when nobody listens any more', async () => {
    await raise(...numbered(2))
    const signals: AbortSignal[] = []
    const client = clientOf({
      fetch: (url, init) => {
        signals.push(init!.signal!)
        return fetch(url, init)
      },
    })
    await hear(client.events({ after: 0 }), 1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })
})

const streamOf = (position: number) =>
  `retry: 1\n\nid: ${position}\nevent: verdict\ndata: {"position":${position}}\n\nevent: news\ndata: of a newer service\n\n`

type VerdictTold = Extract<LiveEvent, { kind: 'verdict' }>

/** Listens until so many verdicts were heard. */
async function hear(events: AsyncGenerator<LiveEvent>, count: number): Promise<VerdictTold[]> {
  const heard: VerdictTold[] = []
  for await (const event of events) {
    if (event.kind === 'verdict') heard.push(event)
    if (heard.length === count) break
  }
  return heard
}
