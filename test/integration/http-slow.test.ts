import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { Registry } from 'prom-client'
import { startHttp } from '../../src/http/server'
import type { HttpServer } from '../../src/http/server'
import { defaultPolicy } from '../../src/policy/policy'
import { MemoryStanding } from '../../src/store/standing-memory'

const token = 'a-token'
let server: HttpServer
beforeAll(async () => {
  server = await startHttp({
    port: 0,
    standing: new MemoryStanding(),
    readiness: () => [],
    registry: new Registry(),
    policy: () => defaultPolicy,
    tokens: [createHash('sha256').update(token).digest('hex')],
  })
})
afterAll(() => server.close())

/** Sends bytes, then one more every now and then, until the other side hangs up; gives what it answered and when. */
async function drip(text: string, drop: string): Promise<{ answer: string; afterMs: number }> {
  const startMs = performance.now()
  const socket = connect(server.address.port, server.address.address).setEncoding('utf8')
  let answer = ''
  socket.on('data', (part: string) => (answer += part))
  socket.on('error', () => undefined)
  socket.write(text)
  const dripping = setInterval(() => socket.write(drop), 500)
  await once(socket, 'close')
  clearInterval(dripping)
  return { answer, afterMs: performance.now() - startMs }
}

/** Listens until the server has said that it is still there. */
async function listen(): Promise<void> {
  const stopping = new AbortController()
  const url = `http://${server.address.address}:${server.address.port}/api/v1/events`
  const response = await fetch(url, { signal: stopping.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  for (let heard = ''; !heard.includes('still here');) {
    const { value, done } = await reader.read()
    if (done) throw new Error(`the events ended after ${heard}`)
    heard += value
  }
  stopping.abort()
}

it('whoever sends nothing, or drop by drop, is told so and let go; whoever listens is not', async () => {
  const head = (method: string, path: string) => `${method} ${path} HTTP/1.1\r\nhost: a\r\n`
  const body = `content-type: application/json\r\ncontent-length: 900\r\nauthorization: Bearer ${token}\r\n\r\n{`
  const listening = listen()
  const results = await Promise.all([
    drip('', ''),
    drip(head('GET', '/livez'), 'x: y\r\n'),
    drip(head('POST', '/api/v1/feedback') + body, ' '),
  ])
  for (const { answer } of results) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*"code":"too-slow"/s)
  }
  const [nothing, headers, whole] = results.map(({ afterMs }) => afterMs)
  expect(Math.max(nothing!, headers!)).toBeLessThan(8_000)
  expect(whole).toBeLessThan(13_000)
  await expect(listening).resolves.toBeUndefined()
})
