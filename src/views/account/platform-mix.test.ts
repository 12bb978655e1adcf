import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { traitIndex, traits } from '../../model/traits'
import { PlatformMix } from './platform-mix'

const click = 1
const comment = 3
const shortDwell = traitIndex('short-dwell')
const weekOld = traitIndex('week-old')
const regularGap = traitIndex('regular-gap')
const overactive = traitIndex('overactive')
const nothing = { carrying: 0, count: 0 }

describe('what is usual on the platform', () => {
  it('is unknown while nearly nothing has been seen', () => {
    expect(new PlatformMix().reference(click, shortDwell, nothing)).toBeUndefined()
  })

  it('is the median over accounts at first, and not firmly known', () => {
    //  accounts   0.1  0.1  0.1  0.2  0.9     five of each
    //  median               ▲
    const mix = new PlatformMix()
    show(mix, (account) => [0.1, 0.1, 0.1, 0.2, 0.9][account % 5]!)
    const reference = mix.reference(click, shortDwell, nothing)!
    expect(reference.mean).toBeCloseTo(0.1, 1)
    expect(reference.concentration).toBe(8)
  })

  it('is that of the population after twenty account-hours, as firmly as accounts agree', () => {
    const agreeing = taught({ hours: 400, share: () => 0.1 }).reference(click, shortDwell, nothing)!
    const differing = taught({ hours: 400, share: (i) => (i % 2 ? 0.02 : 0.18) }).reference(
      click,
      shortDwell,
      nothing,
    )!
    expect(agreeing.mean).toBeCloseTo(0.1, 2)
    expect(differing.mean).toBeCloseTo(0.1, 2)
    expect(agreeing.concentration).toBeGreaterThan(2 * differing.concentration)
  })

  it("is drawn to an account's own past in the measure of how much it has shown", () => {
    //  platform 10 %  ├──────────●──────────────────────────────┤ own 90 %
    //                    10 events   100 events        1000 events
    const mix = taught({ hours: 400, share: (i) => (i % 2 ? 0.02 : 0.18) })
    const means = [0, 10, 100, 1000].map(
      (count) => mix.reference(click, shortDwell, { carrying: 0.9 * count, count })!.mean,
    )
    expect(means).toEqual([...means].sort((a, b) => a - b))
    expect(means[1]).toBeLessThan(0.5)
    expect(means[3]).toBeGreaterThan(0.8)
  })

  it('is unknown of what adds up over a day until it has been seen for one', () => {
    const mix = new PlatformMix()
    const pass = (hours: number): void => {
      for (let hour = 0; hour < hours; hour++) {
        for (let i = 0; i < 50; i++) mix.learnHour(click, overactive, i % 2, 10)
        mix.closeHour()
      }
    }
    pass(23)
    expect(mix.reference(click, overactive, nothing)).toBeUndefined()
    pass(1)
    expect(restored(mix).reference(click, overactive, nothing)!.mean).toBeCloseTo(0.05, 2)
  })

  it('is never less than what all accounts show at the moment', () => {
    // A new version of the app, or a holiday: half of all clicks are short from one minute to the next.
    const mix = taught({ hours: 400, share: () => 0.05 })
    show(mix, () => 0.5)
    expect(mix.reference(click, shortDwell, nothing)!.mean).toBeGreaterThan(0.45)
  })

  it('is never less than chance alone brings about, however little of it handfuls of events have shown', () => {
    const mix = new PlatformMix()
    for (let i = 0; i < 400; i++) mix.learnHour(click, regularGap, 0, 6)
    mix.closeHour()
    expect(mix.reference(click, regularGap, { carrying: 0, count: 1000 })!.mean).toBe(0.05)
  })

  it('is borrowed from other kinds where the trait is about the actor, and not where it is about the event', () => {
    // Clicks are known well, comments not at all: how old people are does not hang on what they do.
    const mix = new PlatformMix()
    for (let i = 0; i < 100; i++) {
      mix.learnHour(click, weekOld, 2, 100)
      mix.learnHour(click, shortDwell, 10, 100)
    }
    mix.closeHour()
    expect(mix.reference(comment, weekOld, nothing)!.mean).toBeCloseTo(0.02, 3)
    expect(mix.reference(comment, shortDwell, nothing)).toBeUndefined()
  })

  it('follows a change within days', () => {
    const mix = taught({ hours: 400, share: () => 0.1 })
    for (let hour = 0; hour < 72; hour++) mix.closeHour()
    for (let i = 0; i < 200; i++) mix.learnHour(click, shortDwell, 30, 100)
    mix.closeHour()
    // What was shown three days ago weighs half: 200 account-hours at 10 % and 200 at 30 %.
    expect(mix.reference(click, shortDwell, nothing)!.mean).toBeCloseTo(0.2, 2)
  })

  it('holds no share for impossible or certain', () => {
    expect(
      taught({ hours: 400, share: () => 0 }).reference(click, shortDwell, nothing)!.mean,
    ).toBeGreaterThan(0)
    expect(taught({ hours: 400, share: () => 1 }).reference(click, shortDwell, nothing)!.mean).toBeLessThan(1)
  })

  it('goes on from a snapshot', () => {
    const mix = taught({ hours: 50, share: (i) => i / 50 })
    show(mix, () => 0.4)
    const other = restored(mix)
    expect(other.reference(click, shortDwell, nothing)).toEqual(mix.reference(click, shortDwell, nothing))
  })
})

function restored(mix: PlatformMix): PlatformMix {
  const out = new SnapshotWriter()
  mix.save(out)
  const other = new PlatformMix()
  other.load(new SnapshotReader(out.parts().map((part) => part.slice())))
  return other
}

/** Twenty-five accounts show what their clicks are like. */
function show(mix: PlatformMix, share: (account: number) => number): void {
  for (let account = 0; account < 25; account++) {
    const carrying = traits.map((_, trait) => (trait === shortDwell ? 100 * share(account) : 0))
    mix.moment.hear(account * 4 + click, { period: 1, count: 100, traits: carrying })
  }
  mix.moment.close(1)
}

/** A mix that so many account-hours of a hundred clicks have taught. */
function taught({ hours, share }: { hours: number; share: (hour: number) => number }): PlatformMix {
  const mix = new PlatformMix()
  for (let hour = 0; hour < hours; hour++) mix.learnHour(click, shortDwell, 100 * share(hour), 100)
  mix.closeHour()
  return mix
}
