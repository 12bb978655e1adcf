import type { ErrorBody, ErrorCode } from '../http/errors'

/** The service answered, and not with what was asked for. */
export class AssayError extends Error {
  override readonly name = 'AssayError'

  constructor(
    /** The service's own word; `unexpected-answer` where something else answered in its place, such as a proxy. */
    readonly code: ErrorCode | 'unexpected-answer',
    message: string,
    readonly status: number,
    readonly more: { readonly expected?: string; readonly retryAfterMs?: number } = {},
  ) {
    super(message)
  }
}

/** The service did not answer, or stopped in the middle; `cause` says how. */
export class AssayUnreachableError extends Error {
  override readonly name = 'AssayUnreachableError'
}

/** What an answer says went wrong. */
export async function errorFrom(response: Response): Promise<AssayError> {
  const { status } = response
  const retryAfterMs = Number(response.headers.get('retry-after') ?? NaN) * 1_000
  const again = Number.isFinite(retryAfterMs) ? { retryAfterMs } : {}
  const text = await response.text().catch(() => '')
  const body = parsed(text) as Partial<ErrorBody> | undefined
  if (typeof body?.error?.code !== 'string') {
    const message = `an answer of assay was expected, ${status} ${response.statusText} came; see what stands in between`
    return new AssayError('unexpected-answer', message, status, again)
  }
  const { code, message, expected } = body.error
  return new AssayError(code, message, status, { ...(expected === undefined ? {} : { expected }), ...again })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
