import type { TopicRecord } from '../ingest/frame'
import { SchemaResolver } from '../ingest/registry'
import { SchemaLedger } from './schema-ledger'
import type { Note, Notes } from './schema-ledger'

const schema = 7
const record: TopicRecord = { value: new Uint8Array([0, 0, 0, 0, schema, 0x7b]) }

/** Instances that share a registry and the notes; each of them has its own place in these. */
function installation() {
  const registry = { hasSchema: true }
  const notes: Note[] = []
  const instance = ({ holdBack = false } = {}) => {
    let read = 0
    let give = (): void => undefined
    const released = holdBack ? new Promise<void>((resolve) => (give = resolve)) : Promise.resolve()
    const own: Notes = {
      append: async (note, take) => {
        // What an instance that stands still has found reaches the others when it goes on.
        if (note.known !== undefined || note.refused !== undefined) await released
        notes.push(note)
        while (read < notes.length) take(notes[read++]!)
      },
    }
    const resolver = new SchemaResolver({
      registry: {
        schemaOf: () =>
          Promise.resolve(
            registry.hasSchema
              ? { kind: 'schema', type: 'JSON', text: '{}', hasReferences: false }
              : { kind: 'unknown' },
          ),
      },
      clockMs: () => 0,
      ...{ waitMs: 1_000, unknownMs: 1_000 },
    })
    return { ledger: new SchemaLedger(resolver, own), release: give }
  }
  return { registry, notes, instance }
}

/** What comes of the records at these places of a source. */
function outcomes(ledger: SchemaLedger, positions: readonly number[], source = 'e[0]'): string {
  return positions.map((position) => ledger.of(schema, source, position).kind).join(' ')
}

it('puts a record aside again that was put aside while the registry had lost its schema', async () => {
  const { registry, instance } = installation()
  registry.hasSchema = false
  await instance().ledger.settle('e[0]', [record], 20)
  registry.hasSchema = true
  const { ledger } = instance()
  await ledger.settle('e[0]', [record], 10)
  expect(outcomes(ledger, [0, 19, 20])).toBe('unknown-schema unknown-schema json')
  expect(outcomes(ledger, [0], 'e[1]')).toBe('json')
})

it('goes on reading what was known once, whatever the registry says later', async () => {
  const { registry, instance } = installation()
  await instance().ledger.settle('e[0]', [record], 20)
  registry.hasSchema = false
  const { ledger } = instance()
  await ledger.settle('e[0]', [record], 40)
  expect(outcomes(ledger, [0, 39])).toBe('json json')
  expect(ledger.mustSettle([record])).toBe(false)
})

it.each([
  ['that it is known', true, 'json json'],
  ['that it is not', false, 'unknown-schema json'],
])('goes by the first of two instances that note at once: %s', async (_, isKnownFirst, expected) => {
  const { registry, instance } = installation()
  const asleep = instance({ holdBack: true })
  registry.hasSchema = !isKnownFirst
  const late = asleep.ledger.settle('e[0]', [record], 20)
  await new Promise(setImmediate)
  registry.hasSchema = isKnownFirst
  const other = instance()
  await other.ledger.settle('e[0]', [record], 20)
  asleep.release()
  await late
  const newcomer = instance()
  await newcomer.ledger.settle('e[0]', [record], 60)
  for (const { ledger } of [asleep, newcomer]) expect(outcomes(ledger, [0, 20])).toBe(expected)
})

it('has nothing to settle where no record names a schema', () => {
  const { instance } = installation()
  expect(instance().ledger.mustSettle([{ value: Buffer.from('{}') }])).toBe(false)
})

it('says of a flood of made up schemas in one short note that none was known', async () => {
  const { registry, notes, instance } = installation()
  const named = (first: number, count: number): TopicRecord[] =>
    Array.from({ length: count }, (_, index) => {
      const value = Buffer.alloc(6)
      value.writeInt32BE(first + index, 1)
      return { value }
    })
  registry.hasSchema = false
  await instance().ledger.settle('e[0]', [record, ...named(1_000, 5_000)], 20)
  expect(JSON.stringify(notes).length).toBeLessThan(200)
  registry.hasSchema = true
  const { ledger } = instance()
  await ledger.settle('e[0]', [record], 60)
  expect(outcomes(ledger, [0, 19, 20])).toBe('unknown-schema unknown-schema json')
  expect(outcomes(ledger, [0], 'e[1]')).toBe('json')
  // What was known before the flood stays known.
  registry.hasSchema = false
  await ledger.settle('e[0]', named(1_000, 5_000), 80)
  expect(outcomes(ledger, [20, 60])).toBe('json json')
})
