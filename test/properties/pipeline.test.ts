import fc from 'fast-check'
import type { Correction, Verdict } from '../../src/model/records'
import { balances } from '../../src/runtime/books'
import { timeOf } from '../support/events'
import { replayed, smallDayLines, textSource } from '../support/pipeline'
import type { Replayed } from '../support/pipeline'
import { poisons } from '../support/poison'
import { seeded } from '../support/seeded'

let lines: string[]
let expected: Replayed

beforeAll(async () => {
  lines = smallDayLines().slice(0, 5000)
  expected = await replayed([textSource(lines.join(''))])
  expect(expected.verdicts.length).toBeGreaterThan(0)
  expect(expected.corrections.length).toBeGreaterThan(0)
})

it('says the same whatever the size of blocks and of the stretches in which a source is read', async () => {
  const text = lines.join('')
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 100, max: 7_200_000 }),
      async (seed, chunkBytes, blockSpanMs) => {
        const { verdicts, corrections } = await replayed([textSource(text, { seed, chunkBytes })], {
          blockSpanMs,
        })
        expect(verdicts).toEqual(expected.verdicts)
        expect(corrections).toEqual(expected.corrections)
      },
    ),
    { numRuns: 5 },
  )
})

describe('events of an account that has nothing to do with the others', () => {
  /** Events of a stranger between the others, each by somebody else, in the order of time. */
  function withStranger(
    kinds: readonly object[],
    { count, seed }: { count: number; seed: number },
  ): string[] {
    const random = seeded(seed)
    const more = Array.from({ length: count }, (_, index) => {
      const event = {
        ...kinds[index % kinds.length],
        eventId: `stranger-${index}`,
        occurredAt: timeOf(lines[Math.floor(random() * lines.length)]!),
        actorId: `friend-${index}`,
        accountId: 'stranger',
        contentId: `content-${index % 7}`,
        deviceId: `device-${index}`,
        address: `198.${18 + (index % 2)}.${index % 250}.7`,
      }
      return `${JSON.stringify(event)}\n`
    })
    return [...lines, ...more].sort((a, b) => timeOf(a) - timeOf(b))
  }

  /** Where in the log the evidence lies depends on what else is in it, and on nothing else. */
  const unplaced = ({ verdicts }: Replayed): string[] =>
    verdicts.map((line) => line.replace(/"positions":\[[^\]]*\]/, '"positions":[]'))

  it('change not a byte where they are of kinds that are not judged', async () => {
    const kinds = [
      { kind: 'post', text: 'nothing to see here' },
      { kind: 'account', activity: 'login' },
    ]
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
        const other = await replayed([textSource(withStranger(kinds, { count: 300, seed }).join(''))])
        expect(other.books.counted).toBe(expected.books.counted + 300)
        expect(unplaced(other)).toEqual(unplaced(expected))
        expect(other.corrections).toEqual(expected.corrections)
      }),
      { numRuns: 2 },
    )
  })

  it('change no count of another account, only what is usual on the platform', async () => {
    const kinds = [
      { kind: 'click', dwellMs: 30_000, referrer: 'feed' },
      { kind: 'subscription', action: 'subscribe', source: 'search' },
      { kind: 'forward', channel: 'chat' },
    ]
    const rawOf = ({ corrections }: Replayed): Map<string, number> =>
      new Map(
        corrections
          .map((line) => JSON.parse(line) as Correction)
          .map(({ accountId, contentId, kind, hour, raw }) => [
            `${accountId}|${contentId}|${kind}|${hour}`,
            raw,
          ]),
      )
    const accounts = ({ verdicts }: Replayed): Set<string> =>
      new Set(verdicts.map((line) => (JSON.parse(line) as Verdict).accountId))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 }), async (seed) => {
        const other = await replayed([textSource(withStranger(kinds, { count: 200, seed }).join(''))])
        const [before, after] = [rawOf(expected), rawOf(other)]
        const shared = [...before].filter(([key]) => after.has(key))
        expect(shared.length).toBeGreaterThan(before.size / 2)
        for (const [key, raw] of shared) expect(`${key} ${after.get(key)}`).toBe(`${key} ${raw}`)
        expect(accounts(other)).not.toContain('stranger')
      }),
      { numRuns: 2 },
    )
  })
})

describe('random garbage', () => {
  const event = fc
    .record({ index: fc.nat(4999), late: fc.boolean() })
    .map(({ index, late }) => lines[late ? index >> 3 : index]!.slice(0, -1))
  const poisoned = fc
    .tuple(fc.constantFrom(...poisons.filter(({ reason }) => reason !== 'record-too-large')), event)
    .map(([{ make }, line]) => make({ line, fields: JSON.parse(line) as Record<string, unknown> }))
  const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array))
  const changed = fc.tuple(event, fc.nat(400), fc.nat(255)).map(([line, at, byte]) => {
    const buffer = Buffer.from(line)
    buffer[at % buffer.length] = byte
    return buffer
  })
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const line = fc.oneof(event, poisoned, bytes, changed, text)

  it('never stops the run or unbalances the books, and no byte of what is put aside is lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(line, { maxLength: 60 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3000 }),
        async (parts, chunkBytes) => {
          const texts = parts.map((part) =>
            Buffer.concat(part.flatMap((each) => [Buffer.from(each), Buffer.from('\n')])),
          )
          const sources = texts.map((each, index) => textSource(each, { name: `part-${index}`, chunkBytes }))
          const { books, letters } = await replayed(sources)
          expect(balances(books)).toBe(true)
          expect(books.waiting).toBe(0)
          expect(letters).toHaveLength(books.deadLetters)
          for (const { source, position, bytes: kept } of letters) {
            const from = texts[Number(source.slice('part-'.length))]!
            expect(Buffer.compare(from.subarray(position, position + kept.length), kept)).toBe(0)
            expect(from[position + kept.length]).toBe(0x0a)
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})
