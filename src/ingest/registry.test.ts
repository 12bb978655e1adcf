import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SchemaRef, TopicRecord } from './frame'
import { SchemaResolver } from './registry'
import type { RegistryAnswer, SchemaResolverOptions } from './registry'

const click = readFileSync(join(__dirname, '../../schemas/click.avsc'), 'utf8')
const found: RegistryAnswer = { kind: 'schema', type: 'AVRO', text: click, hasReferences: false }
const down: RegistryAnswer = { kind: 'unreachable', why: 'it cannot be reached (ECONNREFUSED)' }

/** A registry that answers as it is told, and a clock that is moved by hand, and held where nothing waits. */
function world(
  answer: (schema: SchemaRef) => RegistryAnswer | Promise<RegistryAnswer>,
  options: Partial<SchemaResolverOptions> = {},
) {
  const asked: SchemaRef[] = []
  const told: string[] = []
  const state: { answer: typeof answer; aheadMs: number; heldAtMs?: number } = { answer, aheadMs: 0 }
  const resolver = new SchemaResolver({
    registry: {
      schemaOf: async (schema) => {
        asked.push(schema)
        return await state.answer(schema)
      },
    },
    clockMs: () => (state.heldAtMs ?? performance.now()) + state.aheadMs,
    waitMs: 60_000,
    unknownMs: 60_000,
    tell: (sentence) => told.push(sentence),
    ...options,
  })
  return { resolver, asked, told, state }
}

function records(...ids: number[]): TopicRecord[] {
  return ids.map((id) => {
    const value = Buffer.alloc(6)
    value.writeUInt32BE(id, 1)
    return { value }
  })
}

describe('a schema', () => {
  it('is asked for once, however often it is needed and by however many at a time', async () => {
    const { resolver, asked } = world(() => found)
    expect(resolver.missing(records(1, 1, 2))).toEqual([1, 2])
    expect(await Promise.all([resolver.resolve([1, 2]), resolver.resolve([1])])).toEqual([true, true])
    expect(resolver.missing(records(1, 2))).toEqual([])
    expect(resolver.of(1)).toEqual({ kind: 'avro', text: click })
    expect(asked).toEqual([1, 2])
  })

  it.each<[string, Partial<RegistryAnswer>, string]>([
    ['of JSON', { type: 'JSON', text: '{}' }, 'json'],
    ['of Protobuf', { type: 'PROTOBUF', text: 'message Click {}' }, 'unsupported-schema'],
    ['that refers to others', { hasReferences: true }, 'unsupported-schema'],
    ['that is none', { text: '{"type":"recor' }, 'unsupported-schema'],
    ['of a number', { text: '"long"' }, 'unsupported-schema'],
  ])('%s', async (_what, change, kind) => {
    const { resolver } = world(() => ({ ...found, ...change }) as RegistryAnswer)
    await resolver.resolve([1])
    expect(resolver.of(1).kind).toBe(kind)
  })

  it('that nobody knows is asked for again after a while, and not before', async () => {
    const { resolver, asked, state } = world(() => ({ kind: 'unknown' }))
    await resolver.resolve([1])
    expect(resolver.of(1).kind).toBe('unknown-schema')
    expect(resolver.missing(records(1))).toEqual([])

    state.aheadMs += 60_001
    state.answer = () => found
    expect(resolver.missing(records(1))).toEqual([1])
    await resolver.resolve([1])
    expect(resolver.of(1).kind).toBe('avro')
    expect(asked).toEqual([1, 1])
  })

  it('that was made up costs the registry little, and known ones go on', async () => {
    const { resolver, asked, state } = world((schema) => (schema === 7 ? found : { kind: 'unknown' }))
    await resolver.resolve([7])
    // More than are kept: they must not be found missing over and over.
    const madeUp = Array.from({ length: 50_000 }, (_, index) => 1000 + index)
    await resolver.resolve(madeUp)
    expect(resolver.missing(records(7, ...madeUp))).toEqual([])
    expect(resolver.of(1000).kind).toBe('unknown-schema')
    expect(resolver.of(50_999).kind).toBe('unknown-schema')
    expect(asked.length).toBe(101)

    state.aheadMs += 60_001
    await resolver.resolve([7, 5])
    expect(asked.at(-1)).toBe(5)
  })

  it('that was never resolved is not available, so that no record is lost', () => {
    expect(world(() => found).resolver.of(1).kind).toBe('schema-unavailable')
  })
})

