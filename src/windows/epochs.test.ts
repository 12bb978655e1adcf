import fc from 'fast-check'
import { blockOf, idsOf } from '../../test/support/blocks'
import type { TestEvent } from '../../test/support/blocks'
import { Ingest } from '../ingest/ingest'
import { eventIdOf, markBlock } from '../model/block'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { EpochBuffer, rulingsIn } from './epochs'
import type { Epoch } from './epochs'

describe('an epoch buffer', () => {
  it('closes an epoch when the watermark passes its end, in order of time and without repeats', () => {
    //  arrival    c a b a | d            epochs of 10 s
    //  epoch 0    a b c                  closed by the watermark of the second block
    const buffer = new EpochBuffer(10_000)
    buffer.add(
      blockOf([at('c', 9000), at('a', 1000), at('b', 1000), at('a', 1000)], { watermarkMs: 5000 }).bytes,
    )
    expect(closedBy(buffer)).toEqual([])
    buffer.add(blockOf([at('d', 12_000)], { watermarkMs: 10_000 }).bytes)
    const [epoch] = closedBy(buffer)
    expect(new Set(epoch?.slice(0, 2))).toEqual(new Set(['a', 'b']))
    expect(epoch?.[2]).toBe('c')
    expect(buffer.duplicates).toBe(1)
  })

  it('waits for the slowest source, and no longer for one that has ended', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([], { source: 'slow' }).bytes)
    buffer.add(blockOf([at('a', 1000)], { source: 'fast', watermarkMs: 99_000 }).bytes)
    expect(closedBy(buffer)).toEqual([])
    buffer.add(blockOf([], { source: 'slow', watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([['a']])
  })

  it('closes everything when all sources have ended', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000), at('b', 31_000)], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([['a'], ['b']])
  })

  it('counts what comes for a closed epoch as late', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000)], { watermarkMs: 20_000 }).bytes)
    closedBy(buffer)
    buffer.add(blockOf([at('late', 2000), at('b', 21_000)], { watermarkMs: 30_000 }).bytes)
    expect(closedBy(buffer)).toEqual([['b']])
    expect(buffer.late).toBe(1)
  })

  it('passes over what a source brings again, however it is cut then', () => {
    //  first writer   [0 1 2][3 4 5 6]          stopped, and believed dead
    //  second         [2 3][4][5 6 7 8 9]       from a checkpoint at 2
    //  first          [7 8]                     was not dead
    const options = { source: 'clicks/0', key: new Uint8Array(32), kind: 'click' as const }
    const [first, second] = [new Ingest(options), new Ingest(options)]
    let buffer = new EpochBuffer(10_000)
    const push = (ingest: Ingest, from: number, to: number): void => {
      for (let position = from; position < to; position++)
        ingest.push(clickAt(position), { position, appendTimeMs: clickMs })
      for (const block of ingest.flush()) buffer.add(block.bytes)
    }
    for (let position = 0; position < 2; position++)
      second.push(clickAt(position), { position, appendTimeMs: clickMs })
    second.flush()
    push(first, 0, 3)
    push(first, 3, 7)
    push(second, 2, 4)
    push(second, 4, 5)
    const saved = new SnapshotWriter()
    buffer.save(saved, 'epochs')
    buffer = new EpochBuffer(10_000)
    buffer.load(new SnapshotReader(saved.parts()), 'epochs')
    push(second, 5, 10)
    push(first, 7, 9)
    buffer.add(blockOf([], { source: 'clicks/0', watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']])
    expect(buffer).toMatchObject({ duplicates: 0, late: 0 })
  })

  it('lets nothing that comes late take back what its source has told since', () => {
    //  place      0-2   2-4   4, its end     0-2 again, cut otherwise     an empty block from before the end
    //  watermark  5 s   25 s  Infinity       5 s                          25 s
    const options = { source: 'clicks/0', key: new Uint8Array(32), kind: 'click' as const }
    const ingest = new Ingest(options)
    const buffer = new EpochBuffer(10_000)
    const blocks = [0, 1, 2, 3].flatMap((position) => {
      ingest.push(clickAt(position), { position, appendTimeMs: clickMs })
      return position % 2 === 1 ? ingest.flush() : []
    })
    for (const block of blocks) buffer.add(block.bytes)
    buffer.add(markBlock('clicks/0', Number.POSITIVE_INFINITY, 4).bytes)
    expect(buffer.hasEnded).toBe(true)
    buffer.add(blocks[0]!.bytes)
    buffer.add(markBlock('clicks/0', clickMs, 4).bytes)
    buffer.add(markBlock('clicks/0', clickMs, 2).bytes)
    expect(buffer.hasEnded).toBe(true)
    expect(closedBy(buffer).flat()).toHaveLength(4)
  })

  it('is not set back by a source that is announced again', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000)], { source: 'one', watermarkMs: 20_000 }).bytes)
    buffer.add(blockOf([], { source: 'one', watermarkMs: Number.NEGATIVE_INFINITY }).bytes)
    expect(buffer.watermarkMs).toBe(20_000)
  })

  it('does not take the word of a mark that was overtaken, and takes it back for one from further on', () => {
    //  place      0-2   2-4    2, on its way for long    6, after an end at 4
    //  watermark  5 s   25 s   Infinity                  7 s
    const options = { source: 'clicks/0', key: new Uint8Array(32), kind: 'click' as const }
    const ingest = new Ingest(options)
    const buffer = new EpochBuffer(10_000)
    for (let position = 0; position < 4; position++)
      ingest.push(clickAt(position), { position, appendTimeMs: clickMs })
    for (const block of ingest.flush()) buffer.add(block.bytes)
    buffer.add(markBlock('clicks/0', Number.POSITIVE_INFINITY, 2).bytes)
    expect(buffer.hasEnded).toBe(false)
    buffer.add(markBlock('clicks/0', Number.POSITIVE_INFINITY, 4).bytes)
    expect(buffer.hasEnded).toBe(true)
    buffer.add(markBlock('clicks/0', 7000, 6).bytes)
    expect([buffer.hasEnded, buffer.watermarkMs]).toEqual([false, 7000])
  })

  it('opens nothing again for a source that comes late itself', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000)], { source: 'one', watermarkMs: 20_000 }).bytes)
    closedBy(buffer)
    buffer.add(blockOf([], { source: 'two', watermarkMs: Number.NEGATIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([])
    buffer.add(blockOf([at('late', 2000)], { source: 'two', watermarkMs: 30_000 }).bytes)
    expect([buffer.late, buffer.openRows]).toEqual([1, 0])
  })

  it('goes on where nothing had come before all had ended', () => {
    const buffer = new EpochBuffer(10_000)
    expect(buffer.hasEnded).toBe(false)
    buffer.add(blockOf([], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([])
    expect([buffer.hasEnded, buffer.watermarkMs]).toEqual([true, Number.POSITIVE_INFINITY])
    buffer.add(blockOf([at('a', 1000)], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([['a']])
  })

  it('knows what is open and which epoch is the last, and closes one more', () => {
    //  rows     a         b         c at the very start      nothing
    //  epoch    0 s       10 s      20 s                     30 s
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000), at('b', 12_000), at('c', 20_000)], { watermarkMs: 10_000 }).bytes)
    expect(buffer.openRows).toBe(3)
    expect([10_000, 20_000, 30_000].map((startMs) => buffer.isLast(startMs))).toEqual([false, true, false])
    const spans: number[][] = []
    buffer.close(({ startMs, endMs }) => spans.push([startMs, endMs, buffer.closedMs]))
    expect(spans).toEqual([[0, 10_000, 10_000]])
    expect(buffer.openRows).toBe(2)
    buffer.add(blockOf([], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    expect(closedBy(buffer)).toEqual([['b'], ['c']])
    expect(buffer.closeOneMore()).toBe(30_000)
    expect(buffer.closedMs).toBe(40_000)
  })

  it('sorts epochs of any length and number of rows, and forgets what it has given', () => {
    //  epochs of 60 s, 160 rows in each, last first, and all again
    const buffer = new EpochBuffer(60_000)
    const all = Array.from({ length: 480 }, (_, i) => at(String(i), i * 375))
    for (let from = 0; from < 480; from += 160) {
      const rows = all.slice(from, from + 160).reverse()
      for (let cut = 0; cut < 160; cut += 40) buffer.add(blockOf(rows.slice(cut, cut + 40)).bytes)
      buffer.add(blockOf(rows, { watermarkMs: (from + 160) * 375 }).bytes)
      buffer.close(({ blocks, block, row, rows }) => {
        const ids = Array.from({ length: rows }, (_, i) => eventIdOf(blocks[block[i]!]!, row[i]!))
        expect(ids).toEqual(all.slice(from, from + 160).map(({ id }) => id))
        expect(blocks).toHaveLength(5)
      })
    }
    expect(buffer).toMatchObject({ closedMs: 180_000, duplicates: 480, openRows: 0 })
  })

  it('sorts what lies late in a long epoch, all of it', () => {
    //  an epoch of 60 s whose first row comes after 40 s
    const buffer = new EpochBuffer(60_000)
    const rows = [59, 57, 51, 48, 45, 43, 40].map((second) => at(String(second), second * 1000))
    buffer.add(blockOf(rows, { watermarkMs: 60_000 }).bytes)
    expect(closedBy(buffer)).toEqual([['40', '43', '45', '48', '51', '57', '59']])
  })

  it('forgets the blocks of what it has given, and none that an open epoch points into', () => {
    //  a block an epoch, each given when the next has come
    const buffer = new EpochBuffer(10_000)
    for (let epoch = 0; epoch < 8; epoch++) {
      buffer.add(blockOf([at(String(epoch), epoch * 10_000)], { watermarkMs: epoch * 10_000 }).bytes)
      const blocks: number[] = []
      buffer.close((closed) => blocks.push(closed.blocks.length))
      expect(blocks).toEqual(epoch === 0 ? [] : [2])
    }
    const again = restored(buffer, new EpochBuffer(10_000))
    again.add(blockOf([], { watermarkMs: 80_000 }).bytes)
    expect(closedBy(again)).toEqual([['7']])
  })

  it('gives the same epochs whatever the order of arrival and the cut into blocks', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ id: fc.integer({ min: 0, max: 200 }), timeMs: fc.integer({ min: 0, max: 60_000 }) }),
        ),
        fc.integer({ min: 1, max: 7 }),
        fc.infiniteStream(fc.nat()),
        (events, perBlock, chances) => {
          const inOrder = events.map(({ id, timeMs }) => at(`${id}-${timeMs}`, timeMs))
          const shuffled = inOrder
            .map((event) => [chances.next().value as number, event] as const)
            .sort(([a], [b]) => a - b)
            .map(([, event]) => event)
          expect(epochsOf(shuffled, perBlock)).toEqual(epochsOf(inOrder, 1000))
        },
      ),
    )
  })

  it('goes on from a snapshot as if nothing had happened', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000), at('b', 11_000), at('b', 11_000)], { watermarkMs: 10_500 }).bytes)
    expect(closedBy(buffer)).toEqual([['a']])
    const again = restored(buffer, new EpochBuffer(10_000))
    for (const one of [buffer, again]) {
      one.add(blockOf([at('c', 12_000), at('x', 3000)], { watermarkMs: 30_000 }).bytes)
      expect(closedBy(one)).toEqual([['b', 'c']])
      expect({ duplicates: one.duplicates, late: one.late }).toEqual({ duplicates: 1, late: 1 })
    }
  })

  it('is the same after a snapshot at any moment', () => {
    const end = { watermarkMs: Number.POSITIVE_INFINITY }
    const steps: ((buffer: EpochBuffer) => void)[] = [
      (buffer) => {
        buffer.add(blockOf([], { source: 'two' }).bytes)
      },
      (buffer) => {
        buffer.add(blockOf([at('a', 1000)], { source: 'one', watermarkMs: 5000 }).bytes)
      },
      (buffer) => {
        buffer.pass('judge', 12_000)
      },
      (buffer) => {
        buffer.add(blockOf([at('b', 11_000)], { source: 'two', ...end }).bytes)
      },
      (buffer) => {
        buffer.add(blockOf([at('c', 25_000)], { source: 'one', ...end }).bytes)
      },
      (buffer) => {
        buffer.pass('judge', end.watermarkMs)
      },
      (buffer) => {
        buffer.add(blockOf([at('d', 45_000), at('x', 1)], { source: 'one', watermarkMs: 61_000 }).bytes)
      },
      (buffer) => {
        buffer.pass('judge', 61_000)
      },
      (buffer) => {
        buffer.add(blockOf([], { source: 'one', ...end }).bytes)
      },
      (buffer) => {
        buffer.pass('judge', end.watermarkMs)
      },
    ]
    const told = (cut?: number): unknown[] => {
      let buffer = new EpochBuffer(10_000, ['judge'])
      return steps.map((step, index) => {
        if (index === cut) buffer = restored(buffer, new EpochBuffer(10_000, ['judge']))
        step(buffer)
        const { watermarkMs, hasEnded, openRows, late } = buffer
        return [closedBy(buffer), watermarkMs, hasEnded, openRows, late, buffer.isLast(40_000)]
      })
    }
    const unbroken = told()
    for (const cut of steps.keys()) expect(told(cut)).toEqual(unbroken)
  })
})

