import { Random } from '../random'
import { article } from './articles'
import type { Article } from './articles'
import type { CopyKind } from './copies'
import { copyOf } from './copies'
import { inTraditionalScript } from './script'

const random = new Random(7, 'copies')
const sources = Array.from({ length: 60 }, (_, place) =>
  article(random, { language: place % 3 === 0 ? 'en' : 'zh', length: 6 }),
)

const shingles = (text: string): Set<string> => {
  const letters = Array.from(text.replace(/\s/g, ''))
  const size = /\p{Script=Han}/u.test(text) ? 2 : 4
  return new Set(letters.slice(size - 1).map((_, at) => letters.slice(at, at + size).join('')))
}
const likeness = (left: string, right: string): number => {
  const ours = shingles(left)
  const theirs = shingles(right)
  const shared = [...ours].filter((one) => theirs.has(one)).length
  return shared / (ours.size + theirs.size - shared)
}
const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length
const copiesAs = (how: CopyKind): [Article, Article][] =>
  sources.map((source) => [source, copyOf({ ...source, text: source.text }, how, random)])

describe('articles', () => {
  it('are seldom alike, short or long', () => {
    for (const length of [2, 8]) {
      const texts = Array.from({ length: 150 }, () => article(random, { length, language: 'zh' }).text)
      const pairs = texts.flatMap((text, place) =>
        texts.slice(0, place).map((other) => likeness(text, other)),
      )
      expect(mean(pairs)).toBeLessThan(0.1)
      expect(pairs.filter((one) => one > 0.6)).toEqual([])
    }
  })
})

describe('copies', () => {
  it('spun replace the share of words that they say', () => {
    for (const share of [10, 30, 50] as const) {
      const replaced = copiesAs(`spun-${share}`).map(([source, copy]) => {
        const words = source.story.sentences.flat()
        const theirs = copy.story.sentences.flat()
        const isWord = (word: string): boolean => /[\p{L}\p{N}]/u.test(word)
        return (
          words.filter((word, place) => isWord(word) && word !== theirs[place]).length /
          words.filter(isWord).length
        )
      })
      expect(Math.abs(mean(replaced) - share / 100)).toBeLessThan(0.03)
    }
  })

  it('are further from their source the more is done to them', () => {
    const near = (how: CopyKind): number =>
      mean(copiesAs(how).map(([source, copy]) => likeness(source.text, copy.text)))
    expect(near('exact')).toBe(1)
    expect(near('spun-10')).toBeGreaterThan(near('spun-30'))
    expect(near('spun-30')).toBeGreaterThan(near('spun-50'))
    expect(near('re-ordered')).toBeGreaterThan(0.8)
    expect(near('noise')).toBeLessThan(0.8)
  })

  it('translated are in the other script, letter for letter', () => {
    const chinese = copiesAs('translated').filter(([source]) => source.story.language === 'zh')
    for (const [, copy] of chinese) expect(copy.text).not.toMatch(/[学车们说时间发现开]/)
    expect(inTraditionalScript('地铁的价格 12 km')).toBe('地鐵的價格 12 km')
  })

  it('in noise look the same to a reader who sees no invisible characters', () => {
    for (const [, copy] of copiesAs('noise')) expect(copy.text).toMatch(/[\u200b-\u200d\u2060\u00ad]/)
  })
})