describe('while the registry does not answer', () => {
  it('who needs a new schema waits, who has theirs does not, and it is said once', async () => {
    const { resolver, told, state } = world(() => found)
    await resolver.resolve([1])
    state.answer = () => down
    let isDone = false
    const waiting = resolver.resolve([2]).then((result) => {
      isDone = true
      return result
    })
    await sleep(50)
    expect(isDone).toBe(false)
    expect(resolver.missing(records(1))).toEqual([])
    expect(resolver.outageSinceMs).toBeDefined()
    expect(told).toEqual([
      expect.stringMatching(/cannot be asked: it cannot be reached \(ECONNREFUSED\).*up to 60 s/),
    ])

    state.answer = () => found
    expect(await waiting).toBe(true)
    expect(resolver.of(2).kind).toBe('avro')
    expect(resolver.outageSinceMs).toBeUndefined()
    expect(told.slice(1)).toEqual(['the schema registry answers again'])
  })

  it('the wait has an end, and the next schema does not wait as long again', async () => {
    const { resolver, asked, state } = world(() => down, { waitMs: 400 })
    const startedMs = performance.now()
    await resolver.resolve([1])
    const tookMs = performance.now() - startedMs
    expect(tookMs).toBeGreaterThanOrEqual(395)
    expect(tookMs).toBeLessThan(60_000)
    expect(resolver.of(1).kind).toBe('schema-unavailable')
    expect(resolver.missing(records(1))).toEqual([])

    // Many more neither ask nor wait, however long they take; now and then one asks.
    state.heldAtMs = performance.now()
    const more = Array.from({ length: 20_000 }, (_, index) => 2 + index)
    const questions = asked.length
    await resolver.resolve(more)
    expect(resolver.missing(records(...more))).toEqual([])
    expect(asked.length - questions).toBeLessThanOrEqual(5)
    expect(resolver.of(2).kind).toBe('schema-unavailable')
    state.aheadMs += 5001
    expect(resolver.missing(records(30_000))).toEqual([30_000])
    const before = asked.length
    await resolver.resolve([30_000, 30_001])
    expect(asked.length).toBe(before + 1)

    // Later it is asked again, and what was given up is found.
    state.aheadMs += 60_001
    state.answer = () => found
    await resolver.resolve(resolver.missing(records(1, 2)))
    expect([resolver.of(1).kind, resolver.of(2).kind]).toEqual(['avro', 'avro'])
  })

  it('asks with growing pauses and one at a time, however many wait', async () => {
    let underway = 0
    let most = 0
    const askedAtMs: number[] = []
    const { resolver } = world(
      async () => {
        askedAtMs.push(performance.now())
        most = Math.max(most, ++underway)
        await sleep(5)
        underway--
        return down
      },
      { waitMs: 1000 },
    )
    await resolver.resolve(Array.from({ length: 20_000 }, (_, index) => index))
    expect(most).toBe(1)
    // How often it is asked in all is a matter of how soon a machine has told everybody that the wait is over.
    const pausesMs = askedAtMs.slice(1).map((ms, number) => ms - askedAtMs[number]!)
    expect(pausesMs.length).toBeGreaterThan(0)
    pausesMs.forEach((pauseMs, number) => {
      expect(pauseMs).toBeGreaterThanOrEqual(Math.min(250 * 2 ** number, 5000))
    })
  })

  it('one schema that fails alone holds up no other', async () => {
    const { resolver } = world((schema) => (schema === 1 ? down : found))
    void resolver.resolve([1])
    expect(await resolver.resolve([2, 3, 4, 5, 6])).toBe(true)
    resolver.close()
  })

  it('closing ends the wait, without an outcome', async () => {
    const { resolver } = world(() => down)
    const waiting = resolver.resolve([1])
    await sleep(20)
    resolver.close()
    expect(await waiting).toBe(false)
    expect(resolver.missing(records(1))).toEqual([1])
  })
})

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
