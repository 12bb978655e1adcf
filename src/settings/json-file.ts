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
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new SettingsError(
      `${what} ${file} should be JSON, and is not${placeOf(error, text)}; check it with an editor or "node -p"`,
    )
  }
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
  if (found === null) return ''
  const before = text.slice(0, Number(found[1])).split('\n')
  return ` from line ${before.length}, column ${before.at(-1)!.length + 1} on`
}

/** Both take a byte order mark away. */
const decoder = new TextDecoder()
const strictDecoder = new TextDecoder('utf-8', { fatal: true })
