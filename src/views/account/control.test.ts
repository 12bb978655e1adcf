import type { TestEvent } from '../../../test/support/blocks'
import { at, burst, ordinaryTraffic, phoneFarm, playNumbers, standing } from '../../../test/support/timeline'

const clocks = ['07:10', '08:05', '09:20', '10:40', '11:30', '12:15', '13:25', '14:10']
/** An ordinary day, on which the others publish what is read of them. */
const ordinary = [
  ...ordinaryTraffic({ to: '16:00' }),
  ...Array.from({ length: 8 }, (_, i) => `account-${i}`).flatMap((account) =>
    [0, 1, 2].map((i) =>
      publish('06:00', { account, id: `post-${account}-${i}`, content: `${account}-article-${i}` }),
    ),
  ),
]

describe('who arranged what was made', () => {
  it('is the account where it comes before the post is out, again and again', () => {
    //  07:10       08:05       09:20      …
    //  ██│████     ██│████     ██│████          twelve clicks of a farm before each post, forty after it
    const { verdicts } = playNumbers([
      ...ordinary,
      ...clocks.flatMap((clock) => [
        publish(clock),
        ...bought(clock, { startMs: -120_000, count: 12 }),
        ...bought(clock, { startMs: 60_000, count: 40 }),
      ]),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, warn, operator'])
    const element = verdicts.at(-1)!.elements.find(({ sentence }) => sentence.includes('before the post'))!
    expect(element).toMatchObject({ element: 'common-control' })
    expect(element.observed).toBeGreaterThanOrEqual(3)
    expect(element.sentence).toContain('Overturned if')
  })

  it('is not shown by a rival who sends the same within a second of each post, and says so', () => {
    const { verdicts } = playNumbers([
      ...ordinary,
      ...clocks.flatMap((clock) => [publish(clock), ...bought(clock, { startMs: 900, count: 52 })]),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    expect(verdicts.at(-1)!.exonerating.join(' ')).toContain('before the post was published on 0 of')
  })

  it('is not shown where the record of each post is late, so that its readers come before it too', () => {
    const readers = clocks.flatMap((clock) => bought(clock, { startMs: -90_000, count: 6, by: 'regulars' }))
    const { verdicts } = playNumbers([
      ...ordinary,
      ...readers,
      ...clocks.flatMap((clock) => [publish(clock), ...bought(clock, { startMs: -60_000, count: 52 })]),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
  })

  it('is the operator of a sister account, from whose phone it comes', () => {
    //  x-phone publishes on x and y, y-phone on y only; forty names on y-phone click on x
    const posts = [
      publish('07:00', { device: 'x-phone' }),
      publish('07:05', { account: 'y', device: 'x-phone' }),
      publish('07:10', { account: 'y', device: 'y-phone' }),
    ]
    const farm = burst({ kind: 'click', count: 150, at: '14:05', overMinutes: 9, ...phoneFarm })
    const near = { kind: 'click', count: 40, at: '14:06', overMinutes: 9, ageDays: 3 } as const
    const play2 = (device: string) =>
      standing(playNumbers([...ordinary, ...posts, ...farm, ...burst({ ...near, device })]).verdicts)
    expect(play2('y-phone')).toEqual(['x: inflated-clicks, warn, operator'])
    expect(play2('z-phone')).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
  })

  it('is not shown by being where the account is run, and as punctual as a program: a guest can do that', () => {
    const { verdicts, findings } = playNumbers([
      ...ordinary,
      ...clocks.flatMap((clock) => [
        publish(clock, { network: 'x-line' }),
        ...bought(clock, { startMs: 90_000, count: 40 }),
        ...bought(clock, { startMs: 95_000, count: 12, network: 'x-line' }),
      ]),
    ])
    expect(standing(verdicts)).toEqual(['x: inflated-clicks, correct-count, beneficiary'])
    const { control } = findings.filter((finding) => finding.control.length > 0).at(-1)!
    const shown = control.filter(({ pValue }) => pValue < 0.01).map(({ test }) => test)
    expect(shown).toEqual(['operator-network', 'repeat-timing'])
  })

  it('is found the same after a restart in the middle of everything', () => {
    const events = [
      ...ordinary,
      ...clocks.flatMap((clock) => [publish(clock), ...bought(clock, { startMs: -120_000, count: 52 })]),
    ]
    expect(playNumbers(events, { restartAt: at('12:30') }).verdicts).toEqual(playNumbers(events).verdicts)
  })
})

/** The account publishes an article of its own. */
function publish(clock: string, more: Partial<TestEvent> = {}): TestEvent {
  const { account = 'x' } = more
  return {
    ...{
      id: `post-${account}-${clock}`,
      timeMs: at(clock),
      kind: 'post',
      account,
      actor: `${account}-operator`,
    },
    ...{ content: `${account}-${clock}`, device: `${account}-desk`, network: `${account}-desk-line` },
    ...more,
  }
}

/** Clicks of a farm on what is published then, within half a minute from some time before or after it. */
function bought(
  clock: string,
  { startMs, count, network, by }: { startMs: number; count: number; network?: string; by?: 'regulars' },
): TestEvent[] {
  const who = by === undefined ? phoneFarm : { by }
  const clicks = burst({ kind: 'click', at: clock, overMinutes: 0.5, ...who, count })
  return clicks.map((click, i) => ({
    ...click,
    ...(network === undefined ? {} : { network }),
    id: `${click.id}-${startMs}-${i}`,
    timeMs: click.timeMs + startMs,
    content: `x-${clock}`,
  }))
}
