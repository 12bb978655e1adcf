import fc from 'fast-check'
import type { Log } from '../../src/log/log'
import { numberedRecord } from './records'

const bytes = (text: string) => new TextEncoder().encode(text)
const texts = (records: readonly Uint8Array[]) => records.map((record) => new TextDecoder().decode(record))

/** What every log promises, as tests within a `describe`; `open` gives a log that is empty. */
export function keepsThePromisesOfALog(open: () => Promise<Log>, { runs }: { readonly runs: number }): void {
  let log: Log
  beforeEach(async () => {
    log = await open()
  })
  afterEach(() => log.close())

  it('begins empty, with position 0 as its end', async () => {
    expect(log.end).toBe(0)
    expect(await log.read(0, 1000)).toEqual([])
  })

  it('gives records back in the order they were appended, and each append the position of its first', async () => {
    expect(await log.append([bytes('a'), bytes('b')])).toBe(0)
    expect(await log.append([bytes('c')])).toBe(2)
    expect(log.end).toBe(3)
    expect(texts(await log.read(0, 1000))).toEqual(['a', 'b', 'c'])
    expect(texts(await log.read(2, 1000))).toEqual(['c'])
  })

  it('takes an append of nothing and stays as it was', async () => {
    await log.append([bytes('a')])
    expect(await log.append([])).toBe(1)
    expect(log.end).toBe(1)
  })

  it('keeps records without bytes, since their position counts', async () => {
    await log.append([bytes(''), bytes('b'), bytes('')])
    expect(texts(await log.read(0, 1000))).toEqual(['', 'b', ''])
  })

  it('reads as many records as fit the bytes asked for, and no more', async () => {
    await log.append(['aa', 'bb', 'cc'].map(bytes))
    expect(texts(await log.read(0, 4))).toEqual(['aa', 'bb'])
    expect(texts(await log.read(0, 5))).toEqual(['aa', 'bb'])
    expect(texts(await log.read(0, 6))).toEqual(['aa', 'bb', 'cc'])
  })

  it('gives at least one record where there is one, however large, so that a reader always gets on', async () => {
    await log.append(['aaaa', 'b'].map(bytes))
    expect(texts(await log.read(0, 1))).toEqual(['aaaa'])
    expect(texts(await log.read(0, 0))).toEqual(['aaaa'])
  })

  it('answers with nothing at its end and with an error beyond, so that a wrong checkpoint is found out', async () => {
    await log.append([bytes('a')])
    expect(await log.read(1, 1000)).toEqual([])
    await expect(log.read(2, 1000)).rejects.toThrow(
      /can be read from 0 to 1, not from 2; a checkpoint beyond the end belongs to another log, or the log was cut/,
    )
    await expect(log.read(-1, 1000)).rejects.toThrow(RangeError)
    await expect(log.read(0.5, 1000)).rejects.toThrow(RangeError)
  })

  it('takes a record of many megabytes and gives it back whole, between small ones', async () => {
    const large = new Uint8Array(19_000_001).map((_, index) => index % 251)
    await log.append([bytes('a'), large, bytes('b')])
    expect(texts(await log.read(0, 1))).toEqual(['a'])
    const [found] = await log.read(1, 1)
    expect(Buffer.compare(found!, large)).toBe(0)
    expect(texts(await log.read(2, 1))).toEqual(['b'])
    const [again] = await log.read(1, 1)
    expect(Buffer.compare(again!, large)).toBe(0)
  })

  it('keeps appends that are under way together in the order they were asked for', async () => {
    const firsts = await Promise.all(['a', 'b', 'c', 'd'].map((text) => log.append([bytes(text)])))
    expect(firsts).toEqual([0, 1, 2, 3])
    expect(texts(await log.read(0, 1000))).toEqual(['a', 'b', 'c', 'd'])
  })

  it('lets readers read while it is appended to; what they see is always whole', async () => {
    const appending = (async () => {
      for (let number = 0; number < 200; number++) await log.append([numberedRecord(number)])
    })()
    for (let position = 0; position < 200;) {
      const records = await log.read(position, 2000)
      for (const record of records) expect(record).toEqual(numberedRecord(position++))
      if (records.length === 0) await new Promise(setImmediate)
    }
    await appending
  })

  it('hands out plain arrays, whose slices are copies', async () => {
    await log.append([bytes('abc')])
    const [record] = await log.read(0, 1000)
    expect(Object.getPrototypeOf(record)).toBe(Uint8Array.prototype)
    expect(record!.slice().buffer.byteLength).toBe(3)
  })

  it('flushes as often as it is asked to', async () => {
    await log.flush()
    await log.append([bytes('a')])
    await Promise.all([log.flush(), log.flush()])
    expect(texts(await log.read(0, 1000))).toEqual(['a'])
  })

  it('refuses everything once it is closed, and may be closed twice', async () => {
    await log.close()
    await log.close()
    await expect(log.append([bytes('a')])).rejects.toThrow('closed')
    await expect(log.read(0, 1)).rejects.toThrow('closed')
    await expect(log.flush()).rejects.toThrow('closed')
  })

  it('is a list of records, whatever is appended and wherever it is read from', async () => {
    const batches = fc.array(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(), fc.nat({ max: 900 }), async (appended, from, maxBytes) => {
        const fresh = await open()
        for (const batch of appended) await fresh.append(batch)
        const all = appended.flat()
        const start = from % (all.length + 1)
        expect(fresh.end).toBe(all.length)
        expect(await fresh.read(start, maxBytes)).toEqual(expectedRead(all, start, maxBytes))
        await fresh.close()
      }),
      { numRuns: runs },
    )
  })
}

function expectedRead(all: Uint8Array[], from: number, maxBytes: number): Uint8Array[] {
  const records = all.slice(from, from + 1)
  let size = records[0]?.length ?? 0
  for (const record of all.slice(from + 1)) {
    size += record.length
    if (size > maxBytes) break
    records.push(record)
  }
  return records
}
