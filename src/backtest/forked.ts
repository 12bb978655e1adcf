import type { Policy } from '../policy/policy'
import { connect } from '../runtime/connect'
import { doesTheSame, makeViews, stagesOf, statsOf, viewNames } from '../runtime/stages'
import type { LogName, Stage, Views } from '../runtime/stages'
import type { Pipeline } from '../runtime/threads'

export interface ForkedOptions {
  readonly current: Policy
  readonly candidate: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  /** Takes what each of the policies puts out: verdicts, corrections, surges. */
  readonly take: (policy: PolicyName, log: LogName, record: Uint8Array) => void
}

export type PolicyName = 'current' | 'candidate'

/**
 * Two policies over the same events. What a view sees of both is the same for most: such a view runs once, and what it
 * puts out goes to the views of both, up to where the policies part.
 *
 * ```
 *  events → actor → trace → crew ─┬→ network → account → decide      current
 *                                 └→ network → account → decide      candidate
 * ```
 */
export function forkedPipeline({ current, candidate, key, take }: ForkedOptions): Pipeline & {
  /** The views that run once. */
  readonly shared: readonly string[]
} {
  const views = makeViews(current, key)
  const { own, shared } = forked(stagesOf(makeViews(candidate, key)), current, candidate)
  const put = connect<Forked>([...stagesOf(views), ...own], (log, record) => {
    if (isOwn(log)) take('candidate', log.slice(ownPrefix.length) as LogName, record)
    else take('current', log, record)
  })
  return {
    shared,
    put,
    room: () => Promise.resolve(),
    drain: () => Promise.resolve(statsOf(views, viewNames)),
    get stats() {
      return statsOf(views, viewNames)
    },
    close: () => Promise.resolve(),
  }
}

/** The stages of the candidate that have to run beside those of the current policy, with logs of their own. */
function forked(
  stages: readonly Stage[],
  current: Policy,
  candidate: Policy,
): { own: readonly Stage<Forked>[]; shared: readonly string[] } {
  const shared: string[] = []
  const own: Stage<Forked>[] = []
  const ownLogs = new Set<LogName>()
  const named = (log: LogName): Forked => (ownLogs.has(log) ? `${ownPrefix}${log}` : log)
  for (const { view, inputs, outputs } of stages) {
    const isShared =
      doesTheSame(view.name as keyof Views, current, candidate) && !inputs.some((log) => ownLogs.has(log))
    if (isShared) {
      shared.push(view.name)
      continue
    }
    for (const log of outputs) ownLogs.add(log)
    own.push({ view, inputs: inputs.map(named), outputs: outputs.map(named) })
  }
  return { own, shared }
}

const ownPrefix = 'candidate '
type Forked = LogName | `${typeof ownPrefix}${LogName}`

function isOwn(log: Forked): log is `${typeof ownPrefix}${LogName}` {
  return log.startsWith(ownPrefix)
}
