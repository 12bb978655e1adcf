import { printable } from './name'
import type { Item } from './story'

/** What is laid out: a title, and parts with a title each. */
export interface Told {
  readonly title: string
  readonly sections: readonly {
    readonly title: string
    readonly items: readonly Item[]
    readonly isList?: boolean
  }[]
}

/**
 * Plain text of at most so many columns, as far as ids and words allow; a Chinese character takes two. What somebody
 * called himself cannot act on a terminal.
 */
export function layOut({ title, sections }: Told, columns: number): string {
  const lines = wrapped(title, { columns, first: '', rest: '' })
  for (const section of sections) {
    lines.push('', ...(section.title === '' ? [] : [printable(section.title)]))
    section.items.forEach((item, place) => {
      const mark = section.isList === true ? `${place + 1}. ` : '- '
      const indent = ' '.repeat(mark.length + 2)
      const first = `  ${mark}`
      if (item.isVerbatim === true) lines.push(`${indent}${printable(item.text)}`)
      else lines.push(...wrapped(item.text, { columns, first, rest: indent }))
      for (const detail of item.details)
        lines.push(...wrapped(detail, { columns, first: indent, rest: indent }))
    })
  }
  return `${lines.join('\n')}\n`
}

function wrapped(
  text: string,
  { columns, first, rest }: { readonly columns: number; readonly first: string; readonly rest: string },
): string[] {
  const lines: string[] = []
  let line = first
  let width = first.length
  let isFresh = true
  for (const part of partsOf(printable(text))) {
    const isSpace = part === ' '
    const wide = widthOf(part)
    if (!isSpace && !isFresh && width + wide > columns) {
      lines.push(line.trimEnd())
      line = rest
      width = rest.length
      isFresh = true
    }
    if (isSpace && isFresh) continue
    line += part
    width += wide
    isFresh = false
  }
  return [...lines, line.trimEnd()]
}

/** What may not be broken: words with their punctuation, and single wide characters with theirs. */
function partsOf(text: string): string[] {
  const parts: string[] = []
  for (const [part] of text.matchAll(/ |[^ \p{Script=Han}，。；：、？！（）《》“”]+(?: %)?|./gu)) {
    const last = parts.at(-1)
    const isClosing = /^[，。；：、？！）》”]/u.test(part)
    const isOpened = last !== undefined && /[（《“]$/u.test(last)
    if (last !== undefined && last !== ' ' && (isClosing || isOpened)) parts[parts.length - 1] = last + part
    else parts.push(part)
  }
  return parts
}

/** Columns that a text takes on a terminal, by the wide ranges of UAX #11; marks that combine take none. */
export function widthOf(text: string): number {
  let width = 0
  for (const letter of text) {
    if (/\p{M}/u.test(letter)) continue
    width += isWide(letter.codePointAt(0)!) ? 2 : 1
  }
  return width
}

function isWide(code: number): boolean {
  return wideRanges.some(([from, to]) => code >= from && code <= to)
}

const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
]
