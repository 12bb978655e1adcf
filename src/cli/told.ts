import { Option } from 'commander'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { unreadable } from '../log/source-errors'
import { UnreachableError, UsageError } from '../model/errors'
import { layOut } from '../explain/layout'
import type { Told } from '../explain/layout'
import { printableJson } from '../explain/name'
import { languages } from '../explain/words/words'
import type { Language } from '../explain/words/words'

/** What the commands that tell of verdicts share: their options, where verdicts come from, how they are printed. */

export interface ToldOptions {
  readonly state?: string
  readonly url?: string
  readonly lang: Language
  readonly json?: boolean
}

export function languageOption(): Option {
  return new Option('--lang <language>', 'the language it is told in').choices(languages).default('en')
}

/** Prints it for a person as wide as the terminal is, or for a program as JSON. */
export function print(told: Told, { json = false, structure }: { json?: boolean; structure: unknown }): void {
  process.stdout.write(json ? `${printableJson(JSON.stringify(structure))}\n` : layOut(told, columns()))
}

function columns(): number {
  return Math.min(100, Math.max(40, process.stdout.isTTY ? process.stdout.columns : 100))
}

/** Exactly one of the sources must be named; `names` are the options as they are written. */
export function mustNameOne(named: readonly boolean[], names: string): void {
  const count = named.filter(Boolean).length
  if (count !== 1) throw new UsageError(`name one of ${names}, ${count === 0 ? 'none' : count} was named`)
}

/** The lines of a file in which a text occurs, in order; "-" is the standard input. */
export async function* linesWith(file: string, mark: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.includes(mark)) yield line
    }
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** What the API of a service answers, or undefined where it knows nothing of it; throws an `UnreachableError` otherwise. */
export async function askApi(base: string, path: string): Promise<unknown> {
  let url: URL
  try {
    url = new URL(`${base.replace(/(?<!\/)\/+$/, '')}${path}`)
  } catch {
    throw new UsageError(`--url ${base} is no address; give one such as http://localhost:8080`)
  }
  const fail = (what: string): UnreachableError =>
    new UnreachableError(`${url.origin} ${what}; see whether the service runs there and its /readyz`)
  let response: Response
  let body: unknown
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(answersWithinMs) })
    body = await response.json()
  } catch (error) {
    throw fail(`does not answer as the API does: ${(error as Error).message}`)
  }
  if (response.ok) return body
  const { error } = body as { error?: { code?: string; message?: string } }
  if (
    response.status === 404 &&
    error?.code?.startsWith('unknown-') === true &&
    error.code !== 'unknown-route'
  ) {
    return undefined
  }
  throw fail(`answers with ${response.status}: ${error?.message ?? 'no reason is given'}`)
}

const answersWithinMs = 10_000
