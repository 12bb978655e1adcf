import type { ClusterFinding } from '../../model/cluster'
import type { Element } from '../../model/records'
import type { Detector } from '../detector'
import {
  clusterConditions,
  clusterOf,
  clusterParams,
  clusterPValue,
  isLargeEnough,
  rungOf,
  sureTies,
  tieElement,
} from '../linked'
import type { ClusterHistory, ClusterParams } from '../linked'

export const batchHomogeneousPosting: Detector<ClusterHistory, ClusterParams, ClusterFinding> = {
  name: 'batch-homogeneous-posting',
  version: 1,
  offence: 'batch-homogeneous-posting',
  summary:
    'Linked accounts publish near-copies of the same texts, several times, within a day of each other.',
  // Four who publish the same long texts again and again are no coincidence, as four who like the same may be.
  params: { ...clusterParams, minMembers: { ...clusterParams.minMembers, default: 4 } },

  judge(history, params) {
    const ties = sureTies(history, params.surePValue)
    const texts = ties.find(({ family }) => family === 'texts')
    const [first] = history.members
    // Readers who comment in the same words publish nothing: fans do, and who is hired for it is steered.
    if (texts === undefined || !first!.isAccount) return undefined
    if (!isLargeEnough(texts.members, ties, params)) return undefined
    const most = Math.max(history.acts.text?.most ?? 0, history.acts.passage?.most ?? 0)
    const { pairs } = texts
    const all = (history.members.length * (history.members.length - 1)) / 2
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'cluster', id: history.id },
      accountId: first!.id,
      role: 'author',
      recommendation: rungOf(ties),
      window: history.window,
      pValue: clusterPValue(ties),
      score: Math.min(1, pairs / Math.max(1, all)),
      counts: { raw: all, authentic: all - Math.min(all, pairs), disputed: Math.min(all, pairs) },
      cluster: clusterOf(history),
      elements: [batchElement(most, texts.pValue), ...ties.map(tieElement)],
      texts: history.texts,
      eventIds: [],
      exonerating:
        history.declared > 0
          ? [`${history.declared} of them belong to a network that is openly declared.`]
          : [],
    }
  },

  conditions: (history, params) => clusterConditions(history, params, ['texts']),
}

function batchElement(most: number, pValue: number): Element {
  return {
    element: 'batch',
    test: 'different texts that two members both published within a day; three are asked for',
    observed: most,
    expected: 0,
    pValue,
    sentence: `Two of them published near-copies of ${most} different texts within a day of each other; accounts that know nothing of each other share none.`,
  }
}
