import type { SeriesKind } from '../model/event'
import type { Mode, Verdict } from '../model/records'
import { isLater } from '../model/ruling'
import type { Decision, FeedbackRuling } from '../model/ruling'
import type { Rung } from './ladder'

/** A published verdict, and what people said of it. */
export interface Published {
  /** Its latest revision. */
  verdict: Verdict
  /** The key of its case. */
  readonly key: string
  readonly kind?: SeriesKind | undefined
  /** Events that show control, in its latest evidence. */
  controlEvents: number
  /** Chance, by all tests of control together, that somebody else arranged it; 1 where none was made. */
  controlPValue: number
  /** What the detector of linked accounts found it to carry; none where the ladder alone says. */
  found?: Rung | undefined
  isOverturned: boolean
  /** One of each reviewer, the latest. */
  readonly opinions: Opinion[]
  /** What it counts as in the precision of its detector, and since when. */
  counted?: { readonly decision: Decision; readonly atMs: number }
}

type Opinion = Pick<FeedbackRuling, 'reviewer' | 'decision' | 'timeMs' | 'eventId'>

/** What came of a feedback. */
export type Heard = 'taken' | 'unknown' | 'repeated' | 'outdated' | 'final'

/**
 * The verdicts of the last months, so that an appeal finds them: who it is about, what it rests on, who has reviewed it.
 * The oldest fall out when it is full, and are counted.
 */
export class VerdictBook {
  private readonly published = new Map<string, Published>()
  private readonly byAccount = new Map<string, Set<string>>()
  evicted = 0

  constructor(private readonly cap = 20_000) {}

  get(verdictId: string): Published | undefined {
    return this.published.get(verdictId)
  }

  /** Notes a revision. */
  put(one: Omit<Published, 'isOverturned' | 'opinions' | 'counted'>): void {
    const { verdictId } = one.verdict
    const known = this.published.get(verdictId)
    if (known !== undefined) {
      Object.assign(known, one)
      return
    }
    this.add({ ...one, isOverturned: false, opinions: [] })
    if (this.published.size > this.cap) this.forgetOldest()
  }

  /**
   * Hears one feedback. It must name the account of the verdict as well; of one reviewer the latest counts; and what is
   * overturned stays so, since its standing was given back: whoever thinks otherwise needs new evidence.
   */
  hear({ verdictId, accountId, reviewer, decision, timeMs, eventId }: FeedbackRuling): Heard {
    const known = this.published.get(verdictId)
    if (known?.verdict.accountId !== accountId) return 'unknown'
    if (known.isOverturned) return 'final'
    const at = known.opinions.findIndex((one) => one.reviewer === reviewer)
    const before = known.opinions[at]
    if (before?.decision === decision) return 'repeated'
    if (before !== undefined && !isLater({ timeMs, eventId }, before)) return 'outdated'
    known.opinions.splice(at < 0 ? known.opinions.length : at, 1, { reviewer, decision, timeMs, eventId })
    return 'taken'
  }

  /** How many different people hold a verdict to be right. */
  confirmations(verdictId: string): number {
    return confirming(this.published.get(verdictId))
  }

  /** Other verdicts of an account in this mode that people have confirmed and nobody has overturned. */
  earlierOffences(accountId: string, mode: Mode, except: string): number {
    let offences = 0
    for (const verdictId of this.byAccount.get(accountId) ?? []) {
      const known = this.published.get(verdictId)!
      if (verdictId !== except && !known.isOverturned && known.verdict.mode === mode && confirming(known) > 0)
        offences++
    }
    return offences
  }

  state(): SavedBook {
    return { published: [...this.published.values()], evicted: this.evicted }
  }

  restore({ published, evicted }: SavedBook): void {
    for (const one of published) this.add(one)
    this.evicted = evicted
  }

  private add(one: Published): void {
    const { verdictId, accountId } = one.verdict
    this.published.set(verdictId, one)
    const ofAccount = this.byAccount.get(accountId) ?? new Set()
    this.byAccount.set(accountId, ofAccount.add(verdictId))
  }

  private forgetOldest(): void {
    const [oldest] = this.published.values()
    const { verdictId, accountId } = oldest!.verdict
    this.published.delete(verdictId)
    const ofAccount = this.byAccount.get(accountId)!
    ofAccount.delete(verdictId)
    if (ofAccount.size === 0) this.byAccount.delete(accountId)
    this.evicted++
  }
}

export interface SavedBook {
  readonly published: readonly Published[]
  readonly evicted: number
}

/** What people hold a verdict to be: the latest of their opinions; the id settles what came at once. */
export function latestOpinion({ opinions }: Published): Opinion | undefined {
  return opinions.reduce<Opinion | undefined>(
    (latest, one) => (latest === undefined || isLater(one, latest) ? one : latest),
    undefined,
  )
}

function confirming(known: Published | undefined): number {
  if (known === undefined) return 0
  return known.opinions.filter(({ decision }) => decision === 'confirmed').length
}
