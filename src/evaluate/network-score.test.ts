import type { Verdict } from '../model/records'
import { matrixRows } from './matrix-table'
import { addNetworkScores, networkFiguresOf, scoreNetworks } from './network-score'
import type { SubjectLabel } from './score'

const minuteMs = 60_000
const secondCopyMs = Date.UTC(2026, 0, 5, 10)

describe('scoring verdicts on networks', () => {
  const network = ['a', 'b', 'c', 'd'].map((id) => member(id, 'net-1'))

  it('finds the members that a verdict of the right offence names, as account or in its cluster', () => {
    const score = scoreNetworks({
      labels: network,
      verdicts: [
        verdict('a', { cluster: clusterOf('a', 'b') }),
        verdict('c', { offence: 'false-hotspot' }),
        verdict('d', { offence: 'inflated-clicks' }),
      ],
    })
    expect(score.byCell['matrix-exact-5-now-0']).toMatchObject({ members: 4, found: 2, networksFound: 1 })
    expect(networkFiguresOf(score)).toMatchObject({
      'network-recall': 0.5,
      'recall-batch-homogeneous-posting': 0.5,
      'network-precision': 1,
    })
  })

  it('counts what was committed on the way as found, but not as that offence', () => {
    const labels = network.map((label) => ({ ...label, also: ['steered-accounts'] }))
    const score = scoreNetworks({ labels, verdicts: [verdict('a', { offence: 'steered-accounts' })] })
    expect(networkFiguresOf(score)).toMatchObject({
      'network-recall': 0.25,
      'recall-batch-homogeneous-posting': 0,
    })
  })

  it('measures the delay from the second copy to the first revision that names a member', () => {
    //  second copy   revision 1, d alone   revision 2, all
    //  0 min         10 min                50 min
    const score = scoreNetworks({
      labels: network,
      verdicts: [
        verdict('d', { detectedAt: secondCopyMs + 10 * minuteMs }),
        verdict('d', {
          detectedAt: secondCopyMs + 50 * minuteMs,
          revision: 2,
          cluster: clusterOf('a', 'b', 'c', 'd'),
        }),
      ],
    })
    expect(networkFiguresOf(score)).toMatchObject({ 'network-recall': 1, 'network-delay-minutes-p50': 10 })
  })

  it('counts honest accounts in a cluster against precision, and as sanctioned from warn on', () => {
    const honest: SubjectLabel = { ...member('h', 'press'), label: 'honest', attack: 'press-release' }
    const score = scoreNetworks({
      labels: [...network, honest],
      verdicts: [
        verdict('a', { cluster: clusterOf('a', 'b', 'h') }),
        verdict('c', { recommendation: 'warn', cluster: clusterOf('c', 'nobody') }),
      ],
    })
    expect(score.sanctionedWrongly).toEqual(['nobody'])
    expect(networkFiguresOf(score)).toMatchObject({
      'network-precision': 3 / 5,
      'network-precision-warned': 1 / 2,
      'network-wrongly-sanctioned': 1,
    })
  })

  it('compares the pairs of clusters with those of campaigns, each pair once', () => {
    //  clusters ab+x and ab; campaigns abcd and ef: of 3 pairs 1 belongs, of 7 pairs 1 is found
    const score = scoreNetworks({
      labels: [...network, member('e', 'net-2'), member('f', 'net-2')],
      verdicts: [
        verdict('a', { cluster: clusterOf('a', 'x', 'b') }),
        verdict('b', { cluster: clusterOf('b', 'a') }),
      ],
    })
    expect(networkFiguresOf(score)).toMatchObject({
      'cluster-pair-precision': 1 / 3,
      'cluster-pair-recall': 1 / 7,
    })
  })

  it('forgets what was overturned, and what was only a shadow', () => {
    const score = scoreNetworks({
      labels: network,
      verdicts: [
        verdict('a'),
        verdict('a', { revision: 2, status: 'overturned' }),
        verdict('b', { mode: 'shadow' }),
      ],
    })
    expect(networkFiguresOf(score)).toMatchObject({ 'network-recall': 0, 'network-precision': undefined })
  })

  it('does not ask for the account that was closed before, but excuses its being named', () => {
    const closed = { ...member('old', 'back'), offence: null }
    const back = { ...member('new', 'back'), offence: 'reincarnated-account' }
    const named = verdict('new', { offence: 'reincarnated-account', cluster: clusterOf('old', 'new') })
    const score = scoreNetworks({ labels: [closed, back], verdicts: [named] })
    expect(networkFiguresOf(score)).toMatchObject({
      'network-recall': 1,
      'network-precision': 1,
      'cluster-pair-recall': 1,
    })
    expect(score.byOffence).toEqual({ 'reincarnated-account': { members: 1, found: 1 } })
  })

  it('looks for the actors of a crew in any cluster, and not for those of a network', () => {
    const actors = ['u1', 'u2'].map((id): SubjectLabel => ({
      ...member(id, 'crew'),
      type: 'actor',
      offence: 'steered-accounts',
    }))
    const operator: SubjectLabel = { ...member('u3', 'net-1'), type: 'actor' }
    const sold = verdict('z', { offence: 'inflated-clicks', cluster: clusterOf('u1') })
    const score = scoreNetworks({ labels: [...network, ...actors, operator], verdicts: [sold] })
    expect(networkFiguresOf(score)['crew-recall']).toBe(0.5)
  })

  it('adds up seeds', () => {
    const one = scoreNetworks({ labels: network, verdicts: [verdict('a')] })
    const sum = addNetworkScores([one, one])
    expect(sum.byCell['matrix-exact-5-now-0']).toMatchObject({ members: 8, found: 2, networks: 2 })
    expect(sum.named).toEqual({ all: 2, right: 2 })
    expect(sum.byCell['matrix-exact-5-now-0']?.delaysMs).toHaveLength(2)
  })
})

