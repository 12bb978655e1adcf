import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Partitioners } from 'kafkajs'
import type { Message } from 'kafkajs'
import { schemaHeader } from '../../src/ingest/frame'
import type { KafkaClient } from '../../src/log/kafka/client'
import { avroOf, eventSchema, frameOf, registered } from '../support/avro-records'
import type { WriterSchema } from '../../src/contract/as-avro'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { Installation } from '../support/installation'
import { kafkaClient } from '../support/kafka'
import { booksOf, metricsOf, missingIn } from '../support/metrics'
import { linesOf } from '../support/outputs'
import { startRegistry } from '../support/stack/registry'
import type { Registry } from '../support/stack/registry'
import { shared } from '../support/stack/shared'
import { temporaryFolders } from '../support/temporary'
import { until } from '../support/waiting'

/** Records in Avro, and a registry that is there or not, before the whole service. */

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
const partitions = 4
let client: KafkaClient
let registry: Registry
let installation: Installation

beforeAll(async () => {
  const [kafka, own] = await Promise.all([shared('kafka'), startRegistry()])
  registry = own
  client = await kafkaClient(kafka.bootstrap)
})
afterEach(() => installation.close())
afterAll(() => registry.stop())

const screen = { name: 'screen', type: ['null', { type: 'map', values: 'double' }], default: null }
/** What producers of three versions write with: the one before has none of the fields that nobody fills in. */
function versionsFor(lines: readonly string[]): Readonly<Record<'behind' | 'same' | 'ahead', WriterSchema>> {
  const used = new Set(lines.flatMap((line) => Object.keys(JSON.parse(line) as object)))
  return {
    behind: { ...eventSchema, fields: eventSchema.fields.filter(({ name }) => used.has(name)) },
    same: eventSchema,
    ahead: { ...eventSchema, fields: [screen, ...eventSchema.fields] },
  }
}

async function installed(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { bootstrap } = await shared('kafka')
  const all = { ASSAY_REGISTRY_URL: registry.url, ASSAY_REGISTRY_TIMEOUT_MS: '1000', ...env }
  installation = new Installation(client, { bootstrap, partitions, env: all })
  await installation.produce([])
}

async function send(messages: readonly (Message & { readonly partition: number })[]): Promise<void> {
  const producer = client.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  for (let partition = 0; partition < partitions; partition++) {
    const own = messages.filter((message) => message.partition === partition)
    for (let at = 0; at < own.length; at += 1_000) {
      await producer.send({ topic: installation.raw, messages: own.slice(at, at + 1_000) })
    }
  }
  await producer.disconnect()
}

it('waits for a registry that is down at the start, says so, and then gives the verdicts of JSON', async () => {
  const { events } = await simulated(smallDay)
  const lines = readLines(events).map((line) => line.slice(0, -1))
  const [verdicts, corrections] = ['verdicts', 'corrections'].map((name) => join(newFolder(), name))
  expect((await assay(['replay', events, '--out', verdicts!, '--corrections', corrections!])).code).toBe(0)
  const expected = [verdicts, corrections].map((file) => linesOf(readFileSync(file!)).sort())

  // A registry that has just been started may need seconds for its first answers.
  await installed({ ASSAY_REGISTRY_WAIT_MS: '200000', ASSAY_REGISTRY_TIMEOUT_MS: '5000' })
  const versions = Object.values(versionsFor(lines))
  const ids = await registered(registry.url, versions)
  expect(new Set(ids).size).toBe(3)
  const written = versions.map(avroOf)
  await send(
    lines.map((line, index) => {
      const partition = (Math.imul(index, 0x9e3779b1) >>> 8) % partitions
      // The last partition holds them all: producers are updated one after the other, and one writes JSON.
      const version = partition < 3 ? partition : index % 4
      if (version === 3) return { partition, value: line }
      const [head, body] = [frameOf(ids[version]!), written[version]!(line)]
      if (index % 3 === 0) return { partition, value: body, headers: { [schemaHeader]: head } }
      return { partition, value: Buffer.concat([head, body]) }
    }),
  )
  await registry.kill()
  const instance = installation.start()
  let stderr = ''
  instance.running.process.stderr!.on('data', (text: string) => (stderr += text))
  const url = await instance.url
  const readiness = async (): Promise<string> => (await fetch(`${url}/readyz`)).text()
  await until(
    async () => /the schema registry does not answer, and \d partitions wait for it/.test(await readiness()),
    'readiness should tell of the registry',
  )
  expect(stderr).toMatch(/the schema registry cannot be asked: it cannot be reached \(ECONNREFUSED\)/)
  expect((await fetch(`${url}/readyz`)).status).toBe(503)

  // This registry forgets when it is killed, which one with a disk does not: nobody asks before it knows again.
  instance.running.process.kill('SIGSTOP')
  await registry.restart()
  expect(await registered(registry.url, versions)).toEqual(ids)
  instance.running.process.kill('SIGCONT')
  await installation.until(installation.corrections, expected[1]!.length, 120_000)
  await installation.until(installation.verdicts, expected[0]!.length, 60_000)
  expect((await installation.linesOf(installation.verdicts)).sort()).toEqual(expected[0])
  expect((await installation.linesOf(installation.corrections)).sort()).toEqual(expected[1])
  const books = await booksOf(url)
  expect(books).toMatchObject({ read: lines.length, deadLetters: 0, tooLate: 0 })
  expect(missingIn(books)).toBe(0)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
})

it('goes on with what it knows when the registry is lost; what it does not know waits, then is put aside', async () => {
  const line = (name: string): string =>
    JSON.stringify({
      ...{ kind: 'click', eventId: name, occurredAt: Date.now() },
      ...{ actorId: `actor-${name}`, accountId: 'account', contentId: 'content' },
    })
  await installed({ ASSAY_REGISTRY_WAIT_MS: '8000', ASSAY_REGISTRY_UNKNOWN_MS: '1000' })
  const [known] = await registered(registry.url, [eventSchema])
  const avro = avroOf(eventSchema)
  const framed = (id: number, name: string): Buffer => Buffer.concat([frameOf(id), avro(line(name))])
  const url = await installation.start([]).url
  const reads = async (): Promise<number> => (await booksOf(url)).read
  await send([{ partition: 0, value: framed(known!, 'before') }])
  await until(async () => (await reads()) === 1, 'what is known should be read')

  await registry.kill()
  await send([
    { partition: 1, value: framed(known! + 1_000, 'unknown') },
    { partition: 1, value: line('behind the unknown') },
  ])
  await until(
    async () => (await (await fetch(`${url}/readyz`)).text()).includes('and 1 partitions wait for it'),
    'readiness should tell of the registry',
  )
  await send([
    { partition: 0, value: framed(known!, 'after') },
    { partition: 2, value: framed(known!, 'elsewhere') },
    { partition: 3, value: line('JSON') },
  ])
  await until(async () => (await reads()) === 4, 'three should be read while one waits', 5_000)
  expect((await booksOf(url)).deadLetters).toBe(0)

  await until(async () => (await reads()) === 6, 'the wait should be over', 30_000)
  const metrics = await metricsOf(url)
  expect(metrics.get('assay_dead_letters_total{reason="schema-unavailable"}')).toBe(1)
  expect(metrics.get('assay_dead_letters_total')).toBe(1)
  await installation.until(installation.deadLetters, 1, 30_000)
  await until(async () => (await fetch(`${url}/readyz`)).status === 200, 'it should be ready again')
})
