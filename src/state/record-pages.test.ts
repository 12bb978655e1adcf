import { RecordPages } from './record-pages'

describe('pages of records', () => {
  it('write over what everybody has let go of, and nothing else', () => {
    //  pages   │a b│c d│    a and b go: e comes in their place
    const { pages, made } = counted(16)
    const [a, b, c, d] = [1, 2, 3, 4].map((byte) => pages.keep(record(byte, 8)))
    pages.letGo(a!)
    pages.letGo(b!)
    const e = pages.keep(record(5, 8))
    expect([...a!.record]).toEqual([...e.record])
    expect([c, d].map((kept) => kept!.record[0])).toEqual([3, 4])
    expect(made).toEqual([16, 16])
  })

  it('hold a record until the last of its holders has let go of it', () => {
    const { pages, made } = counted(16)
    const shared = pages.keep(record(1, 16), 2)
    pages.letGo(shared)
    pages.keep(record(2, 16))
    expect(shared.record[0]).toBe(1)
    pages.letGo(shared)
    pages.keep(record(3, 16))
    expect(shared.record[0]).toBe(3)
    expect(made).toEqual([16, 16])
  })

  it('begin each record where columns can, and give one that is longer than a page memory of its own', () => {
    const { pages, made } = counted(16)
    expect([3, 5].map((length) => pages.keep(record(1, length)).record.byteOffset)).toEqual([0, 8])
    const giant = pages.keep(record(2, 100))
    expect([...giant.record]).toEqual(Array(100).fill(2))
    pages.letGo(giant)
    pages.keep(record(3, 16))
    expect(giant.record[0]).toBe(2)
    expect(made).toEqual([16, 100, 16])
  })

  it('keep no more memory than a jam of some pages has needed', () => {
    const { pages, made } = counted(16)
    const jam = Array.from({ length: 100 }, () => pages.keep(record(1, 16)))
    for (const kept of jam) pages.letGo(kept)
    expect(made).toHaveLength(100)
    for (let i = 0; i < 17; i++) pages.keep(record(2, 16))
    expect(made).toHaveLength(100)
    pages.keep(record(3, 16))
    expect(made).toHaveLength(101)
  })
})

function counted(pageBytes: number): { pages: RecordPages; made: number[] } {
  const made: number[] = []
  const make = (bytes: number): ArrayBuffer => {
    made.push(bytes)
    return new ArrayBuffer(bytes)
  }
  return { pages: new RecordPages(make, pageBytes), made }
}

function record(byte: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(byte)
}
