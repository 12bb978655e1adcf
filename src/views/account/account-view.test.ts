import fc from 'fast-check'
import { blockOf } from '../../../test/support/blocks'
import { at, burst, corrected, ordinaryTraffic, phoneFarm, play, post } from '../../../test/support/timeline'
import type { Played } from '../../../test/support/timeline'
import type { EpochReport } from '../../model/finding'
import { defaultPolicy } from '../../policy/policy'
import { SnapshotWriter } from '../../state/snapshot'
import { AccountView } from './account-view'
import { shareOut } from './share-out'

describe('the hours of an account', () => {
  it('get back the events that turn out to be made only in the next one', () => {
    //  13:50          14:00
    //  30 actors      │ 30 actors      on thirty devices, two before the hour and one after it:
    //  30 others      │                only the third name on a device shows that it is shared
    const regulars = { kind: 'click', by: 'regulars', count: 30, overMinutes: 9, devices: 30 } as const
    const { corrections } = play([
      ...ordinaryTraffic({ to: '15:00' }),
      ...burst({ ...regulars, at: '13:50', dwellMs: 1000 }),
      ...burst({ ...regulars, at: '13:51' }),
      ...burst({ ...regulars, at: '14:00', dwellMs: 1000 }),
    ])
    const disputed = (hour: string) => corrected(corrections.filter((one) => one.hour === at(hour))).disputed
    // Actors of a device are told apart by five bits of their hash: one device in ten seems to have one fewer.
    expect(disputed('13:00')).toBeGreaterThan(50)
    expect(disputed('13:00')).toBeLessThanOrEqual(62)
    expect(disputed('14:00')).toBeGreaterThan(25)
    expect(disputed('14:00')).toBeLessThanOrEqual(32)
  })

  it('teach nothing while they are suspected: a second attack is judged as if there had been no first', () => {
    //  10:00 ──── farm ──── 13:00        15:05 farm
    const second = burst({ kind: 'click', count: 200, at: '15:05', overMinutes: 15, ...phoneFarm })
    const first = burst({ kind: 'click', count: 900, at: '10:00', overMinutes: 180, ...phoneFarm })
    const ordinary = ordinaryTraffic({ to: '16:00' })
    const usual = (of: Played) => {
      const { surprise, evidence } = of.findings.filter(({ window }) => window.start >= at('15:00')).at(-1)!
      const device = evidence.find(({ family }) => family === 'devices')!
      return { number: surprise.expected, share: device.expected }
    }
    const alone = usual(play([...ordinary, ...second]))
    const after = usual(play([...ordinary, ...first, ...second]))
    expect(after.share).toBeLessThan(alone.share + 0.01)
    expect(after.number).toBeLessThan(1.3 * alone.number)
  })

  it('are told from honest ones also where attacked accounts are all that is busy', () => {
    //                     │ night
    //  eight accounts ····│
    //  x, y, z            │  ████ 23:05 to 23:35      a farm each, so that half of what is awake is bought
    const night = ['x', 'y', 'z'].flatMap((account) =>
      burst({ kind: 'click', account, count: 120, at: '23:05', overMinutes: 30, ...phoneFarm }),
    )
    const { verdicts } = play([...ordinaryTraffic({ to: '22:00' }), ...night])
    expect(new Set(verdicts.map(({ accountId }) => accountId))).toEqual(new Set(['x', 'y', 'z']))
  })

  it('teach again once a person has found that there was nothing, also after a restart', () => {
    //  10:00 ── farm ── 11:00     11:10 overturned     12:00 ── honest rise ── 15:00     15:05 farm
    const first = burst({ kind: 'click', count: 300, at: '10:00', overMinutes: 60, ...phoneFarm })
    const rise = burst({ kind: 'click', by: 'regulars', count: 900, at: '12:00', overMinutes: 180 })
    const second = burst({ kind: 'click', count: 200, at: '15:05', overMinutes: 15, ...phoneFarm })
    const events = [...ordinaryTraffic({ to: '16:00' }), ...first, ...rise, ...second]
    const expectedAt15 = ({ findings }: Played) =>
      findings.filter(({ window }) => window.start >= at('15:00')).at(-1)!.surprise.expected
    const quarantined = play(events)
    const { verdictId, accountId } = quarantined.verdicts[0]!
    const said = { kind: 'feedback', action: 'overturned', account: accountId, content: verdictId } as const
    const overturned = { id: 'f-1', timeMs: at('11:10'), actor: 'ada', ...said }
    const freed = play([...events, overturned], { restartAt: at('11:00') })
    expect(freed.verdicts.map(({ status }) => status)).toContain('overturned')
    expect(expectedAt15(freed)).toBeGreaterThan(1.5 * expectedAt15(quarantined))
  })

  it('are told of when the input ends in the middle of one', () => {
    const { verdicts, corrections } = play([
      ...ordinaryTraffic({ to: '14:00' }),
      ...burst({ kind: 'forward', count: 100, at: '14:01', overMinutes: 5, ...phoneFarm }),
    ])
    expect(verdicts.length).toBeGreaterThan(0)
    expect(corrected(corrections)).toEqual({ raw: 100, disputed: 100 })
  })

  it('are told of at their end, though nothing has happened since, and once', () => {
    //  14:05 farm 14:20        15:00     15:20
    //                          │ ▲ the clock, and no event, passes the hour
    const view = new AccountView({ partition: 0, originCap: 100_000, policy: defaultPolicy })
    const reports: EpochReport[] = []
    const fold = (events: Parameters<typeof blockOf>[0], watermarkMs: number) => {
      view.fold(blockOf(events, { watermarkMs }).bytes, (_, report) => {
        reports.push(JSON.parse(textOf(report)) as EpochReport)
      })
    }
    const ofTheHour = () =>
      reports.filter(({ endMs, passedMs, hours }) => endMs === at('15:00') && !passedMs && hours.length > 0)
    const attack = burst({ kind: 'click', count: 200, at: '14:05', overMinutes: 15, ...phoneFarm })
    const day = [...ordinaryTraffic({ to: '15:00' }), ...attack].sort((a, b) => a.timeMs - b.timeMs)
    fold(day, at('15:00') - 1)
    expect(ofTheHour()).toEqual([])
    fold([], at('15:00'))
    expect(ofTheHour()).toHaveLength(1)
    fold(burst({ kind: 'click', by: 'regulars', count: 30, at: '15:20', overMinutes: 5 }), at('15:40'))
    expect(ofTheHour()).toHaveLength(1)
  })

  it('hold up neither what the last epoch of them told nor, as they are learnt from, what they told', () => {
    const attack = burst({ kind: 'click', count: 200, at: '14:55', overMinutes: 4, ...phoneFarm })
    const day = [...ordinaryTraffic({ to: '15:00' }), ...attack].sort((a, b) => a.timeMs - b.timeMs)
    const blocks = () => [
      blockOf(day, { watermarkMs: at('15:00') - 1 }).bytes,
      blockOf([], { watermarkMs: at('15:00') }).bytes,
    ]
    const options = { partition: 0, originCap: 100_000, policy: defaultPolicy }
    const [whole, inParts] = [new AccountView(options), new AccountView(options)]
    const told: string[] = []
    for (const block of blocks()) whole.fold(block, (_, report) => told.push(textOf(report)))
    const parts: EpochReport[][] = [[]]
    for (const block of blocks()) {
      const fold = inParts.foldInParts(block, (_, report) => {
        parts.at(-1)!.push(JSON.parse(textOf(report)) as EpochReport)
      })
      while (fold.next().done !== true) parts.push([])
    }
    // What the epochs told; a period of ten minutes; the hour; what is learnt.
    expect(parts).toHaveLength(4)
    expect(parts[0]!.at(-1)!.passedMs).toBe(at('15:00'))
    expect(parts.slice(1).map((reports) => reports.map(({ passedMs }) => passedMs ?? null))).toEqual([
      [null],
      [null],
      [],
    ])
    expect(parts[2]![0]!.findings.length).toBeGreaterThan(0)
    expect(parts.flat().map((report) => JSON.stringify(report))).toEqual(told)
    expect(stateOf(inParts)).toEqual(stateOf(whole))
  })

  it('are told of again when they close, with the honest events that came after an attack', () => {
    //  14:00   :05      :20   :25                    15:00
    //  x    ·    ████████                ·  ·     ·       by the end of the hour all three articles were read
    //                        ▲ told first              ▲ told whole
    const day = [
      ...ordinaryTraffic({ to: '16:00' }),
      ...burst({ kind: 'click', count: 200, at: '14:05', overMinutes: 15, ...phoneFarm }),
    ]
    const clicks = day.filter(
      ({ account, kind, timeMs }) =>
        account === 'x' && kind === 'click' && timeMs >= at('14:00') && timeMs < at('15:00'),
    )
    const corrections = play(day).corrections.filter(({ hour }) => hour === at('14:00'))
    expect(corrected(corrections)).toEqual({ raw: clicks.length, disputed: 200 })
    const contents = new Set(corrections.map(({ contentId }) => contentId))
    expect(contents).toEqual(new Set(clicks.map(({ content }) => content)))
    const attacked = corrections.filter(({ contentId }) => contentId === 'x-article-0').at(-1)!
    expect(attacked.disputed).toBe(200)
  })
})

