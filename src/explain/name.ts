/**
 * An id, a name or a text in the middle of a sentence: bare where it is one word, else quoted, so that what somebody
 * called himself never reads as a part of what is said of him.
 */
export function nameOf(id: string): string {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._:@#|/-]*$/u.test(id) ? id : JSON.stringify(id)
}

/** A text of somebody, shortened. */
export function quoted(text: string, mostLetters = 200): string {
  const letters = Array.from(text)
  return JSON.stringify(letters.length <= mostLetters ? text : `${letters.slice(0, mostLetters).join('')}…`)
}

/** What acts on a terminal, or hides what stands beside it, written out: control and format characters, line ends. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u{3164}\u{115f}\u{1160}\u{ffa0}]/gu,
    (letter) => `\\u{${letter.codePointAt(0)!.toString(16)}}`,
  )
}

/** The same in JSON, where it stays the same value. */
export function printableJson(json: string): string {
  return json.replace(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\u{3164}\u{115f}\u{1160}\u{ffa0}]/gu, (letter) =>
    Array.from(
      { length: letter.length },
      (_, place) => `\\u${letter.charCodeAt(place).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
