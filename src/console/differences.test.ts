import { compared } from './differences'

const marked = (stretches: readonly { text: string; isCommon: boolean }[]) =>
  stretches.map(({ text, isCommon }) => (isCommon ? text : `[${text}]`)).join('')

it('marks the words that only one of two texts has', () => {
  const { one, other, share } = compared('Our bread is baked before dawn.', 'Our bread is sold before noon.')
  expect(marked(one)).toBe('Our bread is [baked] before [dawn].')
  expect(marked(other)).toBe('Our bread is [sold] before [noon].')
  expect(share).toBeCloseTo(0.7, 1)
})

it('compares Chinese letter by letter, also beside other scripts', () => {
  expect(marked(compared('面包在黎明前出炉3次', '面包在黄昏前出炉30次').other)).toBe(
    '面包在[黄昏]前出炉[30]次',
  )
})

it('gives every text back whole, whatever is in it', () => {
  for (const text of ['', '\u202Eabc\n\n  def', '👩‍👧 x\uD800y', 'a'.repeat(3_000)]) {
    for (const { one, other } of [compared(text, 'another text'), compared(text, text)]) {
      expect(one.map((stretch) => stretch.text).join('')).toBe(text)
      expect(['another text', text]).toContain(other.map((stretch) => stretch.text).join(''))
    }
  }
  expect(compared('same', 'same').share).toBe(1)
  expect(compared('', '').share).toBe(1)
})
