import type { RawBatch } from '../log/kafka/raw-reader'
import { RawPartition } from './raw-partition'

it('gives its rows when its clock comes to the end of an epoch, and once', () => {
  //  event       0 s      9 s      10 s      19 s      31 s
  //  gives                         ■                   ■       epochs of 10 s, no disorder
  const partition = new RawPartition(
    { topic: 'clicks', partition: 0 },
    { key: new Uint8Array(32), kind: 'click', disorderMs: 0, nowMs: () => 0, startMs: 0 },
  )
  const given = [0, 9, 10, 19, 31].map((second, position) => {
    expect(partition.push(batchOf(position, startMs + second * 1_000), 0)).toEqual([])
    return partition.flushAtClose(10_000).map(({ rows, watermarkMs }) => [rows, watermarkMs - startMs])
  })
  // Of the first it is not known what it closes.
  expect(given).toEqual([[[1, 0]], [], [[2, 10_000]], [], [[2, 31_000]]])
  expect(partition.flush()).toEqual([])
})

const startMs = Date.UTC(2026, 0, 5)

function batchOf(position: number, timeMs: number): RawBatch {
  const click = { eventId: String(position), occurredAt: timeMs, actorId: 'a', accountId: 'b' }
  const value = Buffer.from(JSON.stringify(click))
  return {
    ...{
      topic: 'clicks',
      partition: 0,
      generation: 1,
      nextOffset: position + 1,
      highWatermark: position + 1,
    },
    messages: [{ position, key: null, value, headers: {}, timeMs }],
  }
}
