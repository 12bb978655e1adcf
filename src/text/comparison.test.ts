import fc from 'fast-check'
import { likeness } from './comparison'

const letters = (alphabet: string, length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), maxLength: length })

describe('likeness', () => {
  it('counts grams of two letters in Chinese', () => {
    // 今天 天天 天气 气好 against 今天 天气 气好: three of four.
    expect(likeness('今天天气好', '今天气好').likeness).toBe(3 / 4)
  })

  it('counts grams of four letters in English', () => {
    // abcd bcde cdef against bcde cdef defg.
    expect(likeness('abc def', 'b cdefg!').likeness).toBe(2 / 4)
  })

  it('is the Jaccard coefficient of the sets of grams, whichever text comes first', () => {
    const text = fc.oneof(letters('abcx ', 60), letters('甲乙丙丁，', 60), letters('ab甲乙丙', 60))
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [one, two] = [gramsOf(a), gramsOf(b)]
        const shared = Array.from(one).filter((gram) => two.has(gram)).length
        const all = one.size + two.size - shared
        expect(likeness(a, b).likeness).toBe(all === 0 ? 0 : shared / all)
        expect(likeness(b, a)).toEqual(likeness(a, b))
      }),
    )
  })

  it('covers what the shorter text has word for word from the longer one', () => {
    const core = 'sixteenlettersandmore'
    expect(likeness(core, `before it ${core} after it`).coverage).toBe(1)
    expect(likeness(`xx${core}yy`, `before it ${core} after it`).coverage).toBeCloseTo(21 / 25)
    expect(likeness('fifteen letters', 'fifteen letters or so').coverage).toBe(0)
    expect(likeness('八个汉字连在一起', '他把八个汉字连在一起写').coverage).toBe(1)
  })

  it('covers every letter in a common run of a passage, and no other', () => {
    const text = letters('ab', 60)
    fc.assert(
      fc.property(text, text, text, (shared, a, b) => {
        const [one, two] = [a + shared, shared + b]
        const [shorter, longer] = one.length < two.length ? [one, two] : [two, one]
        if (shorter.length === longer.length) return
        const isCovered = Array.from(shorter, () => false)
        for (let at = 0; at + 16 <= shorter.length; at++) {
          if (longer.includes(shorter.slice(at, at + 16))) isCovered.fill(true, at, at + 16)
        }
        const expected = shorter.length === 0 ? 0 : isCovered.filter(Boolean).length / shorter.length
        expect(likeness(one, two).coverage).toBe(expected)
      }),
    )
  })
})

function gramsOf(text: string): Set<string> {
  const plain = Array.from(text).filter((letter) => /\p{L}/u.test(letter))
  const wide = plain.filter((letter) => letter > '\u2e80').length
  const size = wide * 3 > plain.length ? 2 : 4
  const grams = new Set<string>()
  for (let at = 0; at + size <= plain.length; at++) grams.add(plain.slice(at, at + size).join(''))
  if (plain.length > 0 && plain.length < size) grams.add(plain.join(''))
  return new Set(Array.from(grams, (gram) => `${size} ${gram}`))
}
