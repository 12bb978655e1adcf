import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { startServed, tokenHashOf } from '../support/served'
import { lineOf, verdictOf } from '../support/standing-promises'
import { until } from '../support/waiting'
import type { HttpOptions, HttpServer } from '../../src/http/server'
import { MemoryStanding } from '../../src/store/standing-memory'

const token = 'a-token'
// More than what lies between two ends of a connection that nobody reads from.
const large = 'x'.repeat(64 << 20)

let server: HttpServer
let standing: MemoryStanding
const callers: Caller[] = []

async function serve(options: Partial<HttpOptions> = {}): Promise<void> {
  standing = new MemoryStanding()
  server = await startServed({
    standing,
    registry: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      metrics: () => Promise.resolve(large),
    },
    tokens: [tokenHashOf(token)],
    feedback: () => Promise.resolve(),
    ...options,
  })
}
afterEach(async () => {
  for (const { socket } of callers.splice(0)) socket.destroy()
  await server.close()
})

/** One end of a connection, which says what it likes, and hears what comes. */
interface Caller {
  readonly socket: Socket
  readonly heard: string
  /** Whether the other side hung up. */
  readonly isOver: boolean
  hears(what: string): Promise<void>
  over(): Promise<void>
}

function call(text = ''): Caller {
  const socket = connect(server.address.port, '127.0.0.1').setEncoding('utf8')
  let heard = ''
  let isOver = false
  socket.on('data', (part: string) => (heard += part))
  // Who is hung up on in the middle of a word gets a reset, which is an end like any other.
  socket.on('error', () => undefined)
  socket.on('close', () => {
    isOver = true
  })
  socket.write(text)
  const caller: Caller = {
    socket,
    get heard() {
      return heard
    },
    get isOver() {
      return isOver
    },
    hears: (what) => until(() => heard.includes(what), `${what} should be heard`),
    over: () => until(() => isOver, 'the other side should hang up'),
  }
  callers.push(caller)
  return caller
}

