import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Asked, AskError } from '../api'
import { useWords } from '../settings'
import { takeToken } from '../token'
import type { Words } from '../words/en'
import { Written } from './text'

/** What was asked, once it is there; until then that it is on its way, or why it is not there. */
export function Answered<Value>({
  asked,
  children,
}: {
  asked: Asked<Value>
  children: (value: Value) => ComponentChildren
}) {
  const words = useWords()
  switch (asked.state) {
    case 'loading':
      return (
        <p class="state loading" role="status">
          {words.loading}
        </p>
      )
    case 'answered':
      return <>{children(asked.value)}</>
    case 'failed':
      return <Failed error={asked.error} again={asked.again} />
  }
}

export function Failed({ error, again }: { error: AskError; again: () => void }) {
  const words = useWords()
  if (tokenCodes.has(error.code)) return <TokenAsked error={error} />
  const isQuiet = quietCodes.has(error.code)
  return (
    <div class={isQuiet ? 'state quiet' : 'state failed'} role={isQuiet ? 'status' : 'alert'}>
      <p>
        {isQuiet ? '' : <strong>{words.failed}. </strong>}
        <Written text={sentenceOf(error, words)} />
      </p>
      {isQuiet ? null : (
        <button type="button" onClick={again}>
          {words.again}
        </button>
      )}
    </div>
  )
}

/** What a role may not see says so, and asks for a token that may. */
function TokenAsked({ error }: { error: AskError }) {
  const words = useWords()
  const field = useRef<HTMLInputElement>(null)
  const [isNone, setIsNone] = useState(false)
  return (
    <form
      class="state quiet token"
      onSubmit={(event) => {
        event.preventDefault()
        setIsNone(!takeToken(field.current?.value.trim() ?? ''))
      }}
    >
      <p role="status">{isNone ? words.token.none : (words.token.because[error.code] ?? error.message)}</p>
      <input
        ref={field}
        type="password"
        aria-label={words.token.label}
        autocomplete="off"
        maxLength={512}
      />{' '}
      <button type="submit">{words.token.use}</button>
    </form>
  )
}

const tokenCodes: ReadonlySet<string> = new Set([
  'token-missing',
  'token-unknown',
  'token-expired',
  'role-too-low',
])

/** What is no failure but the way this service is set up, or what there is. */
const quietCodes: ReadonlySet<string> = new Set([
  'not-provided',
  'unknown-account',
  'unknown-cluster',
  'unknown-verdict',
])

function sentenceOf({ status, code, message }: AskError, words: Words): string {
  if (code === 'not-provided') return words.notProvided
  if (code === 'unreachable') return `${words.elsewhere} (${message})`
  if (code.startsWith('unknown-')) return words.unknown(unknown[code]?.(words) ?? words.verdict.title)
  if (code === 'no-answer') return words.noAnswer
  return status === null ? message : `${message} (${status} ${code})`
}

const unknown: Readonly<Partial<Record<string, (words: Words) => string>>> = {
  'unknown-account': ({ account }) => account.title,
  'unknown-cluster': ({ cluster }) => cluster.title,
}
