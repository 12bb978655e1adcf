import fc from 'fast-check'
import { mix32 } from '../../model/hash'
import { LatestPlaces } from './latest-places'

const deeds = fc.array(fc.record({ key: fc.nat(3000), isRemoved: fc.boolean() }), { maxLength: 600 })

describe('the latest places', () => {
  it('are those of a Map, whatever is put and taken out, also where many keys have one hash', () => {
    fc.assert(
      fc.property(deeds, fc.constantFrom(1, 40, 3001), (done, hashes) => {
        const keys: number[] = []
        const hashOfKey = (key: number): number => mix32(key % hashes, 0)
        const places = new LatestPlaces()
        const expected = new Map<number, number>()
        const look = (key: number): number => {
          let place = places.first(hashOfKey(key))
          while (place >= 0 && keys[place] !== key) place = places.next()
          return place
        }
        for (const { key, isRemoved } of done) {
          expect(look(key)).toBe(expected.get(key) ?? -1)
          if (isRemoved && expected.has(key)) {
            places.remove(hashOfKey(key), expected.get(key)!)
            expected.delete(key)
          } else {
            expected.set(key, keys.push(key) - 1)
            places.put(keys.length - 1)
            if (!places.isFull) continue
            places.clear()
            for (const [known, place] of expected) places.putFirst(hashOfKey(known), place)
          }
        }
        for (const [key, place] of expected) expect(look(key)).toBe(place)
      }),
    )
  })

  it('are found after the table has grown', () => {
    const places = new LatestPlaces()
    for (let place = 0; place < 50_000; place++) {
      if (places.isFull) {
        places.clear()
        for (let known = 0; known < place; known++) places.putFirst(mix32(known, 0), known)
      }
      places.putFirst(mix32(place, 0), place)
    }
    const lost = Array.from({ length: 50_000 }, (_, place) => place).filter((place) => {
      let found = places.first(mix32(place, 0))
      while (found >= 0 && found !== place) found = places.next()
      return found !== place
    })
    expect(lost).toEqual([])
    expect(places.byteLength).toBeLessThan(50_000 * 4 * 3)
  })
})
