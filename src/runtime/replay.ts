import { correctionOutput, DecideView, surgeOutput, verdictOutput } from '../decide/decide-view'
import type { Policy } from '../policy/policy'
import { AccountView } from '../views/account/account-view'
import { ActorView, defaultActorViewOptions } from '../views/actor/actor-view'
import type { Books } from './books'
import { addBooks } from './books'
import { chain } from './chain'
import { Intake } from './intake'
import type { IntakeOptions } from './intake'
import type { View } from './view'

export interface ReplayOptions extends Omit<IntakeOptions, 'onChunk' | 'ends'> {
  readonly onVerdict: (json: Uint8Array) => void
  readonly onCorrection: (json: Uint8Array) => void
  /** A number far beyond the usual by an audience that looks honest: a `Surge` as JSON. */
  readonly onSurge?: (json: Uint8Array) => void
  /** Called now and then with the books so far; the replay goes on when it resolves. */
  readonly onProgress?: (books: Books) => Promise<void> | void
}

/** The views between raw events and verdicts, in the order in which an event meets them. */
export interface Views {
  readonly actor: ActorView
  readonly account: AccountView
  readonly decide: DecideView
}

export function makeViews(policy: Policy): Views {
  const { epochMs, detectors } = policy
  return {
    actor: new ActorView({ ...defaultActorViewOptions, epochMs }),
    account: new AccountView({ partition: 0, epochMs, originCap: 2_000_000, detectors }),
    decide: new DecideView(policy),
  }
}

/**
 * Runs events from files through the whole pipeline in memory, deterministic: the same input and policy give the same
 * bytes.
 */
export async function replay(options: ReplayOptions): Promise<Books> {
  const views = makeViews(options.policy)
  const order: readonly [View, ...View[]] = [views.actor, views.account, views.decide]
  const fold = chain(order, (output, record) => {
    if (output === verdictOutput) options.onVerdict(record)
    if (output === correctionOutput) options.onCorrection(record)
    if (output === surgeOutput) options.onSurge?.(record)
  })
  let bytesSince = 0
  const intake: Intake = new Intake({
    ...options,
    onChunk: async (bytes) => {
      bytesSince += bytes
      if (bytesSince < bytesPerProgress) return
      bytesSince = 0
      await options.onProgress?.(addBooks(intake, views))
    },
  })
  for (let block = await intake.next(); block !== undefined; block = await intake.next()) fold(block.bytes)
  return addBooks(intake, views)
}

const bytesPerProgress = 1 << 20
