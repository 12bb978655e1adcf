import type { ClusterFinding } from '../../model/cluster'
import { binomialUpperTail } from '../../windows/tails'
import type { Detector, ParamsSchema } from '../detector'
import { clusterOf, rungOf, sureTies, tieElement } from '../linked'
import type { HotspotHistory } from '../linked'

export interface HotspotParams {
  readonly minMembers: number
  readonly minShare: number
  readonly surePValue: number
}
const params: ParamsSchema<HotspotParams> = {
  minMembers: { default: 10, min: 3, max: 1000, meaning: 'members of one cluster who must have taken part' },
  minShare: {
    default: 0.5,
    min: 0.1,
    max: 1,
    meaning: 'share of those who made it rise that must be of the cluster',
  },
  surePValue: {
    default: 1e-4,
    min: 1e-12,
    max: 0.01,
    meaning: 'chance below which a family of ties counts as evidence',
  },
}

export const falseHotspot: Detector<HotspotHistory, HotspotParams, ClusterFinding> = {
  name: 'false-hotspot',
  version: 1,
  offence: 'false-hotspot',
  summary: 'A tag, link or phrase rises mostly by accounts that act together.',
  params,

  judge(history, { minMembers, minShare, surePValue }) {
    const { cluster, sampled, members, usualShare, family, name } = history
    if (members < minMembers || members < minShare * sampled) return undefined
    const ties = sureTies(cluster, surePValue)
    if (ties.length === 0) return undefined
    const share = Math.max(usualShare, 0.01)
    const pValue = binomialUpperTail(members, { trials: sampled, probability: Math.min(0.5, share) })
    const what = words[family] ?? family
    return {
      detector: this.name,
      detectorVersion: this.version,
      offence: this.offence,
      subject: { type: 'content', id: name },
      accountId: cluster.members[0]!.id,
      role: 'engager',
      recommendation: rungOf(ties),
      window: history.window,
      pValue,
      score: members / sampled,
      counts: { raw: sampled, authentic: sampled - members, disputed: members },
      cluster: clusterOf(cluster),
      elements: [
        {
          element: 'false-traffic',
          test: 'share of one cluster among those who acted on it, binomial against the share of tied actors on the platform',
          observed: Number((members / sampled).toPrecision(4)),
          expected: Number(usualShare.toPrecision(4)),
          pValue,
          sentence: `${members} of ${sampled} who brought up ${what} “${name}” belong to one cluster of ${cluster.members.length} that acts together.`,
        },
        ...ties.map(tieElement),
      ],
      texts: family === 'text' ? [name] : [],
      eventIds: [],
      exonerating:
        members < sampled
          ? [`${sampled - members} others brought it up who do not belong to the cluster.`]
          : [],
    }
  },
}

const words: Readonly<Partial<Record<string, string>>> = {
  topic: 'the tag',
  link: 'the link',
  text: 'the phrase',
  passage: 'the passage',
}
