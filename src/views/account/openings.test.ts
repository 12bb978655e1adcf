import { blockOf } from '../../../test/support/blocks'
import type { TestEvent } from '../../../test/support/blocks'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { mostEvents, Openings } from './openings'

const noon = Date.UTC(2026, 0, 5, 12)
const click = 1

describe('how a post was opened', () => {
  it('is its first events, on whichever side of the post they came', () => {
    //  -20 s   post   +1.5 s
    const openings = play([read(-20_000), publish(0), read(1_500)])
    expect(delays(openings)).toEqual([[-20_000, 1_500]])
    expect(openings.platform).toEqual({ count: 1, leaked: 0, quick: 0 })
  })

  it('counts for the platform where two came well before it, or two within seconds', () => {
    expect(play([read(-20_000), read(-9_000), publish(0)]).platform).toMatchObject({ leaked: 1, quick: 0 })
    expect(play([read(-4_000), read(-3_000), publish(0)]).platform).toMatchObject({ leaked: 0 })
    expect(play([publish(0), read(900), read(1_000), read(1_100)]).platform).toMatchObject({
      leaked: 0,
      quick: 1,
    })
  })

  it("is not the account's own people who look at a draft", () => {
    expect(delays(play([read(-20_000, 'operator'), publish(0), read(60_000)]))).toEqual([[60_000]])
  })

  it('is not opened again by an edit, nor judged where it was there for long before', () => {
    expect(delays(play([publish(0), read(1_000), publish(600_000), read(601_000)]))).toEqual([
      [1_000, 601_000],
    ])
    expect(delays(play([read(-7_200_000), publish(0), read(1_000)]))).toEqual([])
  })

  it('is none of a later edition, for the platform either, whatever comes around that', () => {
    //  -70 min   -50 min   -9 s  post  +1 s +1.1 s
    const around = [read(-9_000), publish(0), read(1_000), read(1_100)]
    const readBefore = play([read(-4_200_000), read(-3_000_000), ...around])
    expect(delays(readBefore)).toEqual([])
    expect(readBefore.platform).toEqual({ count: 0, leaked: 0, quick: 0 })
    const withoutRest = play([read(-4_200_000), publish(0), read(1_000), read(1_100)])
    expect(delays(withoutRest)).toEqual([])
    expect(withoutRest.platform).toEqual({ count: 0, leaked: 0, quick: 0 })
  })

  it('holds a dozen, and the latest sixteen posts', () => {
    const many = Array.from({ length: 40 }, (_, i) => read(i * 1_000 + 100))
    expect(delays(play([publish(0), ...many]))[0]).toHaveLength(mostEvents)
    const posts = Array.from({ length: 20 }, (_, i) => [
      publish(i * 60_000, `c${i}`),
      { ...read(i * 60_000 + 500), content: `c${i}` },
    ]).flat()
    expect(delays(play(posts))).toHaveLength(16)
  })

  it('is a dozen of those before the post as well', () => {
    const ahead = Array.from({ length: 20 }, (_, i) => read(i * 1_000 - 60_000))
    expect(delays(play([...ahead, publish(0)]))).toEqual([
      Array.from({ length: mostEvents }, (_, i) => i * 1_000 - 60_000),
    ])
  })

  it('is the same after a restart', () => {
    const events = [...Array.from({ length: 6 }, (_, i) => read(i * 1_000 - 20_000)), publish(0), read(1_500)]
    const before = play(events.slice(0, 5))
    const out = new SnapshotWriter()
    before.save(out)
    const after = empty()
    after.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    expect(delays(play(events.slice(5), after))).toEqual(delays(play(events)))
  })

  it('keeps through a restart what was read for long', () => {
    const events = [read(-4_200_000), read(-60_000), publish(0), read(1_000)]
    const out = new SnapshotWriter()
    play(events.slice(0, 2)).save(out)
    const after = empty()
    after.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    expect(delays(play(events.slice(2), after))).toEqual([])
  })
})

let number = 0

function read(afterMs: number, actor = `a${number}`): TestEvent {
  return { id: `e${number++}`, kind: 'click', account: 'x', content: 'c', actor, timeMs: noon + afterMs }
}

function publish(afterMs: number, content = 'c'): TestEvent {
  return {
    id: `e${number++}`,
    kind: 'post',
    account: 'x',
    content,
    actor: 'operator',
    timeMs: noon + afterMs,
  }
}

function empty(): Openings {
  const operator = blockOf([publish(0)]).actorLow[0]
  return new Openings(1000, (_account, _device, actor) => actor === operator)
}

function play(events: readonly TestEvent[], openings = empty()): Openings {
  const block = blockOf(events)
  for (let row = 0; row < block.rows; row++) {
    if (events[row]!.kind === 'post') openings.publish(block, row, 0)
    else openings.add(block, row, 0, false)
  }
  return openings
}

function delays(openings: Openings): number[][] {
  return openings.of(0, click).map((events) => events.map(({ delayMs }) => delayMs))
}
