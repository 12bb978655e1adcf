import { handoverDetectors, unusedDetectors } from '../../detectors'
import { isCovered } from '../../detectors/undeclared-transfer/detector'
import type { HandbackNote, HandoverNote, NodeId, UnusedNote, UsedNote } from '../../model/acts'
import type { ClusterFinding } from '../../model/cluster'
import { dayText } from '../../model/months'
import { discardAbove } from '../../model/significance'
import type { Element } from '../../model/records'
import type { Policy } from '../../policy/policy'

/**
 * What was found of who has an account in hand, for as long as something may still clear it: a login where it was
 * dormant; a declaration, or the one who ran it before, where it was handed over.
 */
export class Custody {
  private readonly told = new Map<string, ClusterFinding>()
  /** When a transfer of an account was declared. */
  private readonly declaredMs = new Map<NodeId, number>()
  evicted = 0

  constructor(private readonly policy: { readonly current: Pick<Policy, 'detectors'> }) {}

  unused({ accountId, eventId, registeredMs, sinceMs, asOfMs }: UnusedNote): ClusterFinding[] {
    return this.ask(unusedDetectors, { accountId, eventId, registeredMs, sinceMs, asOfMs })
  }

  used(note: UsedNote): ClusterFinding[] {
    return this.clear('dormant-account', note, {
      element: 'use',
      test: 'a login, a post or another act by whoever runs the account; a fact, no statistical test',
      sentence: `It was used on ${dayText(note.timeMs)} (UTC+8).`,
    })
  }

  /** Nothing is found where the transfer was declared, within three months before or any time since. */
  handover(note: HandoverNote): { findings: ClusterFinding[]; isDeclared: boolean } {
    const { node, accountId, eventIds, before, after, hands, habits, readers } = note
    const history = { accountId, eventIds, before, after, hands, habits, readers }
    const isDeclared = isCovered(after.fromMs, this.declaredMs.get(node))
    return { findings: isDeclared ? [] : this.ask(handoverDetectors, history), isDeclared }
  }

  handback(note: HandbackNote): ClusterFinding[] {
    return this.clear('undeclared-transfer', note, {
      element: 'return',
      test: 'an act by one of those who ran the account before; a fact, no statistical test',
      sentence: `Whoever ran it before was back on ${dayText(note.timeMs)} (UTC+8).`,
    })
  }

  /** Notes that a transfer was declared. */
  declare(note: { node: NodeId; accountId: string; timeMs: number; eventId: string }): ClusterFinding[] {
    this.declaredMs.set(note.node, note.timeMs)
    if (this.declaredMs.size > mostKept) this.loseFirst(this.declaredMs)
    return this.clear('undeclared-transfer', note, {
      element: 'declaration',
      test: 'a transferred activity of the account; a fact, no statistical test',
      sentence: `Its transfer was declared on ${dayText(note.timeMs)} (UTC+8).`,
    })
  }

  /** When a transfer of an account was declared last; undefined where none is remembered. */
  transferDeclaredMs(node: NodeId): number | undefined {
    return this.declaredMs.get(node)
  }

  /** Forgets what nothing can clear any more. */
  expire(nowMs: number): void {
    for (const [key, { waitsUntilMs }] of this.told) if ((waitsUntilMs ?? 0) < nowMs) this.told.delete(key)
    for (const [node, timeMs] of this.declaredMs)
      if (timeMs < nowMs - rememberedMs) this.declaredMs.delete(node)
  }

  save(): SavedCustody {
    return { told: [...this.told], declaredMs: [...this.declaredMs], evicted: this.evicted }
  }

  load(saved: SavedCustody): void {
    for (const [key, finding] of saved.told) this.told.set(key, finding)
    for (const [node, timeMs] of saved.declaredMs) this.declaredMs.set(node, timeMs)
    this.evicted = saved.evicted
  }

  private ask<History>(
    detectors: readonly {
      readonly name: string
      judge(history: History, settings: object): ClusterFinding | undefined
    }[],
    history: History,
  ): ClusterFinding[] {
    return detectors.flatMap((detector) => {
      const settings = this.policy.current.detectors[detector.name]!
      const finding = settings.mode === 'off' ? undefined : detector.judge(history, settings)
      if (finding === undefined || finding.pValue > discardAbove) return []
      this.told.set(`${finding.offence} ${finding.accountId}`, finding)
      if (this.told.size > mostKept) this.loseFirst(this.told)
      return [finding]
    })
  }

  /** What takes back what was told of an account, if anything was. */
  private clear(
    offence: ClusterFinding['offence'],
    { accountId, timeMs, eventId }: { accountId: string; timeMs: number; eventId: string },
    why: Pick<Element, 'element' | 'test' | 'sentence'>,
  ): ClusterFinding[] {
    const key = `${offence} ${accountId}`
    const found = this.told.get(key)
    this.told.delete(key)
    if (found === undefined || (found.waitsUntilMs ?? 0) <= timeMs) return []
    return [
      {
        ...found,
        recommendation: 'watch',
        window: { start: found.window.start, end: Math.max(found.window.end, timeMs + 1) },
        pValue: 1,
        score: 0,
        counts: { raw: 0, authentic: 0, disputed: 0 },
        elements: [{ ...why, observed: 1, expected: 0, pValue: 1 }],
        eventIds: [eventId],
        exonerating: [why.sentence],
        clears: true,
      },
    ]
  }

  private loseFirst(map: Map<string, unknown>): void {
    const [first] = map.keys()
    map.delete(first!)
    this.evicted++
  }
}

export interface SavedCustody {
  readonly told: readonly (readonly [string, ClusterFinding])[]
  readonly declaredMs: readonly (readonly [NodeId, number])[]
  readonly evicted: number
}

const dayMs = 86_400_000
const mostKept = 100_000
const rememberedMs = 365 * dayMs
