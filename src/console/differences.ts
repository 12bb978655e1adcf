/** A stretch of a text, and whether the other text has it too. */
export interface Stretch {
  readonly text: string
  readonly isCommon: boolean
}

export interface Compared {
  readonly one: readonly Stretch[]
  readonly other: readonly Stretch[]
  /** How much of the two is common, by letters, 0 to 1. */
  readonly share: number
}

/**
 * Which words two texts have in common in the same order, and which are the one's or the other's alone. Chinese is
 * compared letter by letter, everything else word by word. Of very long texts only the beginning is compared.
 */
export function compared(one: string, other: string): Compared {
  const [a, b] = [wordsIn(one), wordsIn(other)]
  const isCommon = commonIn(a, b)
  const common = a.reduce((sum, word, at) => sum + (isCommon.a[at] ? word.length : 0), 0)
  const letters = one.length + other.length
  return {
    one: stretchesOf(a, isCommon.a),
    other: stretchesOf(b, isCommon.b),
    share: letters === 0 ? 1 : (2 * common) / letters,
  }
}

/** The longest common subsequence, as a mark on each word. */
function commonIn(a: readonly string[], b: readonly string[]): { a: boolean[]; b: boolean[] } {
  const marks = { a: a.map(() => false), b: b.map(() => false) }
  const [rows, columns] = [Math.min(a.length, mostWords), Math.min(b.length, mostWords)]
  // lengths[i * width + j]: how many words a from i on and b from j on have in common.
  const width = columns + 1
  const lengths = new Uint16Array((rows + 1) * width)
  for (let i = rows - 1; i >= 0; i--) {
    for (let j = columns - 1; j >= 0; j--) {
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
    }
  }
  for (let i = 0, j = 0; i < rows && j < columns;) {
    if (a[i] === b[j]) marks.a[i++] = marks.b[j++] = true
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++
    else j++
  }
  return marks
}

function stretchesOf(words: readonly string[], isCommon: readonly boolean[]): Stretch[] {
  const stretches: { text: string; isCommon: boolean }[] = []
  words.forEach((text, at) => {
    const last = stretches.at(-1)
    if (last !== undefined && last.isCommon === isCommon[at]) last.text += text
    else stretches.push({ text, isCommon: isCommon[at]! })
  })
  return stretches
}

function wordsIn(text: string): string[] {
  return (
    text.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+?(?=[\p{Script=Han}]|[^\p{L}\p{M}\p{N}]|$)|\s+|[^]/gu,
    ) ?? []
  )
}

const mostWords = 1_000
