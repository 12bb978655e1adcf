import type { Correction, Verdict } from '../model/records'
import { failures, parseGate } from './gate'
import { addScores, figuresOf, score } from './score'
import type { Label } from './score'

const hour = Date.UTC(2026, 0, 5, 10)

describe('scoring verdicts against labels', () => {
  it('finds the fraud it was told of, by the right offence only', () => {
    const labels = [fraud('a'), fraud('b'), fraud('c')]
    const result = score({
      labels,
      verdicts: [verdict('a'), verdict('b', { offence: 'inflated-comments' })],
      corrections: [],
    })
    expect(figuresOf(result)).toMatchObject({ recall: 1 / 3, 'recall-blatant': 1 / 3, precision: 1 })
  })

  it('excuses the correction of a framed victim, and no sanction', () => {
    const labels: Label[] = [framed('v'), framed('w'), made('v'), made('w')]
    const result = score({
      labels,
      verdicts: [verdict('v'), verdict('w', { recommendation: 'warn' })],
      corrections: [],
    })
    expect(result).toMatchObject({
      framed: 2,
      framedCorrected: 2,
      framedSanctioned: 1,
      sanctionedWrongly: ['w'],
    })
    expect(figuresOf(result)['precision']).toBe(1)
  })

  it('tells by strength how many of those who arranged it, and of those who were framed, are sanctioned', () => {
    const tied = (id: string): Label => ({ ...fraud(id), tie: 'priming' })
    const result = score({
      labels: [tied('a'), tied('b'), fraud('c'), framed('v'), framed('w')],
      verdicts: [
        verdict('a', { recommendation: 'warn' }),
        verdict('b'),
        verdict('c', { recommendation: 'warn' }),
        verdict('v', { recommendation: 'warn' }),
      ],
      corrections: [],
    })
    expect(figuresOf(addScores([result, result]))).toMatchObject({
      'culprits-found-blatant': 1 / 2,
      'framed-sanctioned-blatant': 2,
    })
  })

  it('counts a verdict on somebody nobody attacked against precision', () => {
    const result = score({
      labels: [fraud('a')],
      verdicts: [verdict('a'), verdict('honest')],
      corrections: [],
    })
    expect(figuresOf(result)['precision']).toBe(0.5)
  })

  it('leaves networks to their own score, but tells of each burst who was named in a cluster', () => {
    const network: Label = { ...fraud('a'), offence: 'batch-homogeneous-posting', attack: 'network' }
    const result = score({
      labels: [
        network,
        { ...network, id: 'b' },
        { type: 'account', id: 'p', label: 'honest', attack: 'press' },
      ],
      verdicts: [
        verdict('a', {
          offence: 'batch-homogeneous-posting',
          recommendation: 'warn',
          cluster: { id: 'c', size: 3, members: ['a', 'b', 'p'] },
        }),
      ],
      corrections: [],
    })
    expect(result).toMatchObject({ fraud: 0, found: 0, byStrength: {} })
    expect(result.byAttack).toEqual({
      network: { subjects: 2, flagged: 2, sanctioned: 2 },
      press: { subjects: 1, flagged: 1, sanctioned: 1 },
    })
  })

  it('forgets what was overturned, and what was only a shadow', () => {
    const overturned = [verdict('a'), verdict('a', { revision: 2, status: 'overturned' })]
    const shadow = verdict('b', { mode: 'shadow' })
    const result = score({
      labels: [fraud('a'), fraud('b')],
      verdicts: [...overturned, shadow],
      corrections: [],
    })
    expect(result).toMatchObject({ found: 0, flagged: 0 })
  })

  it('measures the delay from the first made event to the first right verdict', () => {
    const result = score({
      labels: [{ ...fraud('a'), startMs: hour }],
      verdicts: [
        verdict('a', { detectedAt: hour + 900_000, revision: 2 }),
        verdict('a', { detectedAt: hour + 600_000 }),
      ],
      corrections: [],
    })
    expect(figuresOf(result)['delay-minutes-p50']).toBe(10)
  })

  it('compares the authentic count of an hour with the true one, the latest correction of a key counting', () => {
    //  honest 20, made 80      first correction 60, then 78 of one content and 4 of another: 18 are left
    const corrections = [
      correction('a', 'x', 60),
      correction('a', 'x', 78),
      correction('a', 'y', 4),
      correction('b', 'z', 5),
    ]
    const result = score({ labels: [fraud('a'), made('a')], verdicts: [], corrections })
    expect(result.errors).toEqual({ blatant: { authentic: [0.1], raw: [4] } })
    expect(result.correctedHonestHours).toBe(1)
  })

  it('adds up seeds', () => {
    const one = score({ labels: [fraud('a'), made('a')], verdicts: [verdict('a')], corrections: [] })
    const two = score({ labels: [fraud('b')], verdicts: [], corrections: [] })
    const sum = addScores([one, two])
    expect(sum).toMatchObject({ fraud: 2, found: 1, byStrength: { blatant: { fraud: 2, found: 1 } } })
    expect(sum.byAttack).toEqual({ farm: { subjects: 2, flagged: 1, sanctioned: 0 } })
    expect(sum.errors['blatant']?.authentic).toHaveLength(1)
  })
})

