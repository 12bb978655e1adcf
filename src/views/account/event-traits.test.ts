import { blockOf, idsOf } from '../../../test/support/blocks'
import type { TestEvent } from '../../../test/support/blocks'
import { seeded } from '../../../test/support/seeded'
import { readBlock } from '../../model/block'
import { judgedKinds, kindCode } from '../../model/event'
import type { Entry, JudgedKind } from '../../model/event'
import { traits } from '../../model/traits'
import type { TraitName } from '../../model/traits'
import { ActorView } from '../actor/actor-view'
import { AccountTable } from './account-table'
import { Operators } from './operators'
import { EventTraits, isJudged } from './event-traits'

describe('an event of an actor', () => {
  it('is week-old and young by how long ago he registered, and neither where nobody says', () => {
    const ages = { '1': 6.9, '2': 7.1, '3': 59, '4': 61 }
    const events = Object.entries(ages).map(([id, days]) => ({ id, createdMs: noon - days * day }))
    expect(shown([...events, { id: '5' }], ['week-old', 'young'])).toEqual({
      '1': ['week-old', 'young'],
      '2': ['young'],
      '3': ['young'],
      '4': [],
      '5': [],
    })
  })

  it('is a newcomer until he has been seen on two other accounts', () => {
    //  ann   x   y   z   x
    //        ▲   ▲       knows two others by now
    const events = ['x', 'y', 'z', 'x'].map((account, i) => ({ id: String(i), actor: 'ann', account }))
    expect(shown(events, ['newcomer'])).toEqual({ '0': ['newcomer'], '1': ['newcomer'], '2': [], '3': [] })
  })

  it('is unread unless he clicked here before; a click itself is reading', () => {
    const events: Event[] = [
      { id: '1', kind: 'forward', actor: 'ann' },
      { id: '2', kind: 'click', actor: 'ann' },
      { id: '3', kind: 'comment', actor: 'ann' },
    ]
    expect(shown(events, ['unread'])).toEqual({ '1': ['unread'], '2': [], '3': [] })
  })

  it('is repeated from the fourth of a day and kind on', () => {
    const events = Array.from({ length: 5 }, (_, i) => ({ id: String(i), actor: 'ann' }))
    const forward: Event = { id: 'forward', actor: 'ann', kind: 'forward' }
    expect(shown([...events, forward], ['repeated'])).toEqual({
      '0': [],
      '1': [],
      '2': [],
      '3': ['repeated'],
      '4': ['repeated'],
      forward: [],
    })
  })
})

describe('acts without end', () => {
  const oftenBy = (actor: string, event: Partial<Event> = {}): Event[] =>
    Array.from({ length: 27 }, (_, i) => ({ id: `${actor}-${i}`, actor, ...event }))
  const overactive = (events: readonly Event[]): string[] =>
    Object.entries(shown(events, ['overactive'])).flatMap(([id, found]) => (found.length > 0 ? [id] : []))

  it('begin with the twenty-fifth of a day, kind and account, whoever else comes', () => {
    //  ann    click ×24            │ click ×3   forward ×3   click y ×3       bob   click ×24
    const others = Array.from({ length: 3 }, (_, i): Event[] => [
      { id: `forward-${i}`, actor: 'ann', kind: 'forward' },
      { id: `y-${i}`, actor: 'ann', account: 'y' },
    ]).flat()
    const bob = oftenBy('bob').slice(0, 24)
    expect(overactive([...oftenBy('ann'), ...others, ...bob])).toEqual(['ann-24', 'ann-25', 'ann-26'])
  })

  it('begin anew on the next day', () => {
    //  20 before midnight      20 after it
    const events = Array.from({ length: 40 }, (_, i) => ({
      id: `${i}`,
      actor: 'ann',
      timeMs: noon + day / 2 + (i - 20) * 60_000,
    }))
    expect(overactive(events)).toEqual([])
  })

  it('are no comments, which are turns of a talk', () => {
    expect(overactive(oftenBy('ann', { kind: 'comment', text: 'you are welcome' }))).toEqual([])
    expect(overactive(oftenBy('ann', { kind: 'forward' }))).toHaveLength(3)
  })
})