describe('the account view', () => {
  it("knows the operator's device from what was published before, and not from what comes after", () => {
    const farm = burst({
      kind: 'comment',
      count: 60,
      at: '14:05',
      overMinutes: 10,
      ...phoneFarm,
      device: 'x-phone',
    })
    const ordinary = ordinaryTraffic({ to: '15:00' })
    const operators = (events: Parameters<typeof play>[0]) =>
      Math.max(
        ...play([...ordinary, ...farm, ...events]).findings.map(({ operatorEvents }) => operatorEvents),
      )
    expect(operators([post('x', 'x-phone', '08:00')])).toBe(56)
    expect(operators([post('x', 'x-phone', '14:30')])).toBe(0)
    expect(operators([post('y', 'x-phone', '08:00')])).toBe(0)
  })

  it('speaks up while a burst goes on, and again only when it has grown by a quarter', () => {
    const { reports } = play([
      ...ordinaryTraffic({ to: '15:00' }),
      ...burst({ kind: 'click', count: 400, at: '14:05', overMinutes: 9, ...phoneFarm }),
    ])
    const counts = reports
      .flatMap(({ findings }) => findings)
      .filter(({ window }) => window.end < at('14:15'))
      .map(({ counts: { raw } }) => raw)
    expect(counts.length).toBeGreaterThan(5)
    counts.slice(1).forEach((count, i) => {
      expect(count).toBeGreaterThanOrEqual(1.25 * counts[i]!)
    })
  })

  it('keeps its memory under the cap, however many fresh devices come, and counts what fell out', () => {
    //  20,000 devices, networks, programs and texts of one event each; room for 2,000 of each of two generations
    const view = new AccountView({ partition: 0, originCap: 2000, policy: defaultPolicy })
    const flood = (from: number) =>
      Array.from({ length: 10_000 }, (_, i) => ({
        id: `e${from + i}`,
        timeMs: at('12:00') + (from + i) * 10,
        kind: 'comment' as const,
        account: `account-${i % 10}`,
        actor: `actor-${from + i}`,
        device: `device-${from + i}`,
        network: `network-${from + i}`,
        agent: `agent-${from + i}`,
        text: `a text that nobody else has, ${from + i}`,
      }))
    const afterFlood = (from: number) => {
      view.fold(
        blockOf(flood(from), { watermarkMs: at('12:00') + (from + 10_000) * 10 }).bytes,
        () => undefined,
      )
      return view.stats
    }
    const first = afterFlood(0)
    const second = afterFlood(10_000)
    expect(first.origins).toBeLessThanOrEqual(4000)
    expect(first.evicted).toBeGreaterThan(30_000)
    expect(second.evicted).toBeGreaterThan(first.evicted + 30_000)
    expect(second.bytes).toBeLessThan(1.1 * first.bytes)
  })

  it('counts each event once, whatever comes twice or too late', () => {
    const view = new AccountView({ partition: 0, originCap: 2000, policy: defaultPolicy })
    const events = Array.from({ length: 20 }, (_, i) => ({ id: `e${i}`, timeMs: at('12:00') + i * 100 }))
    const fold = (rows: typeof events, watermarkMs: number) => {
      view.fold(blockOf(rows, { watermarkMs }).bytes, () => undefined)
    }
    fold([...events, ...events.slice(0, 5)], at('12:01'))
    fold([{ id: 'late', timeMs: at('12:00') }], at('12:02'))
    expect(view.stats).toMatchObject({ duplicates: 5, late: 1, accounts: 1 })
    expect(view.stats.counted.reduce((sum, count) => sum + count, 0)).toBe(20)
  })
})

