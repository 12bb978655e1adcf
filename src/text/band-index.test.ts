import fc from 'fast-check'
import { mix32 } from '../model/hash'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { BandIndex } from './band-index'
import { bandCount } from './fingerprints'

/** Keys of a text of which some are those of others: each band has one of a few. */
const someKeys = fc.option(
  fc
    .array(fc.nat(5), { minLength: bandCount, maxLength: bandCount })
    .map((kinds) => Uint32Array.from(kinds, (kind, band) => mix32(kind, band))),
  { nil: undefined },
)

describe('the index of band keys', () => {
  it('tells who has a key, the latest first, also after it has grown and come back from a snapshot', () => {
    fc.assert(
      fc.property(fc.array(someKeys, { maxLength: 120 }), someKeys, (texts, wanted) => {
        if (wanted === undefined) return
        const index = new BandIndex()
        for (const keys of texts) index.add(keys)
        const expected = [...wanted].flatMap((key, band) =>
          [...texts.keys()].filter((text) => texts[text]?.[band] === key).reverse(),
        )
        for (const one of [index, restored(index)]) expect(found(one, wanted)).toEqual(expected)
      }),
    )
  })

  it('tells keys apart that differ in their last bit, and looks at no more of one than it is told to', () => {
    const index = new BandIndex()
    for (let text = 0; text < 3; text++) index.add(new Uint32Array(bandCount).fill(0x8000_0000))
    index.add(new Uint32Array(bandCount).fill(0x8000_0001))
    const keys = Uint32Array.from({ length: bandCount }, (_, band) => (band === 0 ? 0x8000_0000 : 7))
    expect(found(index, keys, bandCount)).toEqual(Array(bandCount).fill(2))
    expect(new Set(found(index, keys))).toEqual(new Set([0, 1, 2]))
  })
})

function found(index: BandIndex, keys: Uint32Array, longest = Infinity): number[] {
  const places = new Uint32Array(10_000)
  return [...places.subarray(0, index.collect(keys, longest, places))]
}

function restored(index: BandIndex): BandIndex {
  const out = new SnapshotWriter()
  index.save(out, 'index')
  const other = new BandIndex()
  other.load(new SnapshotReader(out.parts().map((part) => part.slice())), 'index')
  return other
}