describe('an epoch of many rows', () => {
  it('is given up to the watermark before it closes, and what comes behind that is late', () => {
    //  rows        5,000 from 0 s to 10 s             1 s, 5 s and 10 s
    //  watermark                 5 s                        10 s
    //  given                     up to 5 s                  5 s and the rest
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf(many(5000, 2), { watermarkMs: 5000 }).bytes)
    const [first] = stretchesOf(buffer)
    expect(first).toMatchObject({ startMs: 0, endMs: 10_000, begins: true, ends: false, closedMs: 0 })
    expect(first!.ids).toEqual(idsFrom(0, 2500))
    expect(buffer).toMatchObject({ hasBegun: true, unbegunMs: 10_000, openRows: 2500 })
    const news = [at('late', 1000), at('x', 5000), at('y', 10_000)]
    buffer.add(blockOf(news, { watermarkMs: 10_000 }).bytes)
    const [second] = stretchesOf(buffer)
    expect(second).toMatchObject({ startMs: 0, endMs: 10_000, begins: false, ends: true, closedMs: 10_000 })
    expect(new Set(second!.ids.slice(0, 2))).toEqual(new Set(['x', '2500']))
    expect(second!.ids.slice(2)).toEqual(idsFrom(2501, 5000))
    expect(buffer).toMatchObject({ late: 1, openRows: 1, hasBegun: false, unbegunMs: 10_000 })
  })

  it('goes on being given once it has begun, while more than a thousand rows are left', () => {
    //  rows        5,000, one every 2 ms
    //  watermark   5 s → 2,500 left       8 s → 1,000 left       9 s: too few
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf(many(5000, 2), { watermarkMs: 5000 }).bytes)
    expect(stretchesOf(buffer)).toHaveLength(1)
    buffer.add(blockOf([], { watermarkMs: 8000 }).bytes)
    expect(stretchesOf(buffer).map(({ ids }) => ids)).toEqual([idsFrom(2500, 4000)])
    buffer.add(blockOf([], { watermarkMs: 9000 }).bytes)
    expect(stretchesOf(buffer)).toEqual([])
  })

  it('is given whole where it has few rows, and is not begun where that is forbidden', () => {
    const few = new EpochBuffer(10_000)
    few.add(blockOf(many(4000, 2), { watermarkMs: 9000 }).bytes)
    expect(stretchesOf(few)).toEqual([])
    const last = new EpochBuffer(10_000)
    last.add(blockOf(many(5000, 2), { watermarkMs: 9000 }).bytes)
    last.close(
      () => undefined,
      (startMs) => startMs !== 0,
    )
    expect(last.hasBegun).toBe(false)
    expect(stretchesOf(last)).toHaveLength(1)
  })

  it('closes also where nothing is left of it', () => {
    let buffer = new EpochBuffer(10_000)
    buffer.add(blockOf(many(5000, 1), { watermarkMs: 5000 }).bytes)
    expect(stretchesOf(buffer).map(({ ids }) => ids)).toEqual([idsFrom(0, 5000)])
    buffer = restored(buffer, new EpochBuffer(10_000))
    buffer.add(blockOf([], { watermarkMs: 10_000 }).bytes)
    expect(stretchesOf(buffer)).toMatchObject([{ begins: false, ends: true, ids: [] }])
  })

  it('has the same rows in the same order however they come, are cut and are saved under way', () => {
    //  six seconds of disorder, a tenth of the rows twice, a watermark a block, and a snapshot after every third
    const rows = many(24_000, 1).flatMap((event, i) => (i % 10 === 0 ? [event, event] : [event]))
    const arrived = rows
      .map((event, i) => [event.timeMs + ((i * 7919) % 6000), event] as const)
      .sort(([a], [b]) => a - b)
    const given = (perBlock: number, isSaved: boolean): [Stretch[], EpochBuffer] => {
      let buffer = new EpochBuffer(10_000)
      const stretches: Stretch[] = []
      for (let from = 0; from < arrived.length; from += perBlock) {
        const part = arrived.slice(from, from + perBlock)
        const isLast = from + perBlock >= arrived.length
        const watermarkMs = isLast ? 30_000 : Math.max(0, part.at(-1)![0] - 6000)
        buffer.add(
          blockOf(
            part.map(([, event]) => event),
            { watermarkMs },
          ).bytes,
        )
        stretches.push(...stretchesOf(buffer))
        if (isSaved && (from / perBlock) % 3 === 0) buffer = restored(buffer, new EpochBuffer(10_000))
      }
      return [stretches, buffer]
    }
    const [stretches, buffer] = given(500, false)
    expect(stretches.length).toBeGreaterThan(12)
    expect(stretches.flatMap(({ ids }) => ids)).toEqual(idsFrom(0, 24_000))
    expect(buffer).toMatchObject({ duplicates: 2400, late: 0, openRows: 0 })
    const [again, saved] = given(500, true)
    expect(again).toEqual(stretches)
    expect(saved).toMatchObject({ duplicates: 2400, late: 0, openRows: 0 })
    const [whole] = given(rows.length, false)
    expect(whole.map(({ begins, ends }) => [begins, ends])).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ])
    expect(whole.flatMap(({ ids }) => ids)).toEqual(idsFrom(0, 24_000))
  })
})

