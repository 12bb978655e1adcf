import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { TextFold } from './fold'
import { NearCopies, nearCopiesOptions } from './near-copies'
import type { NearCopiesOptions, Placement } from './near-copies'

const hourMs = 3_600_000
const key = new Uint8Array(8).fill(3)
const fold = new TextFold()

function newCopies(options: Partial<NearCopiesOptions> = {}): NearCopies {
  return new NearCopies({ key, ...nearCopiesOptions, ...options })
}

function see(
  copies: NearCopies,
  text: string,
  { author = 1, hour = 0, needsNearest = true } = {},
): Placement {
  const bytes = new TextEncoder().encode(text)
  fold.fold(bytes, 0, bytes.length)
  return { ...copies.see(fold, author, hour * hourMs, { needsNearest }) }
}

/** Places texts an hour apart and names the template of each by the order in which it appeared: A, B, … */
function templatesOf(copies: NearCopies, texts: readonly string[]): string {
  const names = new Map<string, string>()
  return texts
    .map((text, hour) => {
      const { templateHigh, templateLow } = see(copies, text, { hour })
      const id = `${templateHigh} ${templateLow}`
      const name = names.get(id) ?? String.fromCharCode(65 + names.size)
      names.set(id, name)
      return name
    })
    .join(' ')
}

const praise = '这款面膜真的太好用了，用了一个星期皮肤明显变白，强烈推荐大家购买'
const praiseAgain = '這款面膜真的太好用了！！用了两个星期皮肤明显变白[哈哈]强烈推荐大家购买 http://t.cn/x'
const other = '昨天在公园里遇见了一位老朋友，我们聊起了很多年以前的事情'
const sale = 'Get 5000 real followers today, visit our page right now and use the special code SPRING'
const saleAgain =
  'GET 5000 real f\u043ellowers today - visit our page right now & use the special code SUMMER 👍'

describe('near-copies', () => {
  it('puts a text beside the earlier one that it nearly copies, in Chinese and in English', () => {
    expect(templatesOf(newCopies(), [praise, other, praiseAgain, sale, other, saleAgain])).toBe('A B A C B C')
  })

  it('finds the same templates where the nearest of a new text is not asked for', () => {
    const minCoverage = Number.POSITIVE_INFINITY
    const [full, quick] = [newCopies({ minCoverage }), newCopies({ minCoverage })]
    const chorus = `${sale} ${other} ${saleAgain}`
    const texts = [praise, sale, other, chorus, saleAgain, praiseAgain, `${praise}${other}`, chorus.slice(9)]
    const placements = texts.map((text, hour) => {
      const { isNew, templateHigh, templateLow, texts: known } = see(full, text, { hour })
      expect(see(quick, text, { hour, needsNearest: false })).toMatchObject({
        ...{ isNew, templateHigh, templateLow },
        texts: known,
      })
      return isNew ? 'new' : 'member'
    })
    expect(placements.join(' ')).toBe('new new new new member member new member')
  })

  it('tells how alike, how often, by how many, and who was first', () => {
    const copies = newCopies()
    see(copies, sale, { author: 7, hour: 1 })
    see(copies, sale, { author: 8, hour: 2 })
    const placement = see(copies, saleAgain, { author: 7, hour: 3 })
    expect(placement).toMatchObject({ isNew: false, isStock: false, texts: 3, authors: 2, firstAuthor: 7 })
    expect(placement.firstMs).toBe(hourMs)
    expect(placement.likeness).toBeGreaterThan(0.7)
    expect(placement.likeness).toBeLessThan(1)
    expect(copies.firstText(placement.templateHigh, placement.templateLow)).toBe(
      'get5000realfollowerstodayvisitourpagerightnowandusethespecialcodespring',
    )
    expect(copies.firstText(1, 2)).toBeUndefined()
  })

  it('does not drift: each text is held against the first of a template', () => {
    // A text that is changed letter by letter into another one leaves its template on the way.
    const [from, to] = [Array.from(praise), Array.from(other)]
    const steps = from.map((_, at) => [...to.slice(0, at), ...from.slice(at)].join(''))
    const names = templatesOf(newCopies(), steps).split(' ')
    expect(names[0]).toBe('A')
    expect(names[3]).toBe('A')
    expect(names.at(-1)).not.toBe('A')
  })

  it('takes a text shorter than a passage for language, which is the same or is not', () => {
    const copies = newCopies()
    expect(templatesOf(copies, ['支持国货', '支持国货！', '支持国产', 'nice one', 'n1ce one'])).toBe(
      'A A B C C',
    )
    expect(see(copies, '支持国货', { hour: 5 }).isStock).toBe(true)
    expect(see(copies, '支持国货中国加油', { hour: 5 }).isStock).toBe(false)
    expect(see(copies, 'a text of sixteen', { hour: 5 }).isStock).toBe(true)
    expect(see(copies, 'a text of seventeen', { hour: 5 }).isStock).toBe(false)
  })

  it('knows nothing of a text without letters', () => {
    const copies = newCopies()
    expect(see(copies, '👍👍')).toMatchObject({ templateHigh: 0, templateLow: 0, isNew: false, texts: 0 })
    expect(copies.size).toBe(0)
  })

  it('remembers a template for a span after its latest text, and no longer', () => {
    //  0h   20h       43h            68h
    //  A    A (23 h)  A again: 20 h  B: 25 h have passed
    const copies = newCopies({ spanMs: 24 * hourMs })
    const first = see(copies, sale, { hour: 0 })
    see(copies, saleAgain, { hour: 20 })
    const third = see(copies, saleAgain, { hour: 43 })
    expect(third).toMatchObject({ isNew: false, texts: 3, firstMs: 0, templateLow: first.templateLow })
    const fourth = see(copies, sale, { hour: 68 })
    expect(fourth).toMatchObject({ isNew: true, texts: 1, firstMs: 68 * hourMs })
    expect([fourth.templateHigh, fourth.templateLow]).not.toEqual([first.templateHigh, first.templateLow])
    expect(copies.evicted).toBe(0)
    copies.advance(200 * hourMs)
    expect(copies.size).toBe(0)
  })

  it('keeps to its caps, and counts what it put aside before its time', () => {
    const copies = newCopies({ templateCap: 100 })
    for (let i = 0; i < 1000; i++) see(copies, words(i, 12).join(' '))
    expect(copies.size).toBeLessThanOrEqual(200)
    expect(copies.evicted).toBe(1000 - copies.size)
    const small = newCopies({ byteCap: 100_000 })
    for (let i = 0; i < 100; i++) see(small, words(i, 200).join(' '))
    expect(small.byteLength).toBeLessThan(1_000_000)
    expect(small.evicted).toBe(100 - small.size)
  })

  it('finds a copy among thousands of texts that are half like it', () => {
    //  The same frame, and a slot that differs: 0.5 to each other; one of them then comes again, with a letter changed.
    const copies = newCopies()
    const frame = words(1, 8).join(' ')
    const withSlot = (slot: number): string => `${frame} ${words(1000 + slot, 8).join(' ')}`
    for (let slot = 0; slot < 1500; slot++) see(copies, withSlot(slot), { author: slot })
    for (let slot = 0; slot < 1500; slot += 100) {
      expect(see(copies, `${withSlot(slot)} x`)).toMatchObject({ isNew: false, firstAuthor: slot })
    }
  })

  it('keeps a template that is in use while others are put aside', () => {
    const copies = newCopies({ templateCap: 50 })
    for (let i = 0; i < 1000; i++) {
      see(copies, words(i, 12).join(' '))
      if (i % 40 === 0) see(copies, sale)
    }
    expect(see(copies, sale)).toMatchObject({ isNew: false, texts: 26 })
  })

  it('gives the same bytes when it is saved and loaded on the way', () => {
    const text = fc
      .record({ start: fc.nat(6), changed: fc.nat(30), length: fc.constantFrom(2, 12, 40) })
      .map(({ start, changed, length }) =>
        words(start, length)
          .with(changed % length, `w${changed}`)
          .join(' '),
      )
    const step = fc.record({ text, author: fc.nat(20), hour: fc.nat(12) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(60), (steps, cut) => {
        const options = { spanMs: 24 * hourMs, templateCap: 8 }
        const [whole, before, after] = [newCopies(options), newCopies(options), newCopies(options)]
        let hour = 0
        steps.forEach(({ text, author, hour: passed }, at) => {
          hour += passed
          if (at === cut) after.load(new SnapshotReader(saved(before)), 'copies')
          const expected = see(whole, text, { author, hour })
          expect(see(at < cut ? before : after, text, { author, hour })).toEqual(expected)
        })
        if (cut < steps.length) expect(saved(after)).toEqual(saved(whole))
      }),
      { numRuns: 60 },
    )
  })
})

