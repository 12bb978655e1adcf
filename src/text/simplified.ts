import { Converter } from 'opencc-js/t2cn'

/** First and last ideograph that the table knows: the blocks of extension A and of the unified ideographs. */
export const firstIdeograph = 0x3400
export const lastIdeograph = 0x9fff

/**
 * By ideograph, counted from the first: its simplified form, or itself. Made from the dictionary of OpenCC when it is
 * first asked for, and only character by character: 乾 is 干 whether it dries or is a name, which is enough to compare.
 */
export function simplifiedForms(): Uint16Array {
  return (forms ??= readForms())
}

let forms: Uint16Array | undefined

function readForms(): Uint16Array {
  const table = new Uint16Array(lastIdeograph - firstIdeograph + 1)
  for (let at = 0; at < table.length; at++) table[at] = firstIdeograph + at
  // One call for all; a line break between them, so that no two are taken for a phrase.
  const lines = Array.from(table, (codePoint) => String.fromCodePoint(codePoint)).join('\n')
  // The package's own type of a converter is not found by the compiler.
  const simplify = Converter({ from: 't', to: 'cn' }) as (text: string) => string
  simplify(lines)
    .split('\n')
    .forEach((line, at) => {
      const codePoint = line.codePointAt(0)!
      if (codePoint >= firstIdeograph && codePoint <= lastIdeograph) table[at] = codePoint
    })
  // What is simplified twice ends where it ends, so that folding a folded text changes nothing.
  for (let at = 0; at < table.length; at++) {
    const once = table[at]!
    table[at] = table[once - firstIdeograph]!
  }
  return table
}