describe('an event of a kind', () => {
  it('has a short dwell if it is a click that ended within three seconds', () => {
    const events: Event[] = [
      { id: '1', dwellMs: 2999 },
      { id: '2', dwellMs: 3000 },
      { id: '3' },
      { id: '4', kind: 'forward', dwellMs: 10 },
    ]
    expect(shown(events, ['short-dwell'])).toEqual({ '1': ['short-dwell'], '2': [], '3': [], '4': [] })
  })

  it.each<[JudgedKind, Entry | undefined, boolean]>([
    ['click', 'feed', false],
    ['click', 'external', false],
    ['click', 'direct', true],
    ['click', 'unknown', true],
    ['click', undefined, true],
    ['subscription', 'qr-code', false],
    ['forward', undefined, true],
    // A comment has no way in; it is written under what is read.
    ['comment', undefined, false],
  ])('of kind %s that came by %s has no entry: %s', (kind, entry, hasNone) => {
    const event: Event = { id: '1', kind, ...(entry === undefined ? {} : { entry }) }
    expect(shown([event], ['no-entry'])).toEqual({ '1': hasNone ? ['no-entry'] : [] })
  })

  it('is judged unless the platform itself made it or it takes something back', () => {
    const events: TestEvent[] = [
      { id: 'subscribed', timeMs: noon, kind: 'subscription', action: 'subscribe', entry: 'search' },
      { id: 'imported', timeMs: noon, kind: 'subscription', action: 'subscribe', entry: 'import' },
      { id: 'left', timeMs: noon, kind: 'subscription', action: 'unsubscribe' },
      { id: 'clicked', timeMs: noon, kind: 'click' },
      { id: 'posted', timeMs: noon, kind: 'post' },
      { id: 'shown', timeMs: noon, kind: 'impression' },
    ]
    const block = blockOf(events)
    expect(idsOf(block).filter((_, row) => isJudged(block, row))).toEqual(['subscribed', 'clicked'])
  })
})

describe('the rhythm', () => {
  const rhythm = (offsetsMs: readonly number[]) =>
    Object.values(
      shown(
        offsetsMs.map((ms, i) => ({ id: String(i).padStart(3, '0'), timeMs: noon + ms })),
        ['regular-gap'],
      ),
    )
      .map((found) => (found.length > 0 ? '=' : '.'))
      .join('')

  it('is regular from the third event on that keeps the interval of the one before', () => {
    //  0    1000   2003   3010   5000  7100
    //          ├ 1000 ┼ 1003 ┼ 1007 ┼ 1990 ┼ 2100
    expect(rhythm([3, 1003, 2006, 3013, 5003, 7103])).toBe('..==.=')
  })

  it('says nothing where the clock is coarser than the gaps', () => {
    // All events of the platform are stamped with whole seconds: gaps of ten seconds may be the clock's, gaps of thirty are not.
    expect(rhythm([7000, 17_000, 27_000, 37_000, 47_000])).toBe('.....')
    expect(rhythm([7000, 37_000, 67_000, 97_000, 127_000])).toBe('..===')
  })
})