describe('a long text', () => {
  const article = words(1, 300)
  const others = Array.from({ length: 20 }, (_, i) => words(100 + i, 300))

  const placedAfterAll = (text: readonly string[]): Placement => {
    const copies = newCopies()
    for (const one of [article, ...others]) see(copies, one.join(' '))
    return see(copies, text.join(' '))
  }
  const original = see(newCopies(), article.join(' '))
  const chances = numbers(9, article.length)
  /** With so many words in ten replaced. */
  const spun = (inTen: number): string[] =>
    article.map((word, at) => (chances[at]! % 10 < inTen ? words(500 + at, 1)[0]! : word))

  it.each([1, 2, 3])('is found with %d words in ten replaced', (inTen) => {
    const placement = placedAfterAll(spun(inTen))
    expect(placement).toMatchObject({ isNew: false, templateLow: original.templateLow })
  })

  it('is near its model, but a text of its own, with every second word replaced', () => {
    const placement = placedAfterAll(spun(5))
    expect(placement).toMatchObject({ isNew: true, nearLow: original.templateLow })
    expect(placement.coverage).toBeGreaterThan(0.05)
  })

  it('is found in another order, within a longer one, and in part', () => {
    const parts = [4, 1, 5, 0, 3, 2].flatMap((part) => article.slice(part * 50, part * 50 + 50))
    const within = [...words(300, 200), ...article, ...words(301, 200)]
    for (const text of [parts, within, article.slice(90, 200)]) {
      const placement = placedAfterAll(text)
      expect(placement).toMatchObject({ isNew: false, templateLow: original.templateLow })
      expect(placement.coverage).toBeGreaterThan(0.95)
    }
  })

  it('may quote a paragraph', () => {
    const placement = placedAfterAll([...words(400, 150), ...article.slice(0, 40), ...words(401, 110)])
    expect(placement).toMatchObject({ isNew: true, nearLow: original.templateLow })
    expect(placement.coverage).toBeLessThan(0.2)
  })
})

/** Words of a language of 2,000, drawn by a number. */
function words(seed: number, count: number): string[] {
  return numbers(seed, count).map((number) => {
    let word = ''
    let code = (number % 2000) * 7919 + 13
    for (; code > 0; code = Math.floor(code / 26)) word += String.fromCharCode(97 + (code % 26))
    return word
  })
}

function numbers(seed: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => mix32(mix32(seed, at), 77))
}

function saved(copies: NearCopies): Uint8Array[] {
  const out = new SnapshotWriter()
  copies.save(out, 'copies')
  return out.parts().map((part) => part.slice())
}
