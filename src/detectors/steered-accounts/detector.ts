import type { ClusterFinding } from '../../model/cluster'
import { tieFamilies } from '../../model/cluster'
import type { Detector } from '../detector'
import {
  clusterConditions,
  clusterOf,
  clusterParams,
  clusterPValue,
  inWords,
  isLargeEnough,
  rungOf,
  sureTies,
  tieElement,
} from '../linked'
import type { ClusterHistory, ClusterParams } from '../linked'

export const steeredAccounts: Detector<ClusterHistory, ClusterParams, ClusterFinding> = {
  name: 'steered-accounts',
  version: 1,
  offence: 'steered-accounts',
  summary:
    'Accounts or actors act on the same things at the same time, over and over, as if one hand steered them.',
  params: clusterParams,

  judge(history, params) {
    const ties = sureTies(history, params.surePValue)
    // Alike texts alone are another offence.
    const isSteered = ties.some(({ family }) => family === 'joint-action' || family === 'links')
    if (!isSteered || !isLargeEnough(history.members.length, ties, params)) return undefined
    const [first] = history.members
    const isOfAccounts = first!.isAccount
    const joint = history.ties.find(({ family }) => family === 'joint-action')
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'cluster', id: history.id },
      accountId: first!.id,
      role: isOfAccounts ? 'operator' : 'engager',
      recommendation: rungOf(ties),
      window: history.window,
      pValue: clusterPValue(ties),
      score: Math.min(1, ties.length / 4 + 0.25),
      counts: countsOf(history, joint?.pairs ?? 0),
      cluster: clusterOf(history),
      elements: ties.map(tieElement),
      texts: history.texts,
      eventIds: [],
      exonerating: exonerating(history, params),
    }
  },

  conditions: (history, params) => clusterConditions(history, params, ['joint-action', 'links']),
}

/** Pairs of members, and those of them that act together. */
function countsOf({ members }: ClusterHistory, pairs: number): ClusterFinding['counts'] {
  const raw = (members.length * (members.length - 1)) / 2
  const disputed = Math.min(raw, pairs)
  return { raw, authentic: raw - disputed, disputed }
}

function exonerating(history: ClusterHistory, { surePValue }: ClusterParams): string[] {
  const facts = history.ties
    .filter(({ pValue, family }) => pValue > surePValue && tieFamilies[family] === 'control')
    .map(({ family }) => `They share ${nothingMore[family] ?? family} no more than others do.`)
  if (history.declared > 0)
    facts.push(`${history.declared} of them belong to a network that is openly declared.`)
  facts.push(`It is about ${inWords(history.members)}; who only took part once is not among them.`)
  return facts
}

const nothingMore: Readonly<Partial<Record<string, string>>> = {
  devices: 'devices',
  networks: 'networks',
  identities: 'verified identities',
  operators: 'operators',
}
