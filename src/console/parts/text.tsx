import { useWords } from '../settings'
import { moment, isoOf } from '../format'
import { addressOf } from '../places'

/**
 * What somebody else wrote, so that it cannot act on what stands beside it: characters that hide or turn round text are
 * shown by their numbers, and the rest keeps to its own direction.
 */
export function Written({ text, className }: { text: string; className?: string }) {
  const words = useWords()
  return (
    <bdi class={className === undefined ? 'written' : `written ${className}`}>
      {partsOf(text).map((part) =>
        part.isHidden ? (
          <span class="hidden-letter" title={words.control(part.text)}>
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </bdi>
  )
}

/** The same as plain text, for titles and labels. */
export function plainly(text: string): string {
  return partsOf(text)
    .map((part) => part.text)
    .join('')
}

interface Part {
  readonly text: string
  readonly isHidden: boolean
}

/** Line ends stay; control and format characters, private ones and halves of pairs are named. */
function partsOf(text: string): Part[] {
  const parts: Part[] = []
  let at = 0
  for (const found of text.matchAll(hidden)) {
    if (found.index > at) parts.push({ text: text.slice(at, found.index), isHidden: false })
    const code = found[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    parts.push({ text: `[U+${code}]`, isHidden: true })
    at = found.index + found[0].length
  }
  if (at < text.length) parts.push({ text: text.slice(at), isHidden: false })
  return parts
}

const hidden = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u{3164}\u{115f}\u{1160}\u{ffa0}]/gu

/** An id, as a link where there is a page for it. */
export function Id({ id, page }: { id: string; page?: 'account' | 'verdict' | 'cluster' }) {
  const name = <Written text={id} className="id" />
  return page === undefined ? name : <a href={addressOf(page, id)}>{name}</a>
}

export function Moment({ at }: { at: number }) {
  return (
    <time class="moment" dateTime={isoOf(at)}>
      {moment(at)}
    </time>
  )
}
