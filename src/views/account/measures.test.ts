import { blockOf } from '../../../test/support/blocks'
import type { TestEvent } from '../../../test/support/blocks'
import { nodeIdOf } from '../../model/acts'
import type { Membership } from '../../model/cluster'
import { traitIndex } from '../../model/traits'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { hourMs, Measures } from './measures'

const startMs = Date.UTC(2026, 0, 5, 10)
const epochMs = 10_000
const whole = { begins: true, ends: true }
const clicks = 1
const crew = 1 + traitIndex('crew')
const made = 1 + traitIndex('made')

it('takes the trait of a crew off what its members did, once a person has found that there is none', () => {
  //  epoch   1                 2                        3
  //          a, b and c act    a and b are a crew, act  they are cleared
  const play = new Play()
  play.act(['a', 'b', 'c'])
  const past = [{ family: 'click' as const, owner: play.owner, timeMs: startMs }]
  play.act(['a', 'b', 'c'], [{ ...play.memberOf('a'), acts: past }, play.memberOf('b')])
  // Two of the second epoch, and the one of the first that was remembered.
  expect(play.counts()).toEqual({ events: 6, crew: 3, made: 3 })

  play.restart()
  const left = ['a', 'b'].map((actor) => ({ ...play.memberOf(actor), cluster: null }))
  play.act(['c'], [left[1]!])
  // Who has left without a word of a person was a member while it acted.
  expect(play.counts()).toEqual({ events: 7, crew: 3, made: 3 })
  play.act(
    ['a', 'b'],
    left.map((one) => ({ ...one, isCleared: true })),
  )
  expect(play.counts()).toEqual({ events: 9, crew: 0, made: 0 })
})

it('is taken back when it was saved before the first epoch had closed', () => {
  const out = new SnapshotWriter()
  new Measures(10_000).save(out)
  const measures = new Measures(10_000)
  measures.load(new SnapshotReader(out.parts()), Number.NEGATIVE_INFINITY)
  expect(measures.accounts.size).toBe(0)
})

it('leaves what shows by itself that it was made', () => {
  const play = new Play()
  const shared = { device: 'farm' }
  play.act(['x', 'y', 'z'], [], shared)
  const before = play.counts()
  expect(before.made).toBeGreaterThan(0)
  play.act(['a'], [play.memberOf('a')], shared)
  const during = play.counts()
  expect(during.crew).toBe(1)
  play.act(['c'], [{ node: play.memberOf('a').node, cluster: null, isCleared: true }])
  expect(play.counts()).toEqual({ ...during, events: during.events + 1, crew: 0 })
})

it('counts an account that no room is left for in the books alone, and says how many events that were', () => {
  const measures = new Measures(10_000, 1)
  const events = ['first', 'second', 'first', 'second'].map((account, place) => ({
    ...{ id: `e${place}`, timeMs: startMs, actor: `a${place}`, account },
  }))
  const rows = events.length
  const places = { block: new Uint32Array(rows), row: Uint32Array.from(events.keys()) }
  measures.measure({
    startMs,
    endMs: startMs + epochMs,
    ...whole,
    rows,
    blocks: [blockOf(events)],
    ...places,
  })
  expect(measures.accounts.names).toHaveLength(1)
  expect(measures.hours.count(clicks, startMs / hourMs, 0)).toBe(2)
  expect(measures.counted[clicks]).toBe(4)
  expect(measures.evicted).toBe(2)
})

it('knows after a restart all minutes of a period that has ended, and is not closed yet', () => {
  //  10:00          10:10
  //  ● ● ●          │ saved here      the period is closed by the first event that follows
  const measures = new Measures(10_000)
  const events = ['a', 'b', 'c'].map((actor) => ({ id: actor, timeMs: startMs, actor }))
  const rows = events.length
  const places = { block: new Uint32Array(rows), row: Uint32Array.from(events.keys()) }
  const epoch = { startMs, endMs: startMs + epochMs, ...whole, rows, blocks: [blockOf(events)] }
  measures.measure({ ...epoch, ...places })
  const out = new SnapshotWriter()
  measures.save(out)
  const again = new Measures(10_000)
  again.load(new SnapshotReader(out.parts().map((part) => part.slice())), startMs + 600_000)
  const lastMinute = measures.minutes.paneAt(startMs + 600_000 - 1)
  const counts = [measures, again].map(({ bursts }) =>
    [0, 1].map((past) => bursts.count(clicks, lastMinute + past)),
  )
  expect(counts).toEqual([
    [3, 0],
    [3, 0],
  ])
})

