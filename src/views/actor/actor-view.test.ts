import { blockOf, idsOf } from '../../../test/support/blocks'
import type { TestEvent } from '../../../test/support/blocks'
import { readBlock } from '../../model/block'
import type { Block } from '../../model/block'
import { SnapshotReader, SnapshotWriter } from '../../state/snapshot'
import { ActorView, hasRead, isFirstContact } from './actor-view'

describe('the actor view', () => {
  it('counts the accounts an actor knew before, and the visits of the day', () => {
    //  10:00 clicks x   10:01 clicks y   10:02 clicks x   10:03 forwards x   next day clicks x
    const rows = play([
      { id: '1', timeMs: tenOClock, actor: 'ann', account: 'x' },
      { id: '2', timeMs: tenOClock + minute, actor: 'ann', account: 'y' },
      { id: '3', timeMs: tenOClock + 2 * minute, actor: 'ann', account: 'x' },
      { id: '4', timeMs: tenOClock + 3 * minute, actor: 'ann', account: 'x', kind: 'forward' },
      { id: '5', timeMs: tenOClock + 24 * 60 * minute, actor: 'ann', account: 'x' },
    ])
    expect(rows.map(({ breadth }) => breadth)).toEqual([0, 1, 1, 1, 1])
    expect(rows.map(({ visits }) => visits)).toEqual([0, 0, 1, 0, 0])
    expect(rows.map(({ facts }) => facts)).toEqual([
      isFirstContact,
      isFirstContact,
      hasRead,
      hasRead,
      hasRead,
    ])
  })

  it('begins the visits of a day anew also on the same day of another week', () => {
    //  Monday: twice, and forty times y   Monday after: x again
    const week = 7 * 24 * 60 * minute
    const rows = play([
      { id: '1', timeMs: tenOClock, actor: 'ann', account: 'x' },
      { id: '2', timeMs: tenOClock + 1, actor: 'ann', account: 'x' },
      ...Array.from({ length: 40 }, (_, i): TestEvent => ({
        ...{ id: `y${i}`, timeMs: tenOClock + minute + i, actor: 'ann', account: 'y', kind: 'comment' },
      })),
      { id: '3', timeMs: tenOClock + week, actor: 'ann', account: 'x' },
      { id: '4', timeMs: tenOClock + week + 1, actor: 'ann', account: 'x' },
    ])
    const ofX = rows.filter(({ id }) => !id.startsWith('y'))
    expect(ofX.map(({ visits }) => visits)).toEqual([0, 1, 0, 1])
    expect(ofX.map(({ facts }) => facts)).toEqual([isFirstContact, hasRead, hasRead, hasRead])
    const ofY = rows.filter(({ id }) => id.startsWith('y'))
    expect(ofY.map(({ visits }) => visits)).toEqual(Array.from({ length: 40 }, (_, i) => Math.min(i, 31)))
  })

  it('knows actors apart, and authors and feeds not at all', () => {
    const rows = play([
      { id: '1', timeMs: tenOClock, actor: 'ann', account: 'x' },
      { id: '2', timeMs: tenOClock + 1, actor: 'bob', account: 'x' },
      { id: '3', timeMs: tenOClock + 2, actor: 'ann', account: 'y', kind: 'impression' },
      { id: '4', timeMs: tenOClock + 3, actor: 'ann', account: 'z' },
    ])
    expect(rows.map(({ breadth }) => breadth)).toEqual([0, 0, 0, 1])
  })

  it('says the same whatever the order of arrival, and each event once', () => {
    const events: TestEvent[] = Array.from({ length: 200 }, (_, i) => ({
      id: `e${i}`,
      timeMs: tenOClock + ((i * 7919) % 40_000),
      actor: `actor-${i % 13}`,
      account: `account-${i % 7}`,
    }))
    const shuffled = [...events].sort(
      (a, b) => (((a.id + 'x').length * 31 + a.timeMs * 17) % 101) - ((b.timeMs * 13) % 97),
    )
    expect(play([...shuffled, ...events.slice(0, 50)])).toEqual(play(events))
  })

  it('puts an epoch of long texts into several blocks, each of which fits into a record of a topic', () => {
    const text = 'x'.repeat(8_192)
    const events = Array.from({ length: 2_000 }, (_, index): TestEvent => ({
      ...{ id: `${index}`, timeMs: tenOClock + index, kind: 'post', text },
    }))
    const watermarkMs = Number.POSITIVE_INFINITY
    const blocks = fold(new ActorView(), blockOf(events, { watermarkMs }))
    expect(blocks.flatMap(idsOf)).toEqual(events.map(({ id }) => id))
    for (const { bytes } of blocks) expect(bytes.length).toBeLessThan(7 << 20)
    // Each says how far it came, and only the last one closes the epoch.
    const full = blocks.filter(({ rows }) => rows > 0)
    const last = full.pop()!
    expect(full.map(({ watermarkMs }) => watermarkMs)).toEqual(full.map(({ timeMs }) => timeMs.at(-1)))
    expect(last.watermarkMs).toBe(tenOClock + 10_000)
  })

  it('cuts blocks sooner where events lie close together, so that few are left at the end of an epoch', () => {
    const rowsAt = (everyMs: number): number[] => {
      const events = Array.from({ length: 5_000 }, (_, index) => ({
        ...{ id: `${index}`, timeMs: tenOClock + index * everyMs },
      }))
      const blocks = fold(new ActorView(), blockOf(events, { watermarkMs: tenOClock + 10_000 }))
      expect(blocks.flatMap(idsOf)).toEqual(events.map(({ id }) => id))
      return blocks.map(({ rows }) => rows)
    }
    expect(rowsAt(1)).toEqual([1_024, 1_024, 1_024, 1_024, 904])
    expect(rowsAt(1.9)).toEqual([4_096, 904])
  })

  it('goes on from a snapshot as if nothing had happened', () => {
    const first: TestEvent[] = [
      { id: '1', timeMs: tenOClock, actor: 'ann', account: 'x' },
      { id: '2', timeMs: tenOClock + 15_000, actor: 'ann', account: 'y' },
    ]
    const then = blockOf([{ id: '3', timeMs: tenOClock + minute, actor: 'ann', account: 'x' }], {
      watermarkMs: Number.POSITIVE_INFINITY,
    })
    const one = new ActorView()
    fold(one, blockOf(first, { watermarkMs: tenOClock + 12_000 }))
    const out = new SnapshotWriter()
    one.save(out)
    const other = new ActorView()
    other.load(new SnapshotReader(out.parts().map((part) => part.slice())))
    const expected = fold(one, then).map(({ bytes }) => bytes)
    expect(fold(other, then).map(({ bytes }) => bytes)).toEqual(expected)
    expect(expected.length).toBeGreaterThan(0)
  })
})

interface Row {
  readonly id: string
  readonly breadth: number
  readonly visits: number
  readonly facts: number
}

function play(events: readonly TestEvent[]): Row[] {
  const blocks = fold(new ActorView(), blockOf(events, { watermarkMs: Number.POSITIVE_INFINITY }))
  return blocks.flatMap((block) => {
    const ids = idsOf(block)
    return ids.map((id, row) => ({
      id,
      breadth: block.breadth[row]!,
      visits: block.visits[row]!,
      facts: block.facts[row]!,
    }))
  })
}

function fold(view: ActorView, block: Block): Block[] {
  const out: Block[] = []
  view.fold(block.bytes, (_output, record) => out.push(readBlock(record.slice())))
  return out
}

const minute = 60_000
const tenOClock = Date.UTC(2026, 0, 5, 10)
