import fc from 'fast-check'
import { blockOf, idsOf } from '../../test/support/blocks'
import type { TestEvent } from '../../test/support/blocks'
import { Ingest } from '../ingest/ingest'
import { eventIdOf, markBlock } from '../model/block'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { EpochBuffer } from './epochs'

describe('an epoch buffer', () => {
  it('closes an epoch when the watermark passes its end, in order of time and without repeats', () => {
    //  arrival    c a b a | d            epochs of 10 s
    //  epoch 0    a b c                  closed by the watermark of the second block
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('c', 9000), at('a', 1000), at('b', 1000), at('a', 1000)], { watermarkMs: 5000 }))
    expect(closedBy(buffer)).toEqual([])
    buffer.add(blockOf([at('d', 12_000)], { watermarkMs: 10_000 }))
    const [epoch] = closedBy(buffer)
    expect(new Set(epoch?.slice(0, 2))).toEqual(new Set(['a', 'b']))
    expect(epoch?.[2]).toBe('c')
    expect(buffer.duplicates).toBe(1)
  })

  it('waits for the slowest source, and no longer for one that has ended', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([], { source: 'slow' }))
    buffer.add(blockOf([at('a', 1000)], { source: 'fast', watermarkMs: 99_000 }))
    expect(closedBy(buffer)).toEqual([])
    buffer.add(blockOf([], { source: 'slow', watermarkMs: Number.POSITIVE_INFINITY }))
    expect(closedBy(buffer)).toEqual([['a']])
  })

  it('closes everything when all sources have ended', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000), at('b', 31_000)], { watermarkMs: Number.POSITIVE_INFINITY }))
    expect(closedBy(buffer)).toEqual([['a'], ['b']])
  })

  it('counts what comes for a closed epoch as late', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000)], { watermarkMs: 20_000 }))
    closedBy(buffer)
    buffer.add(blockOf([at('late', 2000), at('b', 21_000)], { watermarkMs: 30_000 }))
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
      for (const block of ingest.flush()) buffer.add(block)
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
    buffer.add(blockOf([], { source: 'clicks/0', watermarkMs: Number.POSITIVE_INFINITY }))
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
    for (const block of blocks) buffer.add(block)
    buffer.add(markBlock('clicks/0', Number.POSITIVE_INFINITY, 4))
    expect(buffer.hasEnded).toBe(true)
    buffer.add(blocks[0]!)
    buffer.add(markBlock('clicks/0', clickMs, 4))
    buffer.add(markBlock('clicks/0', clickMs, 2))
    expect(buffer.hasEnded).toBe(true)
    expect(closedBy(buffer).flat()).toHaveLength(4)
  })

  it('is not set back by a source that is announced again', () => {
    const buffer = new EpochBuffer(10_000)
    buffer.add(blockOf([at('a', 1000)], { source: 'one', watermarkMs: 20_000 }))
    buffer.add(blockOf([], { source: 'one', watermarkMs: Number.NEGATIVE_INFINITY }))
    expect(buffer.watermarkMs).toBe(20_000)
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
    buffer.add(blockOf([at('a', 1000), at('b', 11_000), at('b', 11_000)], { watermarkMs: 10_500 }))
    expect(closedBy(buffer)).toEqual([['a']])
    const out = new SnapshotWriter()
    buffer.save(out, 'epochs')
    const again = new EpochBuffer(10_000)
    again.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'epochs')
    for (const one of [buffer, again]) {
      one.add(blockOf([at('c', 12_000), at('x', 3000)], { watermarkMs: 30_000 }))
      expect(closedBy(one)).toEqual([['b', 'c']])
      expect({ duplicates: one.duplicates, late: one.late }).toEqual({ duplicates: 1, late: 1 })
    }
  })
})

function at(id: string, timeMs: number): TestEvent {
  return { id, timeMs }
}

function closedBy(buffer: EpochBuffer): string[][] {
  const closed: string[][] = []
  buffer.close(({ blocks, block, row, rows }) => {
    closed.push(Array.from({ length: rows }, (_, i) => eventIdOf(blocks[block[i]!]!, row[i]!)))
  })
  return closed
}

function epochsOf(events: readonly TestEvent[], perBlock: number): string[][] {
  const buffer = new EpochBuffer(10_000)
  for (let from = 0; from < events.length; from += perBlock) {
    const block = blockOf(events.slice(from, from + perBlock))
    expect(idsOf(block)).toHaveLength(block.rows)
    buffer.add(block)
  }
  buffer.add(blockOf([], { watermarkMs: Number.POSITIVE_INFINITY }))
  return closedBy(buffer)
}

const clickMs = Date.UTC(2026, 0, 5)

function clickAt(position: number): Uint8Array {
  const click = { eventId: String(position), occurredAt: clickMs + position, actorId: 'a', accountId: 'b' }
  return Buffer.from(JSON.stringify(click))
}
