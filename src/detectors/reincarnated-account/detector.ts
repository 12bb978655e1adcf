import type { ClusterFinding } from '../../model/cluster'
import { atLeast, atMost } from '../../model/nearest'
import type { Detector, ParamsSchema } from '../detector'
import type { ReturnHistory } from '../linked'

export interface ReturnParams {
  readonly surePValue: number
}
const params: ParamsSchema<ReturnParams> = {
  surePValue: {
    default: 1e-3,
    min: 1e-12,
    max: 0.01,
    meaning: 'chance below which something that both accounts have counts as evidence',
  },
}

export const reincarnatedAccount: Detector<ReturnHistory, ReturnParams, ClusterFinding> = {
  name: 'reincarnated-account',
  version: 1,
  offence: 'reincarnated-account',
  summary: 'A closed account is back under another id.',
  params,

  judge(history, { surePValue }) {
    const marks = history.marks.filter(({ pValue }) => pValue <= surePValue)
    const sides = new Map<Side, number>()
    for (const { what, pValue } of marks)
      sides.set(sideOf[what], Math.min(pValue, sides.get(sideOf[what]) ?? 1))
    const isKnown = marks.some(({ what }) => what !== 'name' && what !== 'network')
    if (marks.length === 0 || (!isKnown && sides.size < 2)) return undefined
    const pValue = Math.min(1, chanceOf(sides) * history.compared)
    const days = Math.max(0, Math.round((history.registeredMs - history.closedMs) / 86_400_000))
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'account', id: history.accountId },
      accountId: history.accountId,
      role: 'operator',
      recommendation: sides.size >= 2 && isKnown ? 'limit' : 'watch',
      window: { start: history.closedMs, end: history.registeredMs + 1 },
      pValue,
      score: sides.size / sideCount,
      counts: { raw: marks.length, authentic: 0, disputed: marks.length },
      cluster: {
        id: `b-${history.closedAccountId}`,
        size: 2,
        members: [history.accountId, history.closedAccountId],
      },
      elements: marks.map((mark) => ({
        element: 'common-control',
        test: `what the account has in common with ${history.closedAccountId}, closed ${days} days before it registered`,
        observed: 1,
        expected: Number(mark.pValue.toPrecision(4)),
        pValue: mark.pValue,
        sentence: mark.sentence,
      })),
      texts: [],
      eventIds: history.eventIds,
      exonerating: history.marks
        .filter(({ pValue: chance }) => chance > surePValue)
        .map(({ sentence }) => `${sentence} Many others have that as well.`),
    }
  },

  conditions({ marks }, { surePValue }) {
    const sure = marks.filter(({ pValue }) => pValue <= surePValue)
    const isKnown = sure.some(({ what }) => what !== 'name' && what !== 'network')
    const sides = new Set(sure.map(({ what }) => sideOf[what]))
    return [
      ...marks.map(({ what, pValue }) => atMost('mark', pValue, surePValue, { of: what })),
      // A name or a network is what many have, and needs the other beside it.
      atLeast('marks', sides.size, isKnown ? 1 : 2),
    ]
  },
}

/** What a mark is about. Marks of one side are one thing to have in common: a device is in its network. */
const sideOf = {
  identity: 'person',
  operator: 'person',
  device: 'place',
  network: 'place',
  name: 'face',
  texts: 'face',
} as const
type Side = (typeof sideOf)[keyof typeof sideOf]
const sideCount = 3

/**
 * The chance of this match. Sides match or do not, apart from each other where the accounts have nothing to do with each
 * other. To match in these sides or more, or in others that are no likelier, has at most three times this chance: more
 * sets than three of three sides, none of which is part of another, there are not.
 */
function chanceOf(sides: ReadonlyMap<Side, number>): number {
  return [...sides.values()].reduce((product, pValue) => product * pValue, sideCount)
}
