import fc from 'fast-check'
import { maxTextBytes, TextFold } from './fold-text'

const fold = new TextFold()

function folded(text: string): string {
  const bytes = new TextEncoder().encode(text)
  fold.fold(bytes, 0, bytes.length)
  const result = new TextDecoder().decode(fold.bytes.subarray(0, fold.length))
  if (fold.characters !== Array.from(result).length)
    throw new Error(`${text} has not ${fold.characters} characters`)
  return result
}

/** The same rules, told with strings and patterns. */
function foldedSlowly(text: string): string {
  const plain = text.normalize('NFKC').slice(0, maxTextBytes).toLowerCase().slice(0, maxTextBytes)
  let result = ''
  let before = ''
  for (let at = 0; at < plain.length;) {
    const rest = plain.slice(at)
    const isInWord = /^[a-z0-9]$/.test(before)
    const skipped =
      /^https?:\/\/[\x21-\x7e]*/.exec(rest) ??
      (isInWord ? null : (/^www\.[\x21-\x7e]*/.exec(rest) ?? /^@[\p{L}\p{N}_-]{0,30}/u.exec(rest)))
    if (skipped !== null) {
      before = ''
      at += skipped[0].length
      continue
    }
    before = String.fromCodePoint(rest.codePointAt(0)!)
    at += before.length
    if (/[\p{L}\p{N}]/u.test(before)) result += before
  }
  return result
}

describe('the folded text', () => {
  it.each([
    ['Great article!', 'greatarticle'],
    ['  G R E A T   article ??', 'greatarticle'],
    ['great 👍🏽 article ❤️', 'greatarticle'],
    ['gr\u200beat\u2060 arti\ufeffcle', 'greatarticle'],
    ['ＧＲＥＡＴ　ａｒｔｉｃｌｅ！', 'greatarticle'],
    ['great article https://t.cn/A6x?y=1 ', 'greatarticle'],
    ['great www.example.com/x article', 'greatarticle'],
    ['@somebody great article @other_one-2', 'greatarticle'],
    ['Straße, ÉCOLE, Школа', 'straßeécoleшкола'],
    ['e\u0301cole', 'école'],
    ['写得真好，支持一下！', '写得真好支持一下'],
    ['转发@小明：写得真好。', '转发写得真好'],
    ['//@小明:写得真好 http://t.cn/abc转发', '写得真好转发'],
    ['カタカナとひらがな', 'カタカナとひらがな'],
    ['ｶﾀｶﾅ', 'カタカナ'],
    ['한국어 텍스트', '한국어텍스트'],
    ['①②③ ½ ㎏', '12312kg'],
    ['write to me@example.com', 'writetomeexamplecom'],
    ['http and www are words', 'httpandwwwarewords'],
    ['👍👍👍', ''],
    ['', ''],
  ])('of %j is %j', (text, expected) => {
    expect(folded(text)).toBe(expected)
  })

  it('lets at most 30 characters pass for a name, so that a whole text cannot hide in one', () => {
    expect(folded('@' + 'n'.repeat(30))).toBe('')
    expect(folded('@' + '名'.repeat(31))).toBe('名')
  })

  it('is the same whichever way it is made', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'http://',
        'https://',
        'HTTP://',
        'www.',
        '@',
        ' ',
        '…',
        '‼',
        '，',
        '：',
        '／',
        '＠',
        'ｈ',
        '_',
        '-',
      ),
      fc.constantFrom(
        '写得真好',
        'ひらがな',
        'Школа',
        'Éa',
        'ß',
        'I',
        'İ',
        'Σ',
        'K',
        '\u0301',
        '\u3099',
        '\u200d',
        '👍',
        '❿',
      ),
      fc.string({ unit: fc.constantFrom(...Array.from('htwps:/.@aZ9 _-é好')) }),
    )
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('').replace(/\p{Surrogate}/gu, '')
        expect(folded(text)).toBe(foldedSlowly(text))
      }),
      { numRuns: 1500 },
    )
  })

  it('knows every character that it takes the quick way with', () => {
    for (let codePoint = 0x80; codePoint < 0x20000; codePoint++) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue
      const text = `a${String.fromCodePoint(codePoint)}b`
      if (folded(text) !== foldedSlowly(text))
        throw new Error(`U+${codePoint.toString(16)} folds differently`)
    }
  })

  it('stays within bounds for a character that grows eighteenfold', () => {
    const text = '\ufdfa'.repeat(Math.floor(maxTextBytes / 3))
    expect(folded(text)).toBe(foldedSlowly(text))
    expect(fold.characters).toBeLessThanOrEqual(maxTextBytes)
  })
})
