import { textSource } from '../../test/support/pipeline'
import type { RecordChunk } from '../model/record'
import { SeenEnd } from './seen-end'

const key = new Uint8Array(32)
const first = 'one\ntwo\nthree\n'

/** What is read on of a text of which another one was read before; `lines` in one stretch or each by itself. */
async function readOnFrom(before: string, now: string, chunkBytes = 1): Promise<string> {
  const written = new SeenEnd('day.ndjson', key)
  for await (const chunk of textSource(before, { chunkBytes: 1 }).read(0)) written.take(chunk)
  const seen = new SeenEnd('day.ndjson', key)
  seen.load(JSON.parse(JSON.stringify(written.save())) as ReturnType<SeenEnd['save']>)
  let text = ''
  let at = Buffer.byteLength(before)
  for await (const chunk of seen.readOn(textSource(now, { chunkBytes }).read, at)) {
    expect(chunk.position).toBe(at)
    at = chunk.nextPosition
    text += Buffer.from(chunk.bytes).toString()
  }
  return text
}

it.each([1, 1 << 20])('reads on behind what was read, in stretches of %i', async (chunkBytes) => {
  //  one two three          read before
  //  one two three four     three is looked at again, four is new
  expect(await readOnFrom(first, `${first}four\nfive\n`, chunkBytes)).toBe('four\nfive\n')
  expect(await readOnFrom(first, first, chunkBytes)).toBe('')
  expect(await readOnFrom('', first, chunkBytes)).toBe(first)
})

it('reads on in the middle of a line that somebody was writing', async () => {
  expect(await readOnFrom(`${first}fo`, `${first}four\nfive\n`)).toBe('ur\nfive\n')
})

it('throws where something else lies before, be it longer than what was read', async () => {
  const sentence =
    /^day.ndjson was read up to 14 before, and what it holds before that is not what was read then; give/
  await expect(readOnFrom(first, 'four\nfive\nsix\nseven\neight\n')).rejects.toThrow(sentence)
  await expect(readOnFrom(first, 'one\ntwo\nthre_\nfour\n', 1 << 20)).rejects.toThrow(sentence)
})

it('throws where the source ends before', async () => {
  await expect(readOnFrom(first, 'one\ntwo\nthr')).rejects.toThrow(
    'was read up to 14 before, but now ends at 11',
  )
})

it('tells blocks of an Avro file by their bytes as well', async () => {
  const block = (fill: number, position: number): RecordChunk => ({
    ...{ format: 'avro', schema: '"long"', count: 10, position, nextPosition: position + 10 },
    bytes: new Uint8Array(9000).fill(fill),
  })
  const source = (...blocks: readonly RecordChunk[]) =>
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* (from: number): AsyncGenerator<RecordChunk> {
      yield* blocks.filter(({ nextPosition }) => nextPosition > from)
    }
  const seen = new SeenEnd('day.avro', key)
  seen.take(block(1, 0))
  seen.take(block(2, 10))
  const given: number[] = []
  for await (const { position } of seen.readOn(source(block(1, 0), block(2, 10), block(3, 20)), 20)) {
    given.push(position)
  }
  expect(given).toEqual([20])
  const other = seen.readOn(source(block(1, 0), block(4, 10), block(3, 20)), 20)
  await expect(other.next()).rejects.toThrow('is not what was read then')
})

it('looks at nothing behind a line of which only the beginning was kept', async () => {
  const seen = new SeenEnd('day.ndjson', key)
  seen.take({ format: 'lines', bytes: Buffer.from('begin'), position: 0, nextPosition: 400_000 })
  expect(seen.save()).toBeNull()
  const read = textSource('x'.repeat(400_000) + 'four\n').read
  const next = await seen.readOn(read, 400_000).next()
  expect(Buffer.from((next.value as RecordChunk).bytes).toString()).toBe('four\n')
})
