import { SettingsError } from '../model/errors'
import type { Correction, Verdict } from '../model/records'
import type { Policy } from '../policy/policy'
import { feed } from '../runtime/replay'
import type { FeedOptions } from '../runtime/replay'
import type { Books } from '../runtime/books'
import { forkedPipeline } from './forked'
import type { PolicyName } from './forked'

/** What a policy put out over some events, in order. */
export interface Decided {
  readonly verdicts: readonly Verdict[]
  readonly corrections: readonly Correction[]
}

export interface BacktestOptions extends Omit<FeedOptions, 'policy'> {
  readonly current: Policy
  readonly candidate: Policy
  /** Whether the views share out the cores of the machine; it changes no byte. */
  readonly isThreaded?: boolean
}

/** Runs events from files through two policies at once. Throws a `SettingsError` where they cannot share the events. */
export async function backtest({
  current,
  candidate,
  isThreaded = false,
  ...options
}: BacktestOptions): Promise<
  Readonly<Record<PolicyName, Decided>> & { readonly books: Books; readonly shared: readonly string[] }
> {
  checkComparable(current, candidate)
  const decided = {
    current: { verdicts: [] as Verdict[], corrections: [] as Correction[] },
    candidate: { verdicts: [] as Verdict[], corrections: [] as Correction[] },
  }
  const { pipeline, shared } = forkedPipeline({
    ...{ current, candidate, isThreaded },
    key: options.key,
    take: (policy, log, record) => {
      if (log !== 'verdicts' && log !== 'corrections') return
      const told: unknown = JSON.parse(decoder.decode(record))
      if (log === 'verdicts') decided[policy].verdicts.push(told as Verdict)
      else decided[policy].corrections.push(told as Correction)
    },
  })
  const books = await feed(pipeline, { ...options, policy: current })
  return { ...decided, books, shared }
}

/** Which events count, and when they are judged, must not differ: else two runs are compared, not two policies. */
function checkComparable(current: Policy, candidate: Policy): void {
  for (const setting of ['epochMs', 'allowedDisorderMs'] as const) {
    if (current[setting] !== candidate[setting]) {
      throw new SettingsError(
        `${setting} is ${current[setting]} in the policy ${current.version} and ${candidate[setting]} in ${candidate.version}: ` +
          'other events would count, or at other times, so that a difference would say nothing of the rules; make them equal',
      )
    }
  }
}

const decoder = new TextDecoder()