describe('the company', () => {
  it('shares a device from the third actor on, who tells of the two before him', () => {
    const events = ['ann', 'bob', 'bob', 'cem', 'dan'].map((actor, i) => ({
      id: String(i),
      actor,
      device: 'd',
    }))
    expect(shown(events, ['shared-device', 'made'])).toEqual({
      '0': [],
      '1': [],
      '2': [],
      '3': ['shared-device', 'made'],
      '4': ['shared-device', 'made'],
    })
    // Ann's and Bob's events count as shared when Cem's comes, wherever they were counted.
    expect(weights(events, 'shared-device')).toEqual([0, 0, 0, 4, 1])
  })

  it('clears nobody who names no device, by which it would have been seen', () => {
    const shared = ['ann', 'bob', 'cem'].map((actor) => ({ id: actor, actor, device: 'd' }))
    const alone = [
      { id: 'dan', actor: 'dan', device: 'own' },
      { id: 'eva', actor: 'eva' },
    ]
    const events = [...shared, ...alone]
    expect(shown(events, ['made', 'uncleared'])).toEqual({
      ...{ ann: [], bob: [], cem: ['made', 'uncleared'] },
      ...{ dan: [], eva: ['uncleared'] },
    })
    expect(weights(events, 'uncleared')).toEqual(
      weights(events, 'made').map((made, i) => (i === 4 ? 1 : made)),
    )
  })

  it('shares no device across accounts: a family may read what it likes', () => {
    const events = ['ann', 'bob', 'cem', 'dan'].map((actor, i) => ({
      id: String(i),
      actor,
      device: 'tablet',
      account: `account-${i}`,
    }))
    expect(Object.values(shown(events, ['shared-device'])).flat()).toEqual([])
  })

  it('shares a text of some length with two other actors', () => {
    const say = (text: string) =>
      ['ann', 'bob', 'cem', 'cem'].map((actor, i): Event => ({ id: `${i}`, actor, kind: 'comment', text }))
    expect(shown(say('everybody should read this'), ['shared-text'])).toEqual({
      '0': [],
      '1': [],
      '2': ['shared-text'],
      '3': ['shared-text'],
    })
    // "first!" is language and not a text.
    expect(Object.values(shown(say('first!'), ['shared-text'])).flat()).toEqual([])
  })

  it('is on a dense network where that is far more present here than elsewhere', () => {
    //  the rest of the platform   2,000 events, a tenth of them by the carrier
    //  x                          30 from a hired network, and 30 by the carrier in turn
    const elsewhere = Array.from({ length: 2000 }, (_, i) => ({
      id: `other-${i}`,
      timeMs: noon - 3_600_000 + i,
      actor: `reader-${i % 500}`,
      account: `account-${i % 19}`,
      network: i % 10 === 0 ? 'carrier' : `home-${i % 300}`,
    }))
    const here = Array.from({ length: 60 }, (_, i) => ({
      id: `${i % 2 === 0 ? 'hired' : 'carrier'}-${i}`,
      actor: `visitor-${i}`,
      account: 'x',
      network: i % 2 === 0 ? 'hired' : 'carrier',
    }))
    const dense = Object.entries(shown([...elsewhere, ...here], ['dense-network'])).filter(
      ([, found]) => found.length,
    )
    const ids = dense.map(([id]) => id.split('-')[0])
    expect(ids.filter((id) => id === 'hired').length).toBeGreaterThan(20)
    expect(ids.filter((id) => id !== 'hired')).toEqual([])
  })

  it.each([40, 400, 4000])(
    'mistakes hardly any of an honest crowd of %d for one on a dense network',
    (size) => {
      // Twelve hundred events are few to know four hundred networks by: of many there is none although they are usual.
      const random = seeded(size)
      const home = () => `home-${Math.floor(400 * random() ** 1.5)}`
      const elsewhere = Array.from({ length: 1200 }, (_, i) => ({
        id: `other-${i}`,
        timeMs: noon - 3_600_000 + i,
        actor: `reader-${i % 500}`,
        account: `account-${i % 19}`,
        network: home(),
      }))
      const here = Array.from({ length: size }, (_, i) => ({
        id: `${i}`,
        timeMs: noon + i,
        actor: `visitor-${i}`,
        network: home(),
      }))
      const dense = Object.values(shown([...elsewhere, ...here], ['dense-network'])).flat()
      expect(dense.length).toBeLessThan(0.02 * size)
    },
  )

  it('tells a few hired networks from the rest of a small platform also in a large crowd', () => {
    const elsewhere = Array.from({ length: 1200 }, (_, i) => ({
      id: `other-${i}`,
      timeMs: noon - 3_600_000 + i,
      actor: `reader-${i % 500}`,
      account: `account-${i % 19}`,
      network: `home-${i % 400}`,
    }))
    const here = Array.from({ length: 600 }, (_, i) => ({
      id: `here-${i}`,
      actor: `visitor-${i}`,
      network: `hired-${i % 4}`,
    }))
    const dense = Object.values(shown([...elsewhere, ...here], ['dense-network'])).flat()
    expect(dense.length).toBeGreaterThan(550)
  })

  it('has no dense network while the rest of the platform has shown next to nothing', () => {
    const here = Array.from({ length: 60 }, (_, i) => ({
      id: `${i}`,
      actor: `visitor-${i}`,
      network: 'hired',
    }))
    expect(Object.values(shown(here, ['dense-network'])).flat()).toEqual([])
  })

  it("is the operator's from the fifth name on one of the devices that the account publishes from", () => {
    const events = Array.from({ length: 7 }, (_, i) => ({
      id: `${i}`,
      actor: `name-${i}`,
      device: 'x-phone',
    }))
    const operators = Object.values(shown(events, ['operator-device'], { operatorDevice: 'x-phone' }))
    expect(operators.map((found) => found.length)).toEqual([0, 0, 0, 0, 1, 1, 1])
    expect(Object.values(shown(events, ['operator-device'], { operatorDevice: 'y-phone' })).flat()).toEqual(
      [],
    )
  })
})

