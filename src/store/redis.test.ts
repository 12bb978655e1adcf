import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { RedisClient } from './redis'
import { connectRedis, keyPart, redisSettingsSchema } from './redis'

const clients: RedisClient[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect()
})
function connect(settings: object, tell: (sentence: string) => void = () => undefined): RedisClient {
  const client = connectRedis(redisSettingsSchema.parse(settings), tell)
  clients.push(client)
  return client
}

it.each([
  [{ urls: ['redis://a', 'redis://b'] }, /one Redis server was expected, got 2 urls; set mode to cluster/],
  [{ urls: ['http://a'] }, /named like redis:\/\/host:6379/],
  [{ urls: ['redis://a/x'] }, /named like redis:\/\/host:6379/],
  [{ urls: ['redis://a/2'], mode: 'cluster' }, /has database 0 only/],
  [{ urls: ['redis://a'], mode: 'sentinel' }, /the name of the master is needed/],
  [
    { urls: ['redis://a'], master: 'm' },
    /the name of the master is needed with mode sentinel, and only there/,
  ],
  [
    { urls: ['redis://a'], password: 'canary' },
    /would go to a unencrypted; use rediss:\/\/, or set allowPlaintext/,
  ],
  [{ urls: ['redis://:canary@a'] }, /would go to a unencrypted/],
  [{ urls: ['redis://:canary@'] }, /named like/],
])('%j is refused in words that mend it and show no password', (settings, words) => {
  expect(() => connect(settings)).toThrow(words)
  expect(() => connect(settings)).not.toThrow(/canary/)
})

it('a password goes to its own machine, encrypted, or where it is allowed', () => {
  for (const settings of [
    { urls: ['redis://:canary@127.0.0.1:1'] },
    { urls: ['redis://[::1]:1'], password: 'canary' },
    { urls: ['rediss://redis.invalid'], password: 'canary' },
    { urls: ['redis://redis.invalid'], password: 'canary', allowPlaintext: true },
  ]) {
    expect(connect(settings).status).toBe('connecting')
  }
})

it('a server that is not there is told once, by its address, and asked again and again', async () => {
  const told: string[] = []
  const client = connect({ urls: ['redis://:canary@127.0.0.1:1'] }, (sentence) => told.push(sentence))
  for (let tries = 0; tries < 3; tries++) await new Promise((resolve) => client.once('reconnecting', resolve))
  expect(told).toEqual([
    'Redis at 127.0.0.1:1 does not answer (connect ECONNREFUSED 127.0.0.1:1); it is tried again until it does',
  ])
  // It is refused at once, and not kept until the server comes or the time for an answer is over.
  await expect(client.get('x')).rejects.toThrow('enableOfflineQueue')
})

it('a server that refuses writes is left once, however many writes it refused', async () => {
  let connections = 0
  const replica = createServer((socket) => {
    const isFirst = ++connections === 1
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const command of text.split(/\r\n(?=\*)/)) {
        if (/\binfo\b/i.test(command)) socket.write('$0\r\n\r\n')
        else socket.write(isFirst && command.includes('set') ? '-READONLY it is a replica\r\n' : '+OK\r\n')
      }
    })
  })
  await once(replica.listen(0, '127.0.0.1'), 'listening')
  const { port } = replica.address() as AddressInfo
  const client = connect({ urls: [`redis://127.0.0.1:${port}`] })
  await once(client, 'ready')
  const hangUp = jest.spyOn(client, 'disconnect')
  const writes = client.pipeline()
  for (let key = 0; key < 30; key++) writes.set(`${key}`, 'x')
  for (const [error] of (await writes.exec())!) expect(error!.message).toMatch(/^READONLY/)
  expect(hangUp).toHaveBeenCalledTimes(1)
  await once(client, 'ready')
  expect([await client.set('a', 'x'), connections]).toEqual(['OK', 2])
  client.disconnect()
  await once(replica.close(), 'close')
})

it('an id in a key is plain text, and another id is another key', () => {
  const ids = ['a', 'a b', 'a%20b', 'a\r\n', 'a:b', '{a}', '名', '*', '__proto__']
  const parts = ids.map(keyPart)
  expect(new Set(parts).size).toBe(ids.length)
  for (const part of parts) expect(part).toMatch(/^[\w!'()*.~%-]+$/)
})