const authorized = `authorization: Bearer ${token}\r\n`
const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nhost: a\r\n${headers}\r\n`
const post = (length: string) =>
  `POST /api/v1/feedback HTTP/1.1\r\nhost: a\r\n${authorized}content-type: application/json\r\n${length}\r\n\r\n`

const statusesOf = ({ heard }: Caller) => [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => code)

it('whoever sends nothing, or drop by drop, is told so and let go; whoever listens is not', async () => {
  await serve({ limits: { headersMs: 300, requestMs: 600 } })
  const listening = call(get('/api/v1/events'))
  await listening.hears('retry')
  const slow = [call(), call('GET /livez HTTP/1.1\r\nhost: a\r\n'), call(`${post('content-length: 900')}{`)]
  const drops = ['', 'x: y\r\n', ' ']
  const dripping = setInterval(() => {
    slow.forEach(({ socket }, at) => socket.write(drops[at]!))
  }, 50)
  try {
    for (const caller of slow) await caller.over()
  } finally {
    clearInterval(dripping)
  }
  for (const { heard } of slow) expect(heard).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*"too-slow"/s)
  await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(verdictOf())] })
  await listening.hears('"verdictId":"v-1"')
})

it('an answer that nobody reads ends its connection', async () => {
  await serve({ limits: { unreadMs: 500, connectionsPerAddress: 1 } })
  const stuck = call(get('/metrics'))
  stuck.socket.pause()
  await until(isServed, 'the one connection should be free again')
  stuck.socket.resume()
  await stuck.over()
  expect(stuck.heard).toMatch(/^HTTP\/1\.1 200 OK/)
  expect(stuck.heard.length).toBeLessThan(large.length)
})

it('one address holds so many connections and no more, and gets one again when it lets one go', async () => {
  await serve({ limits: { connectionsPerAddress: 3 } })
  const first = [1, 2, 3].map(() => call(get('/livez')))
  for (const caller of first) await caller.hears('200 OK')
  expect(await isServed()).toBe(false)
  first[0]!.socket.destroy()
  await until(isServed, 'the connection that was let go should be free again')
})

it('all together hold so many connections and no more, those that come through a proxy included', async () => {
  await serve({ limits: { connections: 3, connectionsPerAddress: 1 }, trustedProxies: ['127.0.0.1'] })
  const first = [1, 2, 3].map(() => call(get('/livez')))
  for (const caller of first) await caller.hears('200 OK')
  expect(await isServed()).toBe(false)
  first[0]!.socket.destroy()
  await until(isServed, 'the connection that was let go should be free again')
})

it('a connection that lies idle between requests is let go', async () => {
  await serve({ limits: { keepAliveMs: 100 } })
  const caller = call(get('/livez'))
  await caller.over()
  expect(statusesOf(caller)).toEqual(['200'])
})

// So many that, however slow the machine is, some of them fall into one second.
const many = 60

it('one caller asks so often within a second, is told so, and keeps nobody else from asking', async () => {
  await serve({ limits: { requestsPerSecond: 1 } })
  const greedy = call(get('/api/v1/verdicts').repeat(many))
  const other = call(get('/api/v1/verdicts', authorized))
  await other.hears('200 OK')
  await until(() => statusesOf(greedy).length === many, 'every request should be answered')
  expect(greedy.heard).toMatch(/429 Too Many Requests\r\n.*retry-after: 1\r\n/s)
  expect(greedy.heard).toContain(
    '{"error":{"code":"too-many-requests","message":"too many requests at once; try again in a second","expected":"at most 1 a second"}}',
  )
  // What watches the process is always answered.
  const probing = call(get('/livez').repeat(many))
  await until(() => statusesOf(probing).length === many, 'every probe should be answered')
  expect(new Set(statusesOf(probing))).toEqual(new Set(['200']))
})

it('behind a proxy that is trusted a caller is whom it names, and nobody chooses who they are', async () => {
  const from = (forwarded: string) => get('/api/v1/verdicts', `x-forwarded-for: ${forwarded}\r\n`)
  await serve({ limits: { requestsPerSecond: 1 }, trustedProxies: ['127.0.0.0/8'] })
  //  caller → proxy, which adds whom it saw → assay
  const callersBehind = Array.from({ length: 20 }, (_, at) => call(from(`192.0.2.${at}`)))
  for (const caller of callersBehind) await caller.hears('200 OK')
  const inventing = call(Array.from({ length: many }, (_, at) => from(`10.0.0.${at}, 203.0.113.7`)).join(''))
  const nameless = call(Array.from({ length: many }, (_, at) => from(`nobody-${at}`)).join(''))
  for (const caller of [inventing, nameless]) {
    await until(() => statusesOf(caller).length === many, 'every request should be answered')
    expect(statusesOf(caller)).toContain('429')
  }
})

it('whom a caller names itself counts for nothing where no proxy is trusted', async () => {
  await serve({ limits: { requestsPerSecond: 1 } })
  const from = (at: number) => get('/api/v1/verdicts', `x-forwarded-for: 192.0.2.${at}\r\n`)
  const inventing = call(Array.from({ length: many }, (_, at) => from(at)).join(''))
  await until(() => statusesOf(inventing).length === many, 'every request should be answered')
  expect(statusesOf(inventing)).toContain('429')
})

it('one caller listens so often at once, and all together so often, and the next is told to come later', async () => {
  await serve({ limits: { listenersPerCaller: 2, listeners: 3 } })
  const stream = get('/api/v1/events')
  const first = [call(stream), call(stream)]
  for (const caller of first) await caller.hears('retry: 2000')
  const third = call(stream)
  await third.hears('"too-many-listeners"')
  expect(third.heard).toMatch(/^HTTP\/1\.1 503 .*retry-after: 10\r\n/s)
  await call(get('/api/v1/events', authorized)).hears('retry: 2000')
  await call(get('/api/v1/events', authorized)).hears('"too-many-listeners"')
  first[0]!.socket.destroy()
  await until(async () => {
    const again = call(stream)
    await until(() => again.heard !== '', 'the stream should be answered')
    return again.heard.includes('200 OK')
  }, 'the stream that was let go should be free again')
})

it.each([
  ['says so first', post('content-length: 10000000000')],
  ['comes piece by piece', post('transfer-encoding: chunked')],
])('a body without end that %s is refused, and no more of it is read', async (_how, head) => {
  await serve()
  const caller = call(head)
  const pouring = setInterval(() => caller.socket.write(`4000\r\n${' '.repeat(0x4000)}\r\n`), 5)
  try {
    await caller.over()
  } finally {
    clearInterval(pouring)
  }
  expect(caller.heard).toMatch(/^HTTP\/1\.1 413 .*"too-long"/s)
})

it('it closes whatever callers leave undone', async () => {
  await serve({ feedback: () => new Promise(() => undefined) })
  const said = JSON.stringify({ verdictId: 'v-1', decision: 'confirmed' })
  await standing.apply({ log: 'verdicts', from: 0, records: [lineOf(verdictOf())] })
  const undone = [
    '',
    'GET /livez HTTP/1.1\r\n',
    `${post('content-length: 900')}{`,
    `${post(`content-length: ${said.length}`)}${said}`,
    get('/metrics'),
    get('/metrics').repeat(5),
    get('/api/v1/events'),
    get('/livez').repeat(2_000),
    'NONSENSE\r\n\r\n',
  ].map(call)
  for (const { socket } of undone) socket.pause()
  await call(get('/livez')).hears('200 OK')
  await server.close()
  for (const { socket } of undone) socket.resume()
  for (const caller of undone) await caller.over()
})

/** Whether one more connection is taken, and not hung up on at once. */
async function isServed(): Promise<boolean> {
  const caller = call(get('/livez'))
  await until(() => caller.isOver || caller.heard !== '', 'it should be answered or hung up on')
  caller.socket.destroy()
  return caller.heard !== ''
}
