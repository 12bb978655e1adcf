import { useEffect, useState } from 'preact/hooks'
import type { z } from 'zod'
import type { ResponseName, responses } from '../http/schemas'
import { encodedId } from './places'
import { tokenHeader } from './token'

/** What the API answers, by the name it has in its document. */
export type Answer<Name extends ResponseName> = z.output<(typeof responses)[Name]>

/** A question that was not answered, with what the API said of it. */
export class AskError extends Error {
  override readonly name = 'AskError'

  constructor(
    /** Null where nobody answered at all. */
    readonly status: number | null,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

/** Asks the API; an answer has the shape that its document promises. Throws an `AskError`. */
export async function ask<Name extends ResponseName>(
  name: Name,
  path: string,
  init: RequestInit = {},
): Promise<Answer<Name>> {
  let response: Response
  let body: unknown
  try {
    response = await fetch(path, {
      ...init,
      headers: {
        accept: 'application/json',
        ...tokenHeader(),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    })
    body = await response.json()
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new AskError(null, 'no-answer', (error as Error).message)
  }
  // Not being ready is an answer too.
  if (response.ok || (name === 'Readiness' && response.status === 503)) return body as Answer<Name>
  const { error } = body as Partial<Answer<'Error'>>
  throw new AskError(response.status, error?.code ?? 'unknown', error?.message ?? response.statusText)
}

/** The path of something that has an id. An id of dots alone cannot be written in an address of a browser. */
export function pathOf(
  kind: 'accounts' | 'verdicts' | 'clusters' | 'why-not',
  id: string,
  rest = '',
): string {
  if (id === '.' || id === '..') {
    throw new AskError(
      null,
      'unaskable',
      'no browser can ask for an id of one or two dots; ask with another client',
    )
  }
  return `/api/v1/${kind}/${encodedId(id)}${rest}`
}

/** A question as it stands: on its way, answered, or failed. */
export type Asked<Value> =
  | { readonly state: 'loading' }
  | { readonly state: 'answered'; readonly value: Value }
  | { readonly state: 'failed'; readonly error: AskError; readonly again: () => void }

/** Asks anew whenever `key` changes; what was on its way before is dropped. */
export function useAsked<Value>(
  key: string,
  question: (signal: AbortSignal) => Promise<Value>,
): Asked<Value> {
  const [asked, setAsked] = useState<{ readonly key: string; readonly is: Asked<Value> }>()
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    const settle = (is: Asked<Value>): void => {
      if (!abort.signal.aborted) setAsked({ key, is })
    }
    const again = (): void => {
      setAsked(undefined)
      setTurn(turn + 1)
    }
    void (async () => {
      try {
        settle({ state: 'answered', value: await question(abort.signal) })
      } catch (error) {
        const failure =
          error instanceof AskError ? error : new AskError(null, 'bug', (error as Error).message)
        settle({ state: 'failed', error: failure, again })
      }
    })()
    return () => {
      abort.abort()
    }
    // The question is what the key says.
  }, [key, turn])
  return asked?.key === key ? asked.is : { state: 'loading' }
}

/** All items behind a paged address, up to so many pages. */
export async function askAll(
  path: string,
  mostPages: number,
  signal: AbortSignal,
): Promise<{ readonly items: Answer<'CorrectionPage'>['items']; readonly isWhole: boolean }> {
  const items: Answer<'CorrectionPage'>['items'] = []
  let cursor: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer: Answer<'CorrectionPage'> = await ask('CorrectionPage', `${path}${after}`, { signal })
    items.push(...answer.items)
    cursor = answer.next
    if (cursor === null) return { items, isWhole: true }
  }
  return { items, isWhole: false }
}
