import type { Policy } from '../policy/policy'
import { doesTheSame, planOf } from '../runtime/stages'
import type { LogName, PlannedStage } from '../runtime/stages'
import { plannedPipeline } from '../runtime/threads'
import type { Pipeline } from '../runtime/threads'

export interface ForkedOptions {
  readonly current: Policy
  readonly candidate: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  /** Whether the views share out the cores of the machine; it changes no byte. */
  readonly isThreaded: boolean
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
export function forkedPipeline({ current, candidate, take, ...options }: ForkedOptions): {
  readonly pipeline: Pipeline
  /** The views that run once. */
  readonly shared: readonly string[]
} {
  const { own, shared } = forked(current, candidate)
  const pipeline = plannedPipeline<Forked>([...planOf(current), ...own], {
    ...options,
    take: (log, record) => {
      if (isOwn(log)) take('candidate', log.slice(ownPrefix.length) as LogName, record)
      else take('current', log, record)
    },
  })
  return { pipeline, shared }
}

/** The stages of the candidate that have to run beside those of the current policy, with logs of their own. */
function forked(
  current: Policy,
  candidate: Policy,
): { own: readonly PlannedStage<Forked>[]; shared: readonly string[] } {
  const shared: string[] = []
  const own: PlannedStage<Forked>[] = []
  const ownLogs = new Set<LogName>()
  const named = (log: LogName): Forked => (ownLogs.has(log) ? `${ownPrefix}${log}` : log)
  for (const { name, inputs, outputs, ...stage } of planOf(candidate)) {
    if (doesTheSame(name, current, candidate) && !inputs.some((log) => ownLogs.has(log))) {
      shared.push(name)
      continue
    }
    for (const log of outputs) ownLogs.add(log)
    own.push({ ...stage, name, inputs: inputs.map(named), outputs: outputs.map(named), isBeside: true })
  }
  return { own, shared }
}

const ownPrefix = 'candidate '
type Forked = LogName | `${typeof ownPrefix}${LogName}`

function isOwn(log: Forked): log is `${typeof ownPrefix}${LogName}` {
  return log.startsWith(ownPrefix)
}
