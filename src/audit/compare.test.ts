import fc from 'fast-check'
import { differences } from './compare'
import type { Named } from './compare'

/** One letter a verdict: its name, and in upper case with other bytes. A digit is a line that is no verdict. */
function row(text: string): Named[] {
  return text
    .split('')
    .map((letter) =>
      /\d/.test(letter)
        ? { sha256: letter }
        : { sha256: letter, verdictId: letter.toLowerCase(), revision: 1 },
    )
}

function told(expected: string, found: string): string[] {
  return differences(row(expected), row(found)).map((one) => {
    const was = 'expected' in one ? expected[one.expected]! : ''
    const is = 'found' in one ? found[one.found]! : ''
    return `${one.kind} ${was}${is}`
  })
}

it.each([
  ['nothing', 'abcd', 'abcd', []],
  ['an altered one', 'abcd', 'aBcd', ['altered bB']],
  ['one that cannot be read any more', 'abcd', 'a1cd', ['altered b1']],
  ['one that took another name', 'abcd', 'axcd', ['altered bx']],
  ['a removed one', 'abcd', 'acd', ['removed b']],
  ['a removed end', 'abcd', 'ab', ['removed c', 'removed d']],
  ['an added one', 'abcd', 'abxcd', ['added x']],
  ['an added copy', 'abcd', 'abcda', ['added a']],
  ['two that were swapped', 'abcd', 'acbd', ['reordered cc']],
  ['one that was moved far', 'abcdefgh', 'bcdefgha', ['reordered aa']],
  ['two in one with the break gone', 'abcd', 'a1d', ['altered b1', 'removed c']],
  ['much at once', 'abcdef', 'Abdcx', ['altered aA', 'reordered dd', 'altered ex', 'removed f']],
])('tells of %s', (_, expected, found, differ) => {
  expect(told(expected, found)).toEqual(differ)
})

it('tells of something whenever anything differs, and of each verdict once', () => {
  const letters = fc
    .array(fc.constantFrom(...'a b c d e A B C 1 2'.split(' ')), { maxLength: 12 })
    .map((all) => all.join(''))
  fc.assert(
    fc.property(letters, letters, (expected, found) => {
      const result = differences(row(expected), row(found))
      expect(result.length > 0).toBe(expected !== found)
      const pointed = (key: 'expected' | 'found') =>
        result.flatMap((one) => (key in one ? [(one as Record<typeof key, number>)[key]] : []))
      expect(new Set(pointed('found')).size).toBe(pointed('found').length)
      expect(new Set(pointed('expected')).size).toBe(pointed('expected').length)
    }),
  )
})
