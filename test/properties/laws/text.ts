import fc from 'fast-check'
import { maxTextBytes, TextFold } from '../../../src/text/fold'
import { anyLaw } from './law'

const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    ...[
      'http://',
      'https://',
      'HTTPS:/',
      'www.',
      '@',
      '#',
      ' ',
      '[',
      ']',
      '😀',
      '\u200d',
      '\u0301',
      '\u0345',
      'ﷺ',
      'ß',
      'İ',
      'Σ',
    ],
    ...[
      '0',
      'o',
      'l1',
      'а',
      'р',
      '國',
      '国',
      'ｈ',
      '．',
      '①',
      '㍿',
      '\ud800',
      '\udc00',
      '\u0000',
      '\u{e0001}',
      '\u{1f1e6}',
      'ᄀ',
      'ᅡ',
    ],
  ),
)

interface Text {
  readonly pieces: readonly string[]
  readonly times: number
}

export const textLaw = anyLaw({
  name: 'text-fold',
  runs: 1500,
  arbitrary: fc.record({
    pieces: fc.array(piece, { maxLength: 8 }),
    times: fc.oneof({ weight: 20, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 4096 })),
  }),
  /**
   * Every text up to the limit can be folded, whatever it repeats, in time that no stream notices; what comes out is letters
   * and digits, and the same each time.
   */
  check({ pieces, times }: Text) {
    const whole = Buffer.from(pieces.join('').repeat(times))
    const text = wholeCharacters(whole.subarray(0, maxTextBytes))
    const startMs = performance.now()
    const once = folded(text)
    // Eight kilobytes take well under a millisecond; the square of them would take minutes.
    if (performance.now() - startMs > 10_000) throw new Error('is slow')
    if (folded(text) !== once) throw new Error('is another one the second time')
    const strange = once.replace(/[\p{L}\p{N}\p{M}]/gu, '')
    if (strange !== '') throw new Error(`keeps ${JSON.stringify(strange)}`)
    if (Buffer.from(once).includes('\ufffd') && !text.includes('\ufffd')) throw new Error('is no UTF-8')
  },
})

const fold = new TextFold()

function folded(text: Uint8Array): string {
  fold.fold(text, 0, text.length)
  return Buffer.from(fold.bytes.subarray(0, fold.length)).toString()
}

/** Without the part of a character that a cut left at the end. */
function wholeCharacters(bytes: Buffer): Buffer {
  let end = bytes.length
  while (end > 0 && Buffer.from(bytes.subarray(0, end).toString()).length !== end) end--
  return bytes.subarray(0, end)
}
