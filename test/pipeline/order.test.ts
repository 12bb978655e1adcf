import { partitioned, shuffled, timeOf } from '../support/events'
import { replayed, smallDayLines, textSource } from '../support/pipeline'
import type { Replayed } from '../support/pipeline'

let lines: string[]
let expected: Replayed

beforeAll(async () => {
  lines = smallDayLines()
  expected = await replayed([textSource(lines.join(''))])
})

/** Verdicts and corrections: what must not depend on how events arrived. */
function judged({ verdicts, corrections }: Replayed): string[] {
  return [...verdicts, ...corrections]
}

/** In words where the other differs, so that a failure can be read. */
function difference(other: Replayed): string {
  const [a, b] = [judged(expected), judged(other)]
  const at = a.findIndex((line, index) => line !== b[index])
  return at < 0 && a.length === b.length
    ? ''
    : `line ${at + 1}: ${a[at] ?? 'nothing'} | ${b[at] ?? 'nothing'}`
}

it('has something to judge', () => {
  expect(expected.verdicts.length).toBeGreaterThan(5)
  expect(expected.corrections.length).toBeGreaterThan(50)
  expect(expected.books).toMatchObject({ read: lines.length, waiting: 0, deadLetters: 0 })
})

it.each([1, 2, 3, 4])(
  'says the same when events arrive in another order within the allowed disorder (seed %i)',
  async (seed) => {
    //  allowed disorder 60 s:   a b c d e f   →   b a d f c e   the same verdicts, the same corrections
    const inOtherOrder = shuffled(lines, { seed, disorderMs: 59_000 })
    expect(inOtherOrder).not.toEqual(lines)
    const other = await replayed([textSource(inOtherOrder.join(''))])
    expect(other.books.tooLate).toBe(0)
    expect(difference(other)).toBe('')
  },
)

it('says the same when the events lie in parallel partitions, in whatever order they are named', async () => {
  const parts = partitioned(lines, 3).map((part, index) =>
    textSource(part.join(''), { name: `part-${index}` }),
  )
  const [a, b, c] = parts as [Part, Part, Part]
  for (const order of [
    [a, b, c],
    [c, a, b],
  ]) {
    expect(difference(await replayed(order))).toBe('')
  }
})

it('says the same when the events lie in files of consecutive hours, in whatever order they are named', async () => {
  const startMs = timeOf(lines[0]!)
  const cuts = [8, 16].map((hours) => lines.findIndex((line) => timeOf(line) > startMs + hours * 3_600_000))
  const parts = [lines.slice(0, cuts[0]), lines.slice(cuts[0], cuts[1]), lines.slice(cuts[1])].map(
    (part, index) => textSource(part.join(''), { name: `hours-${index}` }),
  )
  const [a, b, c] = parts as [Part, Part, Part]
  for (const order of [
    [a, b, c],
    [c, b, a],
  ]) {
    expect(difference(await replayed(order))).toBe('')
  }
})

it('says the same when every event comes twice within the allowed disorder, and counts the repeats', async () => {
  const twice = shuffled([...lines, ...lines], { seed: 5, disorderMs: 59_000 })
  const other = await replayed([textSource(twice.join(''))])
  expect(difference(other)).toBe('')
  expect(other.books.counted).toBe(expected.books.counted)
  expect(other.books.duplicates).toBe(expected.books.duplicates + lines.length)
})

type Part = ReturnType<typeof textSource>