describe('an epoch buffer behind a view without rows', () => {
  it('waits for it from the beginning on, and for nothing while no row has come', () => {
    const buffer = new EpochBuffer(10_000, ['judge'])
    buffer.add(blockOf([at('a', 1000)], { source: 'one', watermarkMs: 99_000 }).bytes)
    buffer.add(blockOf([at('b', 1000)], { source: 'two', watermarkMs: 99_000 }).bytes)
    expect(closedBy(buffer)).toEqual([])
    buffer.pass('judge', 9999)
    expect(closedBy(buffer)).toEqual([])
    buffer.pass('judge', 10_000)
    expect(closedBy(buffer).flat().sort()).toEqual(['a', 'b'])

    const early = new EpochBuffer(10_000, ['judge'])
    early.pass('judge', 20_000)
    expect(early.watermarkMs).toBe(Number.NEGATIVE_INFINITY)
    early.pass('judge', Number.POSITIVE_INFINITY)
    expect(early.hasEnded).toBe(false)
  })

  it('waits for it again when the input goes on after both had ended', () => {
    //  rows    a, end           b, end          c              end
    //  judge           end             25 s 31 s       46 s         end
    //  closed          a                    b          c
    const end = Number.POSITIVE_INFINITY
    const buffer = new EpochBuffer(10_000, ['judge'])
    buffer.add(blockOf([at('a', 1000)], { watermarkMs: end }).bytes)
    expect([closedBy(buffer), buffer.hasEnded]).toEqual([[], false])
    buffer.pass('judge', end)
    expect([closedBy(buffer), buffer.hasEnded]).toEqual([[['a']], true])

    buffer.add(blockOf([at('b', 25_000)], { watermarkMs: end }).bytes)
    expect([closedBy(buffer), buffer.hasEnded, buffer.watermarkMs]).toEqual([[], false, 10_000])
    buffer.pass('judge', 25_000)
    expect(closedBy(buffer)).toEqual([])
    buffer.pass('judge', 31_000)
    expect(closedBy(buffer)).toEqual([['b']])
    buffer.pass('judge', end)
    expect(buffer.hasEnded).toBe(true)

    buffer.add(blockOf([at('c', 41_000)], { watermarkMs: 60_000 }).bytes)
    expect([closedBy(buffer), buffer.hasEnded, buffer.watermarkMs]).toEqual([[], false, 30_000])
    buffer.pass('judge', 50_000)
    expect(closedBy(buffer)).toEqual([['c']])
  })

  it('closes no more than what all brought that have ended, however far it has come', () => {
    const buffer = new EpochBuffer(10_000, ['judge'])
    buffer.add(blockOf([at('a', 25_000)], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    buffer.pass('judge', 90_000)
    expect(buffer.watermarkMs).toBe(35_000)
  })

  it('does not wait for one because another has come by more often', () => {
    const buffer = new EpochBuffer(10_000, ['judge', 'other'])
    buffer.add(blockOf([at('a', 1000)], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    for (const source of ['judge', 'judge', 'other']) buffer.pass(source, Number.POSITIVE_INFINITY)
    expect(buffer.hasEnded).toBe(true)
  })
})

describe('rulings in an epoch', () => {
  it('are those at its very start', () => {
    const buffer = new EpochBuffer(10_000)
    const rows = [at('a', 10_000), ruling('one', 10_000), ruling('other', 10_000), ruling('not yet', 10_001)]
    buffer.add(blockOf([...rows, at('b', 20_000)], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
    const found: string[][] = []
    buffer.close((epoch) => found.push(rulingsIn(epoch).map(({ eventId }) => eventId)))
    expect(found.map((ids) => ids.sort())).toStrictEqual([['one', 'other'], []])
  })

  it('are in none where somebody takes them, move no time, are never late and are taken once', () => {
    const taken: string[] = []
    const empty = (): EpochBuffer =>
      new EpochBuffer(10_000, [], (block, row) => taken.push(eventIdOf(block, row)))
    const buffer = empty()
    buffer.add(blockOf([at('a', 1000), ruling('ahead', 55_000)], { watermarkMs: 20_000 }).bytes)
    expect([taken, buffer.openRows, buffer.isLast(0)]).toEqual([['ahead'], 1, true])
    const again = restored(buffer, empty())
    expect(taken).toEqual(['ahead'])
    expect(closedBy(again)).toEqual([['a']])
    again.add(blockOf([ruling('old', 1000)]).bytes)
    expect([taken, again.late, again.openRows]).toEqual([['ahead', 'old'], 0, 0])
  })
})

function at(id: string, timeMs: number): TestEvent {
  return { id, timeMs }
}

function ruling(id: string, timeMs: number): TestEvent {
  return { id, timeMs, kind: 'feedback' }
}

/** What an empty buffer becomes from the bytes that another saved. */
function restored(buffer: EpochBuffer, empty: EpochBuffer): EpochBuffer {
  const out = new SnapshotWriter()
  buffer.save(out, 'epochs')
  empty.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'epochs')
  return empty
}

function closedBy(buffer: EpochBuffer): string[][] {
  const closed: string[][] = []
  buffer.close(({ blocks, block, row, rows }) => {
    closed.push(Array.from({ length: rows }, (_, i) => eventIdOf(blocks[block[i]!]!, row[i]!)))
  })
  return closed
}

interface Stretch extends Pick<Epoch, 'startMs' | 'endMs' | 'begins' | 'ends'> {
  readonly ids: readonly string[]
  readonly closedMs: number
}

function stretchesOf(buffer: EpochBuffer): Stretch[] {
  const stretches: Stretch[] = []
  buffer.close(({ startMs, endMs, begins, ends, blocks, block, row, rows }) => {
    const ids = Array.from({ length: rows }, (_, i) => eventIdOf(blocks[block[i]!]!, row[i]!))
    stretches.push({ startMs, endMs, begins, ends, ids, closedMs: buffer.closedMs })
  })
  return stretches
}

/** So many events, one every so many milliseconds, called by their number. */
function many(events: number, everyMs: number): TestEvent[] {
  return Array.from({ length: events }, (_, i) => at(String(i), i * everyMs))
}

function idsFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => String(from + i))
}

function epochsOf(events: readonly TestEvent[], perBlock: number): string[][] {
  const buffer = new EpochBuffer(10_000)
  for (let from = 0; from < events.length; from += perBlock) {
    const block = blockOf(events.slice(from, from + perBlock))
    expect(idsOf(block)).toHaveLength(block.rows)
    buffer.add(block.bytes)
  }
  buffer.add(blockOf([], { watermarkMs: Number.POSITIVE_INFINITY }).bytes)
  return closedBy(buffer)
}

const clickMs = Date.UTC(2026, 0, 5)

function clickAt(position: number): Uint8Array {
  const click = { eventId: String(position), occurredAt: clickMs + position, actorId: 'a', accountId: 'b' }
  return Buffer.from(JSON.stringify(click))
}