describe('who turns out to have been in company', () => {
  const sharedDevice = 1 + traitIndex('shared-device')
  const day = 24
  /** Clicks from one device, at hours from the beginning of a day; then how many are of a shared one, hour by hour. */
  const sharedAfter = (
    clicksOf: readonly (readonly [hour: number, actor: string])[],
    trait = sharedDevice,
  ): [number, number][] => {
    const measures = new Measures(10_000)
    const firstHour = Math.floor(startMs / hourMs / day) * day
    for (const [hour, actor] of clicksOf) {
      const timeMs = (firstHour + hour) * hourMs
      const block = blockOf([{ id: `${hour}`, timeMs, actor, device: 'd' }])
      const places = { block: new Uint32Array(1), row: new Uint32Array(1) }
      measures.measure({
        startMs: timeMs,
        endMs: timeMs + epochMs,
        ...whole,
        rows: 1,
        blocks: [block],
        ...places,
      })
    }
    return clicksOf.map(([hour]) => [hour, measures.hours.count(clicks, firstHour + hour, trait)])
  }

  it('is counted so in the hour of his own, on this day or the one before', () => {
    //  22 ann   23 ann   │   25 bob   26 cem, who is the third
    expect(
      sharedAfter([
        [22, 'ann'],
        [23, 'ann'],
        [25, 'bob'],
        [26, 'cem'],
      ]),
    ).toEqual([
      [22, 1],
      [23, 1],
      [25, 0],
      [26, 1],
    ])
  })

  it.each(['shared-device', 'made', 'uncleared'] as const)(
    'is counted as %s in the hours of the first three, and a fourth with who completes the company',
    (trait) => {
      //  1 ann   2 ann   3 bob   4 bob   5 cem
      const clicksOf = [1, 2, 3, 4, 5].map((hour) => [hour, ['ann', 'bob', 'cem'][(hour - 1) >> 1]!] as const)
      const counts = sharedAfter(clicksOf, 1 + traitIndex(trait))
      expect(counts).toEqual([
        [1, 1],
        [2, 1],
        [3, 1],
        [4, 0],
        [5, 2],
      ])
    },
  )

  it('is in no other hour once that is gone', () => {
    //  5 ann   22 ann   │   27 bob   28 bob   │   48 bob   53 cem, when 5 and 22 are no longer kept
    const told = sharedAfter([
      [5, 'ann'],
      [22, 'ann'],
      [27, 'bob'],
      [28, 'bob'],
      [48, 'bob'],
      [53, 'cem'],
    ])
    expect(told).toEqual([
      [5, 0],
      [22, 0],
      [27, 0],
      [28, 0],
      [48, 0],
      [53, 1],
    ])
  })
})

/** What is measured of clicks on one account, an epoch after the other. */
class Play {
  private measures = new Measures(10_000)
  private epoch = 0

  /** Lets memberships take effect, and actors click in the epoch behind them. */
  act(
    actors: readonly string[],
    memberships: readonly Membership[] = [],
    rest: Partial<TestEvent> = {},
  ): void {
    const at = startMs + this.epoch++ * epochMs
    this.measures.crews.add({ endMs: at, memberships })
    const events = actors.map((actor) => ({ id: `${actor}${at}`, timeMs: at, actor, ...rest }))
    const rows = events.length
    const places = { block: new Uint32Array(rows), row: Uint32Array.from(events.keys()) }
    this.measures.measure({
      startMs: at,
      endMs: at + epochMs,
      ...whole,
      rows,
      blocks: [blockOf(events)],
      ...places,
    })
  }

  memberOf(actor: string): Membership {
    const { actorHigh, actorLow } = blockOf([{ id: '', timeMs: 0, actor }])
    return { node: nodeIdOf(actorHigh[0]!, actorLow[0]!), cluster: 'c-1' }
  }

  /** The low half of the account's pseudonym. */
  get owner(): number {
    return blockOf([{ id: '', timeMs: 0 }]).accounts.hashLow[0]!
  }

  counts(): { events: number; crew: number; made: number } {
    const { hours } = this.measures
    const count = (counter: number): number => hours.count(clicks, startMs / hourMs, counter)
    return { events: count(0), crew: count(crew), made: count(made) }
  }

  restart(): void {
    const out = new SnapshotWriter()
    this.measures.save(out)
    this.measures = new Measures(10_000)
    this.measures.load(new SnapshotReader(out.parts()), startMs + this.epoch * epochMs)
  }
}