describe('sharing out the counts of an hour', () => {
  const anyContents = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 500 }), suspicious: fc.nat(600) }),
    { minLength: 1, maxLength: 12 },
  )

  it('adds up to the whole, and takes from no content more than it has', () => {
    fc.assert(
      fc.property(
        anyContents,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(50),
        (listed, share, spread) => {
          const contents = listed.map((content, i) => ({ contentId: `c${i}`, ...content }))
          const raw = contents.reduce((sum, { count }) => sum + count, 0)
          const authentic = Math.round(share * raw)
          const low = Math.max(0, authentic - spread)
          const high = Math.min(raw, authentic + spread)
          const shares = shareOut({ raw, authentic, disputed: raw - authentic, low, high }, contents)
          const sumOf = (of: (counts: (typeof shares)[number]['counts']) => number) =>
            shares.reduce((sum, { counts }) => sum + of(counts), 0)
          expect(sumOf((counts) => counts.raw)).toBe(raw)
          expect(sumOf((counts) => counts.authentic)).toBe(authentic)
          expect(sumOf((counts) => counts.disputed)).toBe(raw - authentic)
          shares.forEach(({ contentId, counts }, i) => {
            expect([contentId, counts.raw]).toEqual([`c${i}`, contents[i]!.count])
            expect(counts.authentic + counts.disputed).toBe(counts.raw)
            expect(0 <= counts.low && counts.low <= counts.authentic).toBe(true)
            expect(counts.authentic <= counts.high && counts.high <= counts.raw).toBe(true)
          })
        },
      ),
    )
  })

  it('goes by where the suspicious events are', () => {
    //  a   ████████░░   80 of 100 suspicious        80 of 120 in dispute: 80 : 40
    //  b   ████░░░░░░   40 of 100
    //  c   ░░░░░░░░░░    0 of 100
    const counts = { raw: 300, authentic: 180, disputed: 120, low: 170, high: 190 }
    const contents = [80, 40, 0].map((suspicious, i) => ({ contentId: 'abc'[i]!, count: 100, suspicious }))
    expect(shareOut(counts, contents).map((share) => share.counts.disputed)).toEqual([80, 40, 0])
  })
})

const textOf = (record: Uint8Array): string => new TextDecoder().decode(record)

function stateOf(view: AccountView): unknown {
  const out = new SnapshotWriter()
  view.save(out)
  return out.parts()
}