type Event = Omit<TestEvent, 'timeMs'> & Partial<Pick<TestEvent, 'timeMs'>>
interface Options {
  /** The device from which every account publishes. */
  readonly operatorDevice?: string
}

/** Which of some traits each event shows, by its id. */
function shown(
  events: readonly Event[],
  of: readonly TraitName[],
  options?: Options,
): Record<string, TraitName[]> {
  const found = seen(events, options).map(({ id, mask }): [string, TraitName[]] => [
    id,
    of.filter((name) => (mask & (1 << traits.findIndex((trait) => trait.name === name))) !== 0),
  ])
  return Object.fromEntries(found)
}

/** For how many events each event's trait stands. */
function weights(events: readonly Event[], name: TraitName): number[] {
  const place = traits.findIndex((trait) => trait.name === name)
  return seen(events).map(({ mask, weight }) => (mask & (1 << place) ? weight[place]! : 0))
}

/** The events in order, 1.7 s apart where they do not say when, through the actor view and past `EventTraits`. */
function seen(events: readonly Event[], { operatorDevice }: Options = {}) {
  const accounts = new AccountTable()
  const eventTraits = new EventTraits(accounts, new Operators(), 100_000)
  const rows: { id: string; mask: number; weight: readonly number[] }[] = []
  const timed = events.map((event, i): TestEvent => ({
    account: 'x',
    timeMs: noon + 1701 * (i + 1),
    ...event,
  }))
  const device = blockOf([
    { id: 'post', timeMs: noon, ...(operatorDevice === undefined ? {} : { device: operatorDevice }) },
  ])
  new ActorView().fold(blockOf(timed, { watermarkMs: Number.POSITIVE_INFINITY }).bytes, (_output, record) => {
    const block = readBlock(record)
    if (block.rows === 0) return
    eventTraits.advance(block.timeMs[0]!)
    idsOf(block).forEach((id, row) => {
      const account = accounts.slotOf(block.accounts, block.account[row]!)
      if (operatorDevice !== undefined) accounts.addOperatorDevice(account, device.device[0]!)
      const kind = judgedKinds.findIndex((judged) => kindCode(judged) === block.kind[row])
      eventTraits.see(block, row, { account, series: account * judgedKinds.length + kind }, false)
      rows.push({ id, mask: eventTraits.mask, weight: [...eventTraits.weight] })
    })
  })
  return rows
}

const day = 86_400_000
const noon = Date.UTC(2026, 0, 5, 12)
