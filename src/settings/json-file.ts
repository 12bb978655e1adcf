import { readFileSync } from 'node:fs'
import { SettingsError, UnreachableError } from '../model/errors'

/**
 * What a file of JSON holds that a person wrote: in UTF-8, with a byte order mark or without. Throws an
 * `UnreachableError` where it cannot be read and a `SettingsError` where it is no JSON. No message quotes it, since it may
 * hold a secret. `what` names it, as "the policy".
 */
export function readJsonFile(file: string, what: string): unknown {
  const bytes = readBytes(file, what)
  const fault = faultOf(bytes)
  if (fault !== undefined) {
    throw new SettingsError(
      `${what} ${file} should be JSON in UTF-8, and ${fault[0]}; ${fault[1] ?? 'check it with an editor or "node -p"'}`,
    )
  }
  const text = decoder.decode(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new SettingsError(
      `${what} ${file} should be JSON, and is not${placeOf(error, text)}; check it with an editor or "node -p"`,
    )
  }
  const repeated = repeatedKeyIn(text)
  if (repeated === undefined) return value
  throw new SettingsError(
    `${what} ${file} should name each key once, and names ${repeated.path} again in ${lineAndColumn(text, repeated.at)}; take one of the two out`,
  )
}

/** The text of a file; throws an `UnreachableError` that says why it cannot be read. */
export function readTextFile(file: string, what: string): string {
  return decoder.decode(readBytes(file, what))
}

function readBytes(file: string, what: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw new UnreachableError(
      code === 'EISDIR'
        ? `${what} ${file} should be a file, but is a folder; name a file in it`
        : `${what} ${file} cannot be read (${code}); name a file that can`,
    )
  }
}

function faultOf(bytes: Buffer): readonly [what: string, whatToDo?: string] | undefined {
  if (bytes.length === 0) return ['is empty']
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (isUtf16) return ['is UTF-16', 'save it again as UTF-8']
  if (bytes.includes(0))
    return ['holds zero bytes, as no text does', 'see whether it is the file that was meant']
  try {
    strictDecoder.decode(bytes)
    return undefined
  } catch {
    return ['holds bytes that are not UTF-8', 'save it again as UTF-8']
  }
}

/** Where the parser stopped, where it says so; it counts from the first character. */
function placeOf(error: unknown, text: string): string {
  const found = /at position (\d+)/.exec((error as Error).message)
  return found === null ? '' : ` from ${lineAndColumn(text, Number(found[1]))} on`
}

function lineAndColumn(text: string, at: number): string {
  const before = text.slice(0, at).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length + 1}`
}

/** The first key that an object has already, in JSON that holds. The parser lets the last one win and says nothing. */
function repeatedKeyIn(text: string): { readonly path: string; readonly at: number } | undefined {
  const open: { readonly keys: Set<string>; place: string | number }[] = []
  for (const { 0: token, 1: key, index } of text.matchAll(keyOrMark)) {
    const inner = open.at(-1)
    if (key !== undefined && inner !== undefined) {
      inner.place = JSON.parse(key) as string
      if (inner.keys.has(inner.place)) return { path: open.map(({ place }) => place).join('.'), at: index }
      inner.keys.add(inner.place)
    } else if (token === '{' || token === '[') open.push({ keys: new Set(), place: 0 })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && typeof inner?.place === 'number') inner.place++
  }
  return undefined
}

/** A string, which is a key where a colon follows, or a mark outside of strings. */
const keyOrMark = /("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\],]/g

/** Both take a byte order mark away. */
const decoder = new TextDecoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true })
