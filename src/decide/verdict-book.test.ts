import { verdictOn } from '../../test/support/verdicts'
import { findingOf, hour } from '../../test/support/findings'
import type { Mode } from '../model/records'
import type { Decision, FeedbackRuling } from '../model/ruling'
import { latestOpinion, VerdictBook } from './verdict-book'

describe('a verdict book', () => {
  it('keeps what people said of a verdict when it is revised', () => {
    const book = bookOf('v-1')
    book.hear(says('ada', 'confirmed'))
    put(book, { verdictId: 'v-1', revision: 2, controlEvents: 9 })
    expect(book.get('v-1')).toMatchObject({ verdict: { revision: 2 }, controlEvents: 9, isOverturned: false })
    expect(book.confirmations('v-1')).toBe(1)
    expect([book.get('v-2'), book.confirmations('v-2')]).toEqual([undefined, 0])
  })

  it('takes the latest opinion of each reviewer, and no other for it', () => {
    //  decided at   10          11           10.5       11, a smaller id   11, a larger id
    //  ada          confirmed   overturned   confirmed  confirmed          confirmed
    const book = bookOf('v-1')
    expect(book.hear(says('ada', 'confirmed', { at: 10 }))).toBe('taken')
    expect(book.hear(says('ada', 'confirmed', { at: 12 }))).toBe('repeated')
    expect(book.hear(says('ada', 'overturned', { at: 11, eventId: 'b' }))).toBe('taken')
    expect(book.hear(says('ada', 'confirmed', { at: 10.5 }))).toBe('outdated')
    expect(book.hear(says('ada', 'confirmed', { at: 11, eventId: 'a' }))).toBe('outdated')
    expect(book.confirmations('v-1')).toBe(0)
    expect(book.hear(says('ada', 'confirmed', { at: 11, eventId: 'c' }))).toBe('taken')
    expect(book.hear(says('grace', 'confirmed', { at: 9 }))).toBe('taken')
    expect(book.confirmations('v-1')).toBe(2)
    expect(book.get('v-1')!.opinions.map(({ reviewer }) => reviewer)).toEqual(['ada', 'grace'])
  })

  it('holds for people what the latest of them said, wherever it stands among the others', () => {
    const book = bookOf('v-1')
    expect(latestOpinion(book.get('v-1')!)).toBeUndefined()
    for (const [reviewer, at] of [
      ['ada', 10],
      ['grace', 12],
      ['joan', 11],
    ] as const) {
      book.hear(says(reviewer, 'confirmed', { at }))
    }
    expect(latestOpinion(book.get('v-1')!)).toMatchObject({ reviewer: 'grace' })
  })

  it('hears nothing on what it does not know, under another account, or of what is overturned', () => {
    const book = bookOf('v-1')
    expect(book.hear(says('ada', 'confirmed', { verdictId: 'v-0' }))).toBe('unknown')
    expect(book.hear({ ...says('ada', 'confirmed'), accountId: 'y' })).toBe('unknown')
    book.get('v-1')!.isOverturned = true
    expect(book.hear(says('ada', 'confirmed'))).toBe('final')
  })

  it('counts as earlier offences the other verdicts of the account that people stand by, in the same mode', () => {
    //  v-1 confirmed   v-2 confirmed   v-3 nobody   v-4 shadow, confirmed   v-5 overturned   v-6 of another account
    const book = bookOf('v-1', 'v-2', 'v-3')
    put(book, { verdictId: 'v-4', mode: 'shadow' })
    put(book, { verdictId: 'v-5' })
    put(book, { verdictId: 'v-6', accountId: 'y' })
    for (const verdictId of ['v-1', 'v-2', 'v-4', 'v-5']) book.hear(says('ada', 'confirmed', { verdictId }))
    book.hear({ ...says('ada', 'confirmed', { verdictId: 'v-6' }), accountId: 'y' })
    book.get('v-5')!.isOverturned = true
    expect(book.earlierOffences('x', 'live', 'v-3')).toBe(2)
    expect(book.earlierOffences('x', 'live', 'v-1')).toBe(1)
    expect(book.earlierOffences('x', 'shadow', 'v-1')).toBe(1)
    expect(book.earlierOffences('y', 'live', 'v-1')).toBe(1)
    expect(book.earlierOffences('z', 'live', 'v-1')).toBe(0)
  })

  it('forgets the oldest when it is full, and counts it', () => {
    const book = new VerdictBook(2)
    for (const verdictId of ['v-1', 'v-2']) put(book, { verdictId })
    book.hear(says('ada', 'confirmed'))
    put(book, { verdictId: 'v-1', revision: 2 })
    expect(book.evicted).toBe(0)
    put(book, { verdictId: 'v-3' })
    expect(['v-1', 'v-2', 'v-3'].map((id) => book.get(id) !== undefined)).toEqual([false, true, true])
    expect(book.evicted).toBe(1)
    expect(book.earlierOffences('x', 'live', 'v-3')).toBe(0)
    put(book, { verdictId: 'v-4', accountId: 'y' })
    put(book, { verdictId: 'v-5', accountId: 'y' })
    expect([book.evicted, book.earlierOffences('x', 'live', '')]).toEqual([3, 0])
  })

  it('goes on from its state', () => {
    const book = new VerdictBook(1)
    for (const verdictId of ['v-0', 'v-1']) put(book, { verdictId })
    book.hear(says('ada', 'confirmed'))
    const again = new VerdictBook(1)
    again.restore(JSON.parse(JSON.stringify(book.state())) as ReturnType<VerdictBook['state']>)
    expect([again.evicted, again.confirmations('v-1'), again.earlierOffences('x', 'live', '')]).toEqual([
      1, 1, 1,
    ])
    put(again, { verdictId: 'v-2' })
    expect(again.get('v-1')).toBeUndefined()
  })
})

interface Described {
  readonly verdictId: string
  readonly revision?: number
  readonly accountId?: string
  readonly mode?: Mode
  readonly controlEvents?: number
}

function bookOf(...verdictIds: string[]): VerdictBook {
  const book = new VerdictBook()
  for (const verdictId of verdictIds) put(book, { verdictId })
  return book
}

function put(book: VerdictBook, { accountId = 'x', controlEvents = 0, ...described }: Described): void {
  const verdict = { ...verdictOn(findingOf({ accountId })), mode: 'live' as const, ...described }
  book.put({ verdict, key: described.verdictId, kind: 'click', controlEvents, controlPValue: 1 })
}

/** What a reviewer says of a verdict of `x`. */
function says(
  reviewer: string,
  decision: Decision,
  { verdictId = 'v-1', at = 10, eventId = 'f' }: { verdictId?: string; at?: number; eventId?: string } = {},
): FeedbackRuling {
  return { type: 'feedback', eventId, timeMs: hour(at), accountId: 'x', verdictId, decision, reviewer }
}