describe('a gate', () => {
  it('holds a figure against a limit, and says which did not pass', () => {
    const gates = [parseGate('precision>=0.98'), parseGate('wrongly-sanctioned<=0')]
    expect(failures(gates, { precision: 0.99, 'wrongly-sanctioned': 0 })).toEqual([])
    expect(failures(gates, { precision: 0.9, 'wrongly-sanctioned': 1 })).toEqual([
      'precision is 0.9, the gate is >= 0.98',
      'wrongly-sanctioned is 1, the gate is <= 0',
    ])
  })

  it('fails where there is nothing to measure, and on a figure that does not exist', () => {
    expect(failures([parseGate('recall>=0.5')], { recall: undefined })[0]).toContain('cannot be told')
    expect(failures([parseGate('recal>=0.5')], { recall: 1 })[0]).toContain('none of the figures: recall')
  })

  it.each(['precision', 'precision>0.9', 'precision>=', '>=1', 'precision>=x'])('refuses %p', (text) => {
    expect(() => parseGate(text)).toThrow('a gate reads like')
  })
})

function fraud(id: string): Label & { type: 'account' } {
  return {
    type: 'account',
    id,
    label: 'fraud',
    offence: 'inflated-subscriptions',
    attack: 'farm',
    strength: 'blatant',
  }
}

function framed(id: string): Label {
  return { type: 'account', id, label: 'honest', attack: 'framed-farm', strength: 'blatant' }
}

function made(accountId: string): Label {
  return { type: 'count', accountId, kind: 'subscription', hour, honest: 20, fake: 80 }
}

function verdict(accountId: string, more: Partial<Verdict> = {}): Verdict {
  return {
    verdictId: `v-${accountId}`,
    revision: 1,
    status: 'raised',
    offence: 'inflated-subscriptions',
    subject: { type: 'account', id: accountId },
    accountId,
    role: 'beneficiary',
    recommendation: 'correct-count',
    mode: 'live',
    score: 1,
    pValue: 0,
    qValue: 0,
    window: { start: hour, end: hour },
    detectedAt: hour,
    counts: { raw: 0, authentic: 0, disputed: 0 },
    elements: [],
    evidence: { eventIds: [], texts: [], positions: [] },
    exonerating: [],
    detector: 'inflated-subscriptions',
    detectorVersion: 1,
    policyVersion: 'test',
    statutes: [],
    expiresAt: hour,
    ...more,
  }
}

function correction(accountId: string, contentId: string, disputed: number): Correction {
  return {
    accountId,
    contentId,
    kind: 'subscription',
    hour,
    raw: 100,
    authentic: 100 - disputed,
    disputed,
    low: 0,
    high: 100,
    verdictIds: [],
  }
}