describe('the table of the matrix', () => {
  it('has a row for copies and size, a column for stagger and own content, with recall and time', () => {
    const cell = { members: 10, found: 5, networks: 2, networksFound: 1, delaysMs: [12 * minuteMs] }
    const rows = matrixRows({
      'matrix-spun-30-15-24h-95': { ...cell, delaysMs: [5 * 60 * minuteMs] },
      'matrix-spun-30-15-1h-0': cell,
      'matrix-spun-30-5-now-0': { ...cell, found: 0, delaysMs: [] },
      'network-of-another-kind': cell,
    })
    expect(rows).toEqual([
      ['copies', 'accounts', 'now 0%', '1h 0%', '24h 95%'],
      ['spun-30', '5', '0%', '', ''],
      ['spun-30', '15', '', '50% 12min', '50% 5h'],
    ])
  })

  it('is empty where no cell was played', () => {
    expect(matrixRows({})).toEqual([])
  })
})

function member(id: string, campaign: string): SubjectLabel {
  return {
    type: 'account',
    id,
    label: 'fraud',
    offence: 'batch-homogeneous-posting',
    campaign,
    attack: 'matrix-exact-5-now-0',
    startMs: secondCopyMs,
  }
}

function clusterOf(...members: string[]): { id: string; size: number; members: string[] } {
  return { id: 'c', size: members.length, members }
}

function verdict(accountId: string, more: Partial<Verdict> = {}): Verdict {
  const offence = more.offence ?? 'batch-homogeneous-posting'
  return {
    verdictId: `v-${accountId}-${offence}`,
    revision: 1,
    status: 'raised',
    offence,
    subject: { type: 'account', id: accountId },
    accountId,
    role: 'operator',
    recommendation: 'watch',
    mode: 'live',
    score: 1,
    pValue: 0,
    qValue: 0,
    window: { start: secondCopyMs, end: secondCopyMs },
    detectedAt: secondCopyMs,
    counts: { raw: 0, authentic: 0, disputed: 0 },
    elements: [],
    evidence: { eventIds: [], texts: [], positions: [] },
    exonerating: [],
    detector: offence,
    detectorVersion: 1,
    policyVersion: 'test',
    statutes: [],
    expiresAt: secondCopyMs,
    ...more,
  }
}
