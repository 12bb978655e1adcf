import type { ClusterFinding } from '../../model/cluster'
import { atLeast } from '../../model/nearest'
import type { Element } from '../../model/records'
import { binomialUpperTail } from '../../windows/tails'
import type { Detector, ParamsSchema } from '../detector'
import { clusterOf, rungOf, sureTies, tieElement } from '../linked'
import type { HotspotHistory, TieEvidence } from '../linked'

export interface HotspotParams {
  readonly minMembers: number
  readonly minShare: number
  readonly surePValue: number
  readonly minAuthors: number
  readonly minPushing: number
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
  minAuthors: {
    default: 5,
    min: 2,
    max: 1000,
    meaning:
      'accounts whose posts about it were pushed below which they are left alone: anybody can be pushed',
  },
  minPushing: {
    default: 0.5,
    min: 0.1,
    max: 1,
    meaning: 'share of those members who must have acted on the posts of an account for it to be pushed',
  },
}

export const falseHotspot: Detector<HotspotHistory, HotspotParams, ClusterFinding> = {
  name: 'false-hotspot',
  version: 2,
  offence: 'false-hotspot',
  summary: 'A tag, link or phrase rises mostly by accounts that act together.',
  params,

  judge(history, settings) {
    const { cluster, sampled, members, usualShare } = history
    if (members < settings.minMembers || members < settings.minShare * sampled) return undefined
    const ties = sureTies(cluster, settings.surePValue)
    if (ties.length === 0) return undefined
    const share = Math.max(usualShare, 0.01)
    const pValue = binomialUpperTail(members, { trials: sampled, probability: Math.min(0.5, share) })
    return history.about === 'engagers'
      ? findingOn(history, ties, pValue)
      : findingOnAuthors(history, settings, pValue)
  },

  conditions({ cluster, sampled, members, about, pushed }, settings) {
    const { minMembers, minShare, minAuthors, minPushing, surePValue } = settings
    const authors = pushed.filter(({ by }) => by >= minPushing * members)
    return [
      atLeast('hot-members', members, minMembers),
      atLeast('hot-share', members / sampled, minShare),
      atLeast('tie-families', sureTies(cluster, surePValue).length, 1),
      ...(about === 'authors' ? [atLeast('pushed-accounts', authors.length, minAuthors)] : []),
    ]
  },
}

/** About those who made it rise: the subject is what rose. */
function findingOn(history: HotspotHistory, ties: readonly TieEvidence[], pValue: number): ClusterFinding {
  const { cluster, sampled, members, family, name } = history
  return {
    ...foundIn(history, pValue),
    subject: { type: 'content', id: name },
    accountId: cluster.members[0]!.id,
    role: 'engager',
    recommendation: rungOf(ties),
    score: members / sampled,
    counts: { raw: sampled, authentic: sampled - members, disputed: members },
    cluster: clusterOf(cluster),
    elements: [riseElement(history, pValue), ...ties.map(tieElement)],
    texts: family === 'text' ? [name] : [],
    exonerating:
      members < sampled
        ? [`${sampled - members} others brought it up who do not belong to the cluster.`]
        : [],
  }
}

/**
 * About those whose posts they pushed: never more than watched, since whoever is pushed need not know it, and only where
 * they are several, since anybody can have one rival pushed.
 */
function findingOnAuthors(
  history: HotspotHistory,
  { minAuthors, minPushing }: HotspotParams,
  pValue: number,
): ClusterFinding | undefined {
  const { members, name, family, pushed } = history
  const authors = pushed.filter(({ by }) => by >= minPushing * members)
  if (authors.length < minAuthors) return undefined
  const id = `h-${name}`
  return {
    ...foundIn(history, pValue),
    subject: { type: 'cluster', id },
    accountId: authors[0]!.id,
    role: 'author',
    recommendation: 'watch',
    score: authors.length / pushed.length,
    counts: { raw: pushed.length, authentic: pushed.length - authors.length, disputed: authors.length },
    cluster: { id, size: authors.length, members: authors.slice(0, mostNamed).map((author) => author.id) },
    elements: [
      riseElement(history, pValue),
      {
        element: 'batch',
        test: 'accounts that published it and on whose posts so many of the cluster acted',
        observed: authors.length,
        expected: 0,
        pValue,
        sentence: `${authors.length} accounts published ${words[family] ?? family} “${name}”, and on the posts of each at least ${authors.at(-1)!.by} of these ${members} acted.`,
      },
    ],
    texts: [],
    exonerating: ['Whoever is pushed need not have asked for it: that the accounts hired them is not shown.'],
  }
}

function foundIn(
  { window }: HotspotHistory,
  pValue: number,
): Pick<ClusterFinding, 'detector' | 'detectorVersion' | 'offence' | 'window' | 'pValue' | 'eventIds'> {
  const { name, version, offence } = falseHotspot
  return { detector: name, detectorVersion: version, offence, window, pValue, eventIds: [] }
}

function riseElement(history: HotspotHistory, pValue: number): Element {
  const { cluster, sampled, members, usualShare, family, name } = history
  return {
    element: 'false-traffic',
    test: 'share of one cluster among those who acted on it, binomial against the share of tied actors on the platform',
    observed: Number((members / sampled).toPrecision(4)),
    expected: Number(usualShare.toPrecision(4)),
    pValue,
    sentence: `${members} of ${sampled} who brought up ${words[family] ?? family} “${name}” belong to one cluster of ${cluster.members.length} that acts together.`,
  }
}

const mostNamed = 200
const words: Readonly<Partial<Record<string, string>>> = {
  topic: 'the tag',
  link: 'the link',
  text: 'the phrase',
  passage: 'the passage',
}
