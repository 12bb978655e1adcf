import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closeSync, openSync, readFileSync, readdirSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompressionTypes, Partitioners } from 'kafkajs'
import type { Message, Producer } from 'kafkajs'
import type { KafkaClient } from '../../src/log/kafka/client'
import { readDeadLetter } from '../../src/log/kafka/dead-letter-topic'
import type { TopicDeadLetter } from '../../src/log/kafka/dead-letter-topic'
import { scanTopic } from '../../src/log/kafka/scan-topic'
import { ensureTopics } from '../../src/log/kafka/topics'
import { RegistryClient } from '../../src/log/registry/registry-client'
import { maxRecordBytes } from '../../src/model/record'
import { assay, simulated } from '../support/cli'
import { writeEveryCodec } from '../support/codecs'
import { readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { booksOf, metricsOf, missingIn } from '../support/metrics'
import { linesOf } from '../support/outputs'
import { produceBatch } from '../support/raw-produce'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { until } from '../support/waiting'
import { poisonSchemas, topicPoisons } from '../support/topic-poison'
import type { PoisonRecord } from '../support/topic-poison'

/** Hostile records in a real topic, and the whole service before them. */

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
const opened: Installation[] = []
const registries: Server[] = []
let bootstrap: string
let registryUrl: string
let client: KafkaClient
let producer: Producer

beforeAll(async () => {
  ;[{ bootstrap }, { url: registryUrl }] = await Promise.all([shared('kafka'), shared('registry')])
  client = await kafkaClient(bootstrap)
  writeEveryCodec()
  producer = client.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
})
afterEach(async () => {
  for (const installation of opened.splice(0)) await installation.close()
  for (const registry of registries.splice(0)) registry.closeAllConnections()
})
afterAll(() => producer.disconnect())

/** A raw topic that takes what ours would not, and an installation that reads it. */
async function installed(
  partitions: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const installation = new Installation(client, {
    bootstrap,
    partitions,
    env: { ASSAY_REGISTRY_URL: registryUrl, ASSAY_ALLOWED_DEAD_LETTER_SHARE: '1', ...env },
  })
  opened.push(installation)
  const config = { 'retention.ms': '-1', 'max.message.bytes': String(20 << 20) }
  await ensureTopics(client, [{ topic: installation.raw, partitions, replicationFactor: 1, config }])
  return installation
}

async function send(
  topic: string,
  messages: readonly Message[],
  compression: CompressionTypes = CompressionTypes.None,
): Promise<void> {
  await producer.send({ topic, compression, messages: messages.map((one) => ({ partition: 0, ...one })) })
}

async function lettersOf(installation: Installation): Promise<TopicDeadLetter[]> {
  const letters: TopicDeadLetter[] = []
  await scanTopic(client, installation.deadLetters, (message) => {
    const letter = readDeadLetter(message)
    if (letter === undefined) throw new Error('something else than a dead letter is there')
    letters.push(letter)
  })
  return letters
}

/** Resolves when all the raw records there are have been read. */
async function untilRead(url: string, records: number): Promise<void> {
  const reads = async (): Promise<number> => (await booksOf(url)).read
  await until(async () => (await reads()) >= records, `${records} records should have been read`, 120_000)
}

const keys = [undefined, null, Buffer.of(), Buffer.from([0xff, 0, 0xc3]), 'account', Buffer.alloc(1_024, 'k')]
const codecs = [
  CompressionTypes.None,
  CompressionTypes.GZIP,
  CompressionTypes.Snappy,
  CompressionTypes.LZ4,
  CompressionTypes.ZSTD,
]

describe('a topic that is one percent poison of every kind', () => {
  const partitions = 4
  let lines: string[]
  let expected: { verdicts: string[]; corrections: string[] }
  let installation: Installation
  let url: string
  let stderr = ''
  let read = 0
  let repeated = 0
  const placed: { name: string; reason: string; record: PoisonRecord }[] = []
  const unreadable: string[] = []

  beforeAll(async () => {
    const { events } = await simulated(smallDay)
    lines = readLines(events).map((line) => line.slice(0, -1))
    expected = await replayed(events)
    installation = await installed(partitions)
    // It outlives the first test.
    opened.pop()
    await fill()
    const instance = installation.start()
    instance.running.process.stderr!.on('data', (text: string) => (stderr += text))
    url = await instance.url
    await installation.until(installation.corrections, expected.corrections.length, 180_000)
    await installation.until(installation.verdicts, expected.verdicts.length, 60_000)
    await untilRead(url, read)
  })
  afterAll(() => installation.close())

  async function replayed(events: string): Promise<typeof expected> {
    const [verdicts, corrections] = ['verdicts', 'corrections'].map((name) => join(newFolder(), name))
    expect((await assay(['replay', events, '--out', verdicts!, '--corrections', corrections!])).code).toBe(0)
    const sorted = (file: string): string[] => linesOf(readFileSync(file)).sort()
    return { verdicts: sorted(verdicts!), corrections: sorted(corrections!) }
  }

  /** Every partition its share of the day in order, in batches of one codec after the other, poison in between. */
  async function fill(): Promise<void> {
    const poisons = topicPoisons(await registered())
    const everySo = Math.floor(lines.length / Math.max(poisons.length, lines.length / 100))
    const parts: Message[][] = Array.from({ length: partitions }, () => [])
    lines.forEach((line, index) => {
      const part = parts[(Math.imul(index, 0x9e3779b1) >>> 8) % partitions]!
      part.push({ key: keys[index % keys.length]!, value: line })
      if (index % 500 === 7) {
        part.push({ key: 'again', value: line })
        repeated++
      }
      if (index % everySo !== everySo - 1) return
      const { name, reason, make } = poisons[Math.floor(index / everySo) % poisons.length]!
      const record = make({ line, fields: JSON.parse(line) as Record<string, unknown> })
      placed.push({ name, reason, record })
      part.push(record)
    })
    expect(new Set(placed.map(({ name }) => name)).size).toBe(poisons.length)
    read = lines.length + repeated + placed.length
    for (const [partition, part] of parts.entries()) {
      for (let at = 0, codec = 0; at < part.length; at += 300) {
        const messages = part.slice(at, at + 300).map((message) => ({ ...message, partition }))
        await send(installation.raw, messages, codecs[codec++ % codecs.length])
      }
    }
    await abort()
    await bomb()
    await damage()
  }

  async function registered() {
    const registry = new RegistryClient({
      ...{ url: registryUrl, timeoutMs: 10_000, username: undefined, password: undefined, token: undefined },
    })
    const idOf = async (name: keyof typeof poisonSchemas): Promise<number> =>
      (await registry.register(`${installation.raw}-${name}`, poisonSchemas[name]))!
    return {
      click: await idOf('click'),
      crowded: await idOf('crowded'),
      open: await idOf('open'),
      text: await idOf('text'),
    }
  }

  /** What was given up must not count, neither as events nor as dead letters. */
  async function abort(): Promise<void> {
    const transactional = client.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      transactionalId: installation.raw,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await transactional.connect()
    const transaction = await transactional.transaction()
    const last = JSON.parse(lines.at(-1)!) as object
    await transaction.send({
      topic: installation.raw,
      messages: Array.from({ length: 500 }, (_, index) => ({
        partition: index % partitions,
        value: index % 5 === 0 ? '{' : JSON.stringify({ ...last, eventId: `given-up-${index}` }),
      })),
    })
    await transaction.abort()
    await transactional.disconnect()
  }

  /** One that may not be uncompressed, and ten that may, each of one record that is too large. */
  async function bomb(): Promise<void> {
    await send(installation.raw, [{ value: Buffer.alloc(40 << 20) }], CompressionTypes.GZIP)
    unreadable.push('a bomb')
    for (let count = 0; count < 10; count++) {
      const record = { value: Buffer.alloc(16 << 20, ' ') }
      await send(installation.raw, [record], CompressionTypes.GZIP)
      placed.push({ name: 'many bombs', reason: 'record-too-large', record })
    }
    read += 11
  }

  /** Turns a byte of what the broker has written, as a bad disk does; brokers hand that out as it is. */
  async function damage(): Promise<void> {
    const mark = Buffer.from(`damaged-${installation.name}`)
    const value = Buffer.concat([mark, Buffer.alloc(1_000, 'x')])
    await send(installation.raw, [{ value }, { value }], CompressionTypes.LZ4)
    await send(installation.raw, [{ value: '[]' }])
    const [folder] = readdirSync(tmpdir())
      .filter((name) => name.startsWith('assay-stack-'))
      .map((name) => join(tmpdir(), name, 'broker-1', `${installation.raw}-0`))
      .filter((name) => readdirSync(join(name, '..', '..')).includes('broker-1'))
      .filter((name) => readdirSync(join(name, '..')).includes(`${installation.raw}-0`))
    const file = join(folder!, '00000000000000000000.log')
    const at = readFileSync(file).indexOf(mark)
    expect(at).toBeGreaterThan(0)
    const handle = openSync(file, 'r+')
    // The length of the first record: it becomes longer than its batch.
    writeSync(handle, Buffer.of(0xff, 0xff), 0, 2, at - 9)
    closeSync(handle)
    unreadable.push('damage')
    placed.push({ name: 'behind the damage', reason: 'not-an-object', record: { value: Buffer.from('[]') } })
    read += 2
  }

  it('gives the verdicts that it gives without them', async () => {
    expect((await installation.linesOf(installation.verdicts)).sort()).toEqual(expected.verdicts)
    expect((await installation.linesOf(installation.corrections)).sort()).toEqual(expected.corrections)
  })

  it('puts each aside as it was, under its reason', async () => {
    const letters = await lettersOf(installation)
    const whole = letters.filter(({ isPart }) => isPart !== true).map(asText)
    const parts = letters.filter(({ isPart }) => isPart === true)
    const fits = ({ record }: (typeof placed)[number]): boolean => (record.value?.length ?? 0) < 6 << 20
    expect(whole.sort()).toEqual(
      placed
        .filter(fits)
        .map(({ reason, record }) => asText({ reason, ...record }))
        .sort(),
    )
    // Of what does not fit into a message the beginning is kept.
    const large = placed.filter((one) => !fits(one))
    expect(
      parts.filter(({ reason }) => reason === 'record-too-large').map(({ value }) => value?.length),
    ).toEqual(large.map(() => maxRecordBytes))
    const batches = parts.filter(({ reason }) => reason === 'unreadable-batch')
    expect(batches).toHaveLength(unreadable.length)
    expect(letters).toHaveLength(placed.length + unreadable.length)
  })

  it('has books that balance', async () => {
    const books = await booksOf(url)
    // Some repeat in the day as it was made.
    const events = new Set(lines.map((line) => (JSON.parse(line) as { eventId: string }).eventId)).size
    expect(books).toEqual({
      read,
      counted: events,
      duplicates: lines.length - events + repeated,
      tooLate: 0,
      deadLetters: placed.length + unreadable.length,
    })
    expect(missingIn(books)).toBe(0)
  })

  it('stops for none, and is ready', async () => {
    const { status } = await fetch(`${url}/readyz`)
    // A machine under load may lose its place in the group, or a connection; that is not the poison's doing.
    const isOfTheMachine = /coordinator|member|rebalanc|generation|connection|timed out|timeout/i
    const crashes = (stderr.match(/^.*crash.*$/gim) ?? []).filter((line) => !isOfTheMachine.test(line))
    expect({ status, crashes }).toEqual({ status: 200, crashes: [] })
  })

  it('replays none of which it has only a part', async () => {
    const { code, stderr: told } = await assay(
      ['dead-letters', 'replay', '--brokers', bootstrap, '--reason', 'unreadable-batch', '--dry-run'],
      { under: ['env', `ASSAY_KAFKA_TOPIC_PREFIX=${installation.name}.`] },
    )
    expect({ code, told }).toEqual({
      code: 0,
      told: expect.stringContaining(
        `0 would be written back, 0 had been before and were passed over; ${unreadable.length} hold only a part`,
      ) as string,
    })
  })
})

/** A record by everything that a producer gave it. */
function asText({
  reason,
  key = null,
  value,
  headers = {},
}: {
  reason: string
  key?: Uint8Array | null
  value: Uint8Array | null
  headers?: Readonly<Record<string, unknown>>
}): string {
  const text = (bytes: unknown): string | null =>
    bytes === null || bytes === undefined ? null : Buffer.from(bytes as string).toString('base64')
  const own = Object.entries(headers)
    .map(([name, header]) => [name, text(header)])
    .sort()
  return JSON.stringify([reason, text(key), text(value), own])
}

it('takes 125,000 tiny records in one compressed batch, and keeps its place in the group', async () => {
  const installation = await installed(1)
  const tiny = Array.from({ length: 125_000 }, () => ({ value: Buffer.from('0') }))
  await produceBatch(bootstrap, installation.raw, tiny)
  const instance = installation.start()
  const url = await instance.url
  await untilRead(url, tiny.length)
  await installation.until(installation.deadLetters, tiny.length, 60_000)
  const letters = await lettersOf(installation)
  expect(new Set(letters.map(({ offset }) => offset)).size).toBe(tiny.length)
  expect(letters).toHaveLength(tiny.length)
  expect(new Set(letters.map(({ reason }) => reason))).toEqual(new Set(['not-an-object']))
  const { stderr } = await instance.stop()
  expect(stderr).not.toMatch(/rebalanc|session|heartbeat|not a member/i)
})

it('keeps headers without a value, very many headers, and what has no time', async () => {
  const installation = await installed(1)
  const many = Array.from({ length: 60_000 }, (_, index) => [`name-${index}`, Buffer.of()] as const)
  const key = Buffer.from('key')
  const value = Buffer.from('{')
  await produceBatch(bootstrap, installation.raw, [
    { key, value, headers: [['none', null]] },
    { key, value, headers: many },
  ])
  await produceBatch(bootstrap, installation.raw, [{ key, value }], { timeMs: -1 })
  const url = await installation.start().url
  await untilRead(url, 3)
  await installation.until(installation.deadLetters, 3, 60_000)
  const letters = (await lettersOf(installation)).sort((a, b) => a.offset - b.offset)
  expect(letters.map(({ reason }) => reason)).toEqual(Array(3).fill('malformed-json'))
  expect(letters.map((letter) => [letter.key, letter.value])).toEqual(Array(3).fill([key, value]))
  expect(letters[0]!.headers).toEqual({ none: Buffer.of() })
  expect(Object.keys(letters[1]!.headers)).toHaveLength(many.length)
})

describe('records whose schema nobody had registered', () => {
  it('count after all when it is there and they are replayed', async () => {
    const registry = await startFakeRegistry()
    const installation = await installed(1, {
      ASSAY_REGISTRY_URL: registry.url,
      ASSAY_REGISTRY_UNKNOWN_MS: '1000',
    })
    const url = await installation.start([]).url
    const framed = Array.from({ length: 20 }, (_, index) => ({
      key: `k${index}`,
      value: Buffer.concat([Buffer.of(0, 0, 0, 0, 77), Buffer.from(recentClick(index))]),
      headers: { trace: `t${index}` },
    }))
    await send(installation.raw, framed)
    await installation.until(installation.deadLetters, framed.length, 60_000)
    expect(new Set((await lettersOf(installation)).map(({ reason }) => reason))).toEqual(
      new Set(['unknown-schema']),
    )

    registry.know(77)
    await sleep(1_100)
    const { code, stderr } = await assay(
      ['dead-letters', 'replay', '--brokers', bootstrap, '--reason', 'unknown-schema'],
      { under: ['env', `ASSAY_KAFKA_TOPIC_PREFIX=${installation.name}.`, 'ASSAY_KAFKA_REPLICATION=1'] },
    )
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('20 were written back') as string,
    })
    // The clock has to go on before an epoch is over.
    await send(installation.raw, [{ value: recentClick(20, 280_000) }])
    const counted = async (): Promise<number> => (await booksOf(url)).counted
    await until(async () => (await counted()) === 20, 'all should count')
    expect(await booksOf(url)).toEqual({ read: 41, counted: 20, duplicates: 0, tooLate: 0, deadLetters: 20 })
  })

  it('hold nothing up, however slowly the registry says so', async () => {
    // Before the last is answered, the answer for the first is outdated.
    const registry = await startFakeRegistry({ answerMs: 200 })
    const installation = await installed(1, {
      ASSAY_REGISTRY_URL: registry.url,
      ASSAY_REGISTRY_UNKNOWN_MS: '1000',
    })
    const ids = [...Array(12).keys()]
    await send(
      installation.raw,
      ids.map((id) => ({ value: Buffer.of(0, 0, 0, 1, id, 0) })),
    )
    await send(installation.raw, [{ value: recentClick(0) }])
    const url = await installation.start([]).url
    await untilRead(url, ids.length + 1)
    expect((await metricsOf(url)).get('assay_dead_letters_total{reason="unknown-schema"}')).toBe(ids.length)
  })
})

function recentClick(index: number, aheadMs = 0): string {
  return JSON.stringify({
    ...{ kind: 'click', eventId: `recent-${index}`, occurredAt: Date.now() + aheadMs },
    ...{ actorId: `actor-${index}`, accountId: 'account', contentId: 'content' },
  })
}

/** A registry that knows, as JSON, the ids that it is told. */
async function startFakeRegistry({ answerMs = 0 } = {}) {
  const known = new Set<number>()
  const server: Server = createServer((request, response) => {
    const id = Number(/\/schemas\/ids\/(\d+)/.exec(request.url!)?.[1])
    const [status, answer] = known.has(id)
      ? [200, { schema: '{"type":"object"}', schemaType: 'JSON' }]
      : [404, { error_code: 40403, message: 'Schema not found' }]
    setTimeout(() => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    }, answerMs)
  })
  registries.push(server.unref())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    know: (id: number) => known.add(id),
  }
}
