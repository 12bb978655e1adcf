import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import avro from 'avsc'
import { gzipSync } from 'node:zlib'
import { deadLetterReasons } from '../../src/ingest/dead-letter'
import type { DeadLetter, DeadLetterReason } from '../../src/ingest/dead-letter'
import { Ingest } from '../../src/ingest/ingest'
import { readSource } from '../../src/log/source'
import { inAvro, openSchema, poisons } from '../support/poison'
import type { Honest, Poison } from '../support/poison'
import { temporaryFolders } from '../support/temporary'
import { topicPoisons } from '../support/topic-poison'

/** One list of what cannot be read, and every way in which it may come; `service-poison.test.ts` has it in a real topic. */

const newFolder = temporaryFolders()
const fields = {
  kind: 'click',
  eventId: 'event-1',
  occurredAt: Date.UTC(2026, 2, 1),
  actorId: 'actor',
  accountId: 'account',
}
const honest: Honest = { fields, line: JSON.stringify(fields) }
const openSchemaId = 7

/** What becomes of each poison behind the honest event, by its reason; `''` where it counted. */
type Way = (poison: Poison, file: string) => Promise<DeadLetter[]>

function newIngest(): { ingest: Ingest; letters: DeadLetter[] } {
  const letters: DeadLetter[] = []
  const ingest = new Ingest({
    source: 'source',
    key: new Uint8Array(16),
    schemas: {
      of: (id) => (id === openSchemaId ? { kind: 'avro', text: openSchema } : { kind: 'unknown-schema' }),
    },
    onDeadLetter: (letter) => letters.push(letter),
  })
  return { ingest, letters }
}

async function fromFile(path: string, bytes: Uint8Array): Promise<DeadLetter[]> {
  writeFileSync(path, bytes)
  const { ingest, letters } = newIngest()
  for await (const chunk of readSource(path)) ingest.pushChunk(chunk)
  ingest.end()
  expect(ingest.books).toMatchObject({ read: 2, admitted: 1 })
  return letters
}

function fromTopic(value: Uint8Array): DeadLetter[] {
  const { ingest, letters } = newIngest()
  ingest.push(Buffer.from(honest.line), { position: 0 })
  ingest.push(value, { position: 1 })
  ingest.end()
  expect(ingest.books).toMatchObject({ read: 2, admitted: 1 })
  return letters
}

const asLines = (poison: Poison): Buffer =>
  Buffer.concat([Buffer.from(`${honest.line}\n`), Buffer.from(poison.make(honest)), Buffer.from('\n')])

const asAvro = (poison: Poison): Buffer => inAvro({ ...fields, ...poison.changes })

/** A container of one block with the honest event and the poison. */
async function container(poison: Poison): Promise<Buffer> {
  const encoder = new avro.streams.BlockEncoder(JSON.parse(openSchema) as avro.Schema, {
    writeHeader: 'always' as never,
  })
  const parts: Buffer[] = []
  encoder.on('data', (part: Buffer) => parts.push(part))
  const ended = new Promise((resolve) => encoder.on('end', resolve))
  encoder.end()
  await ended
  const head = Buffer.concat(parts)
  const marker = head.subarray(-16)
  const records = Buffer.concat([inAvro(fields), asAvro(poison)])
  return Buffer.concat([head, long(2), long(records.length), records, marker])
}

function long(value: number): Buffer {
  return avro.Type.forSchema('long').toBuffer(value)
}

const inEveryFormat: Record<string, Way> = {
  'a file of lines': (poison, file) => fromFile(`${file}.ndjson`, asLines(poison)),
  'a file of lines, compressed': (poison, file) => fromFile(`${file}.ndjson.gz`, gzipSync(asLines(poison))),
  'a topic': (poison) => Promise.resolve(fromTopic(Buffer.from(poison.make(honest)))),
}
const inAvroToo: Record<string, Way> = {
  'an Avro container': async (poison, file) => fromFile(`${file}.avro`, await container(poison)),
  'a topic, in Avro': (poison) => {
    const frame = Buffer.of(0, 0, 0, 0, openSchemaId)
    return Promise.resolve(fromTopic(Buffer.concat([frame, asAvro(poison)])))
  },
}

async function reasonsBy(way: Way, list: readonly Poison[]): Promise<Record<string, string>> {
  const file = join(newFolder(), 'events')
  const reasons: Record<string, string> = {}
  for (const poison of list) {
    const letters = await way(poison, file)
    reasons[poison.name] = letters.map(({ reason }) => reason).join()
  }
  return reasons
}

const expected = (list: readonly Poison[], isTopic: boolean): Record<string, string> =>
  Object.fromEntries(
    list.map(({ name, reason, reasonInTopic }) => [name, (isTopic ? reasonInTopic : undefined) ?? reason]),
  )

it.each(Object.entries(inEveryFormat))('%s: each poison has its reason', async (name, way) => {
  expect(await reasonsBy(way, poisons)).toEqual(expected(poisons, name === 'a topic'))
})

const sayable = poisons.filter(({ changes }) => changes !== undefined)

it.each(Object.entries(inAvroToo))('%s: what can be said there has the same reason', async (_name, way) => {
  expect(sayable.length).toBeGreaterThan(50)
  expect(await reasonsBy(way, sayable)).toEqual(expected(sayable, false))
})

it('has a poison for every reason, but for those that no record by itself can have', () => {
  const listed = new Set<DeadLetterReason>([
    ...poisons.map(({ reason }) => reason),
    ...topicPoisons({ click: 1, crowded: 2, open: 3, text: 4 }).map(({ reason }) => reason),
  ])
  const others = Object.keys(deadLetterReasons).filter((reason) => !listed.has(reason as DeadLetterReason))
  expect(others).toEqual([
    // The registry is away: test/integration/service-registry.test.ts.
    'schema-unavailable',
    // A batch: service-poison.test.ts, by a bomb and by damage on the broker's disk.
    'unreadable-batch',
    // What may rule is said of a topic: test/integration/service-rulings.test.ts.
    'misplaced-feedback',
    // The topic of policies: test/pipeline/rulings.test.ts.
    'bad-policy',
    // A bug: src/ingest/ingest.test.ts makes one.
    'decoder-failed',
  ])
})
