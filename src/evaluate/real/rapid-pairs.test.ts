import { rapidPairs } from './rapid-pairs'
import type { Share } from './rapid-pairs'

describe('pairs that share the same within a window', () => {
  it('weigh what they shared, once for each pair of contents', () => {
    //  object x   ann 0s   bob 50s
    //  object y   bob 0s   ann 60s   bob 61s
    expect(pairsOf('ann:x@0 bob:x@50 bob:y@0 ann:y@60 bob:y@61')).toEqual({ 'ann bob': 3 })
  })

  it('are not those who are slower, or one and the same', () => {
    expect(pairsOf('ann:x@0 ann:x@1 bob:x@62 bob:y@0 ann:y@61')).toEqual({})
  })

  it('leave out who is there with a single row', () => {
    expect(pairsOf('ann:x@0 bob:x@1 ann:y@0 cid:y@1 cid:z@0 ann:z@1')).toEqual({ 'ann cid': 2 })
  })

  it('keep a pair when either has two matched contents', () => {
    //  ann matches twice; bob and cid are there twice, but match once each; dan and eve match once
    const shares = 'ann:x@0 bob:x@1 ann:y@0 cid:y@1 dan:z@0 eve:z@1 bob:p@0 cid:q@0 dan:r@0 eve:s@0'
    expect(pairsOf(shares)).toEqual({ 'ann bob': 1, 'ann cid': 1 })
  })
})

/** Plays `account:object@second`. */
function pairsOf(timeline: string): Record<string, number> {
  const shares = timeline.split(' ').map((share, number): Share => {
    const [, account, object, second] = /^(\w+):(\w+)@(\d+)$/.exec(share)!
    return { account: account!, object: object!, content: `c${number}`, timeMs: Number(second) * 1000 }
  })
  shares.sort((a, b) => a.timeMs - b.timeMs)
  return Object.fromEntries(rapidPairs(shares, { windowMs: 60_000 }))
}
