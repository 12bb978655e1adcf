import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { startServed } from '../../test/support/served'
import { lineOf, verdictOf } from '../../test/support/standing-promises'
import { MemoryStanding } from '../store/standing-memory'
import { usualLimits } from './limits'
import { LiveEvents } from './live-events'
import type { HttpServer } from './server'

let standing: MemoryStanding
let server: HttpServer
beforeEach(async () => {
  standing = new MemoryStanding()
  server = await startServed({ standing, limits: { listenersPerCaller: 100 } })
})
const listeners: Listener[] = []
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.stop()
  await server.close()
})

interface Listener {
  readonly text: string
  readonly isOver: Promise<unknown>
  readonly socket: Socket
  /** Resolves when something has been heard. */
  hears(what: string): Promise<void>
  stop(): void
}

function listen(headers: Record<string, string> = {}, query = ''): Listener {
  const socket = connect(server.address.port, server.address.address).setEncoding('utf8')
  let text = ''
  socket.on('data', (part: string) => (text += part))
  socket.on('error', () => undefined)
  const lines = Object.entries({ host: 'a', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`GET /api/v1/events${query} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const listener: Listener = {
    get text() {
      return text
    },
    socket,
    isOver: once(socket, 'close'),
    hears: async (what) => {
      // What was looked through is not looked through again: some hear megabytes.
      for (let from = 0; text.indexOf(what, from) < 0;) {
        from = Math.max(0, text.length - what.length)
        await once(socket, 'data', { signal: AbortSignal.timeout(5_000) })
      }
    },
    stop: () => socket.destroy(),
  }
  listeners.push(listener)
  return listener
}

let applied = 0
beforeEach(() => (applied = 0))
async function raise(count: number, changes: object = {}): Promise<void> {
  const records = Array.from({ length: count }, () => {
    const verdictId = `v-${applied}`
    return lineOf(verdictOf({ verdictId, ...changes, accountId: `a-${applied++}` }))
  })
  await standing.apply({ log: 'verdicts', from: applied - count, records })
}

const idsIn = ({ text }: Listener) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))

it('tells every listener of new verdicts, each once, with its position as the id', async () => {
  await raise(2)
  const [one, other] = [listen(), listen()]
  await Promise.all([one.hears('retry: 2000'), other.hears('retry: 2000')])
  await raise(2)
  await Promise.all([one.hears('id: 3'), other.hears('id: 3')])
  await raise(1)
  await one.hears('id: 4')
  expect(idsIn(one)).toEqual([2, 3, 4])
  expect(one.text).toMatch(/^HTTP\/1\.1 200 OK\r\n.*x-content-type-options: nosniff.*: text\/event-stream/s)
  expect(one.text).toMatch(/id: 2\nevent: verdict\ndata: \{"verdictId":"v-2".*"position":2\}\n\n/)
})

it('tells each listener in its language', async () => {
  const [english, chinese, none] = [listen(), listen({}, '?lang=zh'), listen({}, '?lang=no')]
  await Promise.all([english.hears('retry'), chinese.hears('retry'), none.hears('"bad-query"')])
  await raise(1)
  await Promise.all([english.hears('id: 0'), chinese.hears('id: 0')])
  expect(english.text).toContain('80 of 100 clicks are not by an audience')
  expect(chinese.text).toContain('该时段共计100次点击')
})

it('tells one that comes back what it missed', async () => {
  await raise(5)
  const listener = listen({ 'last-event-id': '1' })
  await listener.hears('id: 4')
  expect(idsIn(listener)).toEqual([2, 3, 4])
})

it('tells one that missed too much the newest five hundred, and what it left out', async () => {
  await raise(700)
  const listener = listen({ 'last-event-id': '9' })
  await listener.hears('id: 699')
  expect(listener.text).toContain('event: gap\ndata: {"from":10,"to":199}\n\n')
  expect([idsIn(listener).length, idsIn(listener)[0]]).toEqual([500, 200])
})

it('tells one that is ahead of the log what comes from now on', async () => {
  await raise(2)
  const listener = listen({ 'last-event-id': '900' })
  await listener.hears('retry')
  await raise(1)
  await listener.hears('id: 2')
  expect(idsIn(listener)).toEqual([2])
})

it.each(['-1', 'x', '1e3', '9'.repeat(16)])('refuses %j as the id of an event', async (id) => {
  const listener = listen({ 'last-event-id': id, connection: 'close' })
  await listener.isOver
  expect(listener.text).toMatch(/^HTTP\/1\.1 400 .*"bad-cursor"/s)
})

it('holds little for a listener that does not read, and tells it the rest when it does', async () => {
  const listener = listen()
  await listener.hears('retry')
  listener.socket.pause()
  const asked = jest.spyOn(standing, 'verdictsAfter')
  const sentence = 'a long sentence '.repeat(2_000)
  await raise(400, { elements: [{ ...verdictOf().elements[0], sentence }] })
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  // 13 MB wait, of which the kernel takes some; it is still asked from where the listener has got to.
  expect(asked.mock.lastCall![0]).toBeLessThan(390)
  listener.socket.resume()
  await listener.hears('id: 399')
  expect(idsIn(listener)).toEqual(Array.from({ length: 400 }, (_, position) => position))
})

it('lets a listener go that takes nothing for sixty looks', async () => {
  const live = new LiveEvents(standing, { limits: usualLimits, lookMs: 5, beatMs: 10_000 })
  const events = new EventEmitter()
  const write = jest.fn(() => true)
  const response = Object.assign(events, {
    writableLength: 0,
    writeHead: () => undefined,
    write,
    destroy: () => events.emit('close'),
  })
  await live.add(response as unknown as ServerResponse, { seen: undefined, caller: 'a' })
  response.writableLength = 2_000_000
  await raise(1)
  await once(response, 'close')
  expect(write).toHaveBeenCalledTimes(1)
  expect(live.count).toBe(0)
})

it.each(['it hangs up', 'the server closes'] as const)(
  'keeps nothing of a listener when %s while the store is asked',
  async (what) => {
    const live = new LiveEvents(standing, { limits: usualLimits, lookMs: 5 })
    let answer = (): void => undefined
    jest.spyOn(standing, 'verdicts').mockReturnValue(
      new Promise((resolve) => {
        answer = () => {
          resolve({ items: [], next: null })
        }
      }),
    )
    const asked = jest.spyOn(standing, 'verdictsAfter')
    const response = Object.assign(new EventEmitter(), {
      destroyed: false,
      destroy: () => (response.destroyed = true),
    })
    const added = live.add(response as unknown as ServerResponse, { seen: undefined, caller: 'a' })
    if (what === 'it hangs up') {
      response.destroy()
      response.emit('close')
    } else {
      live.close()
    }
    answer()
    await added
    expect([live.count, response.destroyed]).toEqual([0, true])
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(asked).not.toHaveBeenCalled()
  },
)

it('serves a hundred listeners and tells the next one to come later', async () => {
  const first = Array.from({ length: 100 }, () => listen())
  await Promise.all(first.map((listener) => listener.hears('retry')))
  const next = listen({ connection: 'close' })
  await next.isOver
  expect(next.text).toMatch(/^HTTP\/1\.1 503 .*retry-after: 10.*"too-many-listeners"/s)
  first[0]!.stop()
  await first[0]!.isOver
  await listen().hears('retry')
})

it('goes on when the store was away for a while, and nobody has missed anything', async () => {
  const listener = listen()
  await listener.hears('retry')
  const away = jest.spyOn(standing, 'verdictsAfter').mockRejectedValue(new Error('away'))
  await raise(1)
  await new Promise((resolve) => setTimeout(resolve, 1_200))
  expect(away).toHaveBeenCalled()
  away.mockRestore()
  await listener.hears('id: 0')
})

it('asks the store once for all listeners, and not at all while there are none', async () => {
  const asked = jest.spyOn(standing, 'verdictsAfter')
  const some = [listen(), listen(), listen()]
  await Promise.all(some.map((listener) => listener.hears('retry')))
  asked.mockClear()
  const startMs = performance.now()
  await new Promise((resolve) => setTimeout(resolve, 2_500))
  // Once a second, of which the first may be about to end.
  expect(asked.mock.calls.length).toBeLessThanOrEqual(1 + (performance.now() - startMs) / 1_000)
  for (const listener of some) listener.stop()
  await Promise.all(some.map((listener) => listener.isOver))
  await new Promise((resolve) => setTimeout(resolve, 100))
  asked.mockClear()
  await new Promise((resolve) => setTimeout(resolve, 1_500))
  expect(asked).not.toHaveBeenCalled()
})

it('ends all events when the server closes', async () => {
  const listener = listen()
  await listener.hears('retry')
  await server.close()
  await listener.isOver
  expect(listener.text).toMatch(/0\r\n\r\n$/)
})
