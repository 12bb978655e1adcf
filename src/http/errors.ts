import { UnreachableError } from '../model/errors'
import { BadCursorError, StandingUnreachableError } from '../store/standing'

/** Every way in which a request can fail, with its status; the same words are in the document of the API. */
export const errorStatus = {
  'bad-request': 400,
  'bad-id': 400,
  'bad-cursor': 400,
  'bad-query': 400,
  'bad-body': 400,
  'token-missing': 401,
  'token-unknown': 401,
  'token-expired': 401,
  'read-only': 403,
  'role-too-low': 403,
  'wrong-reviewer': 403,
  'unknown-route': 404,
  'unknown-verdict': 404,
  'unknown-cluster': 404,
  'unknown-account': 404,
  'wrong-method': 405,
  'too-slow': 408,
  'too-long': 413,
  'url-too-long': 414,
  'wrong-media-type': 415,
  'too-many-requests': 429,
  'headers-too-long': 431,
  internal: 500,
  'not-provided': 501,
  'standing-unreachable': 503,
  'too-many-listeners': 503,
  'tokens-unreadable': 503,
  unreachable: 503,
} as const
export type ErrorCode = keyof typeof errorStatus

/** What is wrong with a request, for whoever sent it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly more: { readonly expected?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
  }

  get status(): number {
    return errorStatus[this.code]
  }

  get body(): ErrorBody {
    const { expected } = this.more
    return {
      error: { code: this.code, message: this.message, ...(expected === undefined ? {} : { expected }) },
    }
  }
}

/** The one shape of every error. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly expected?: string }
}

/** Whatever was thrown, as its sender may see it: what we did not foresee tells nothing of the inside. */
export function apiErrorFrom(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof BadCursorError) return new ApiError('bad-cursor', error.message)
  if (error instanceof StandingUnreachableError) {
    return new ApiError(
      'standing-unreachable',
      'the store of verdicts does not answer; try again in a moment',
      again,
    )
  }
  if (error instanceof UnreachableError) {
    return new ApiError(
      'unreachable',
      'something that is needed does not answer; try again in a moment',
      again,
    )
  }
  const { code = '', statusCode } = error as { code?: string; statusCode?: number }
  const known = ofTheServer[code]
  if (known !== undefined) return new ApiError(...known)
  if (statusCode === 400)
    return new ApiError('bad-body', 'the body could not be read', { expected: 'a JSON object' })
  return new ApiError('internal', 'something went wrong here; the log says what')
}

/** Most characters of an address. */
export const longestUrl = 2_048

const again = { headers: { 'retry-after': '1' } }

/** Errors of the server's library, by its codes. */
const ofTheServer: Readonly<Record<string, ConstructorParameters<typeof ApiError>>> = {
  FST_ERR_BAD_URL: ['bad-request', 'the path is not well-formed', { expected: 'percent-encoded UTF-8' }],
  // A single id is longer than an address may be.
  FST_ERR_MAX_PARAM_LENGTH: [
    'url-too-long',
    'the address is too long',
    { expected: `at most ${longestUrl} characters` },
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-long', 'the body is too long', { expected: 'at most 64 kB' }],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    'wrong-media-type',
    'the body is of a type that is not taken',
    { expected: 'content-type: application/json' },
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-body', 'the body is not as long as its content-length says'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['bad-body', 'the body is empty', { expected: 'a JSON object' }],
}
