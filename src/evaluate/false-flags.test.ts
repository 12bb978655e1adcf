import type { Verdict } from '../model/records'
import { exactInterval, realisedShares, wrongAmong } from './false-flags'
import type { Label } from './score'

const hourMs = 3_600_000

const labels: Label[] = [
  { type: 'account', id: 'buyer', label: 'fraud', offence: 'inflated-clicks', attack: 'farm' },
  { type: 'account', id: 'victim', label: 'honest', offence: 'inflated-clicks', attack: 'framed-farm' },
  { type: 'account', id: 'lucky', label: 'honest', offence: 'inflated-clicks', attack: 'going-viral' },
  { type: 'account', id: 'copier', label: 'fraud', offence: 'batch-homogeneous-posting', attack: 'network' },
  ...['buyer', 'victim'].map((accountId): Label => ({
    type: 'count',
    accountId,
    kind: 'click',
    hour: 100 * hourMs,
    honest: 3,
    fake: 200,
  })),
]

function verdict(accountId: string, changes: object = {}): Verdict {
  return {
    verdictId: `${accountId} ${JSON.stringify(changes)}`,
    offence: 'inflated-clicks',
    accountId,
    mode: 'live',
    recommendation: 'correct-count',
    window: { start: 90 * hourMs, end: 101 * hourMs },
    ...changes,
  } as unknown as Verdict
}

const wrong = (...verdicts: Verdict[]): string[] =>
  wrongAmong(verdicts, labels).wrong.map(({ attack }) => attack)

describe('a verdict is wrong', () => {
  it('where nothing of its kind was made in its window', () => {
    expect(wrong(verdict('buyer'))).toEqual([])
    expect(wrong(verdict('buyer', { offence: 'inflated-forwards' }))).toEqual(['farm'])
    expect(wrong(verdict('buyer', { window: { start: 0, end: 99 * hourMs } }))).toEqual(['farm'])
    expect(wrong(verdict('lucky'))).toEqual(['going-viral'])
    expect(wrong(verdict('quiet'))).toEqual(['nothing'])
  })

  it('where a victim is asked for more than a corrected number', () => {
    expect(wrong(verdict('victim'))).toEqual([])
    expect(wrong(verdict('victim', { recommendation: 'warn' }))).toEqual(['framed-farm'])
  })

  it('where it names one honest member of a cluster', () => {
    const copies = { offence: 'batch-homogeneous-posting' }
    expect(wrong(verdict('copier', { ...copies, cluster: { members: ['copier', 'buyer'] } }))).toEqual([])
    expect(wrong(verdict('copier', { ...copies, cluster: { members: ['copier', 'lucky'] } }))).toEqual([
      'network',
    ])
  })

  it('once, however often it is revised, and not while it is in shadow', () => {
    const twice = [1, 2].map((revision) => ({ ...verdict('lucky'), revision }))
    const shadow = verdict('lucky', { mode: 'shadow' })
    expect(wrongAmong([...twice, shadow], labels)).toMatchObject({
      all: 1,
      wrong: [{ attack: 'going-viral' }],
    })
  })
})

describe('the realised share', () => {
  it('has the exact interval', () => {
    // As R's binom.test gives them.
    expect(exactInterval(0, 100).low).toBe(0)
    expect(exactInterval(0, 100).high).toBeCloseTo(0.036217, 5)
    expect(exactInterval(5, 50).low).toBeCloseTo(0.033275, 5)
    expect(exactInterval(5, 50).high).toBeCloseTo(0.218135, 5)
    expect(exactInterval(7, 7).high).toBe(1)
  })

  it('is of all verdicts of all seeds, and on average of each seed', () => {
    const one = { offence: 'inflated-clicks', recommendation: 'correct-count', attack: 'going-viral' }
    const results = [
      { seed: 1, oneWrongIn: 100, all: 10, wrong: [one, { ...one, recommendation: 'warn' }] },
      { seed: 2, oneWrongIn: 100, all: 30, wrong: [] },
      { seed: 3, oneWrongIn: 100, all: 0, wrong: [] },
    ]
    const [share] = realisedShares(results)
    expect(share).toMatchObject({ all: 40, wrong: 2, wronglySanctioned: 1, seeds: 3, seedsWithWrong: 1 })
    expect(share!.share).toBeCloseTo(0.05)
    expect(share!.meanOfSeeds).toBeCloseTo(0.2 / 3)
    expect(share!.byAttack).toEqual({ 'going-viral': 2 })
  })
})
