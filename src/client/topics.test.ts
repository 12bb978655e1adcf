import { clusterVerdictOf, correctionOf, lineOf, verdictOf } from '../../test/support/standing-promises'
import { decodeCorrection, decodeVerdict } from './topics'

describe('a record of the topic of verdicts', () => {
  it('is a verdict as it was written', () => {
    for (const verdict of [verdictOf(), clusterVerdictOf(['daily-bread', 'weekly-bread'])]) {
      expect(decodeVerdict(lineOf(verdict))).toEqual({ kind: 'record', record: verdict })
    }
  })

  it('may say more than this version knows', () => {
    const verdict = { ...verdictOf(), addedLater: 1, counts: { ...verdictOf().counts, inDoubt: 2 } }
    expect(decodeVerdict(lineOf(verdict))).toEqual({ kind: 'record', record: verdict })
  })

  it('without a value is a deletion', () => {
    expect(decodeVerdict(null)).toEqual({ kind: 'tombstone' })
  })

  it.each([
    ['an empty value', '', /should be JSON/],
    ['half a line', '{"verdictId":"v-1"', /should be JSON/],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), /should be JSON in UTF-8/],
    ['no object', '[]', /the record/],
    ['an unknown rung', lineOf({ ...verdictOf(), recommendation: 'exile' }), /recommendation/],
    ['a missing field', lineOf({ ...verdictOf(), accountId: undefined }), /accountId/],
    ['a number as text', lineOf({ ...verdictOf(), expiresAt: '1' }), /expiresAt/],
    ['a fault deep inside', lineOf(verdictOf({ elements: [{} as never] })), /elements\.0\./],
  ] as const)('is unreadable with %s, and says why', (_what, value, reason) => {
    expect(decodeVerdict(Buffer.from(value))).toEqual({
      kind: 'unreadable',
      reason: expect.stringMatching(reason) as string,
    })
  })
})

it('a record of the topic of corrections is a correction, also of what has no content', () => {
  for (const correction of [correctionOf(), correctionOf({ contentId: null })]) {
    expect(decodeCorrection(lineOf(correction))).toEqual({ kind: 'record', record: correction })
  }
  expect(decodeCorrection(lineOf({ ...correctionOf(), kind: 'like' }))).toMatchObject({ kind: 'unreadable' })
})
