import fc from 'fast-check'
import { maxTextBytes, TextFold } from './fold'
import { withOneAlphabet } from './look-alikes'
import { firstIdeograph, simplifiedForms } from './simplified'

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
  const normal = text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFKC')
    .slice(0, maxTextBytes)
    .toLowerCase()
    .slice(0, maxTextBytes)
    .replace(/[\u00c0-\u024f\u1e00-\u1eff]/g, (letter) => letter.normalize('NFD').charAt(0))
    .replace(/\p{M}/gu, '')
  const simplified = Array.from(normal, (letter) => {
    const form = simplifiedForms()[letter.codePointAt(0)! - firstIdeograph]
    return form === undefined ? letter : String.fromCodePoint(form)
  })
  const plain = withOneAlphabet(simplified.join(''))
  let result = ''
  let before = ''
  for (let at = 0; at < plain.length;) {
    const rest = plain.slice(at)
    const isInWord = /^[a-z0-9]$/.test(before)
    const skipped =
      /^https?:\/\/[\x21-\x7e]*/.exec(rest) ??
      /^\[[\p{L}\p{N}]{1,8}\]/u.exec(rest) ??
      (isInWord ? null : (/^www\.[\x21-\x7e]*/.exec(rest) ?? /^@[\p{L}\p{N}_-]{0,30}/u.exec(rest)))
    if (skipped !== null) {
      before = ''
      at += skipped[0].length
      continue
    }
    const isStandIn = /^[a-z]$/.test(before) && /^[013457][a-z]/.test(rest)
    before = String.fromCodePoint(rest.codePointAt(0)!)
    at += before.length
    if (/[\p{L}\p{N}]/u.test(before)) result += isStandIn ? 'oi?eas?t'.charAt(Number(before)) : before
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
    ['Straße, ÉCOLE, Школа', 'straßeecoleшкола'],
    ['e\u0301co\u0337\u0322le', 'ecole'],
    ['Tiếng Việt', 'tiengviet'],
    ['http://t.c\u200bn/abc great', 'great'],
    ['支持國產[哈哈][doge]，加油', '支持国产加油'],
    ['［哈哈］好［这里是一句九个字的话］', '好这里是一句九个字的话'],
    ['#春節快樂#大家好', '春节快乐大家好'],
    ['裏 裡 里 乾 幹 干', '里里里干干干'],
    ['\u0441\u043effee', 'coffee'],
    ['p\u0430\u0443pal and p\u03b1yp\u03b1l', 'paypalandpaypal'],
    ['\u0441\u043e\u0440 is not cop', '\u0441\u043e\u0440isnotcop'],
    ['\u043f\u0440\u0438\u0432\u0435\u0442', '\u043f\u0440\u0438\u0432\u0435\u0442'],
    ['\u043fp\u0438\u0432e\u0442', '\u043f\u0440\u0438\u0432\u0435\u0442'],
    ['текстhttp://t.co/x', 'текст'],
    ['𝐠𝐫𝐞𝐚𝐭 𝒶𝓇𝓉𝒾𝒸𝓁ℯ', 'greatarticle'],
    ['ɢʀᴇᴀᴛ', 'great'],
    ['v1agra fr0m covid19 mp3 2pm', 'viagrafromcovid19mp32pm'],
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
        '[',
        ']',
      ),
      fc.constantFrom(
        '写得真好',
        '國產貨',
        'р',
        'а',
        'п',
        'α',
        '3',
        'ᴀ',
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
      fc.string({ unit: fc.constantFrom(...Array.from('htwps:/.@aZ9 _-é好р[]1國')) }),
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
