import { giveBack, isLarge, letGo, roomFor, widened, zeros } from './memory'

describe('memory of tables', () => {
  it('promises a large table room behind it, and a small one none', () => {
    expect(roomFor(1000)).toHaveLength(1000)
    expect(roomFor(1 << 18).byteLength).toBeGreaterThan(32 << 20)
    expect(roomFor(1 << 24)).toHaveLength(1 << 26)
  })

  it('goes back to the system without waiting for the collector', () => {
    const memory = roomFor(16 << 20).fill(1)
    const beforeBytes = process.memoryUsage.rss()
    expect(isLarge(memory.length)).toBe(true)
    giveBack(memory)
    expect(memory).toHaveLength(0)
    // It had 256 MB.
    expect(beforeBytes - process.memoryUsage.rss()).toBeGreaterThan(200 << 20)
  })

  it('widens a large array within its own memory, and takes other memory when that is full', () => {
    const array = zeros(Float64Array, 1 << 17)
    array[(1 << 17) - 1] = 7
    const wider = widened(array, 1 << 18)
    expect(wider.buffer).toBe(array.buffer)
    const widest = widened(wider, wider.buffer.byteLength / 8 + 1)
    expect(widest[(1 << 17) - 1]).toBe(7)
    expect(widest[1 << 17]).toBe(0)
    expect(wider).toHaveLength(0)
  })

  it('copies a small array, and leaves it to the collector', () => {
    const array = Uint8Array.of(1, 2, 3)
    expect([...widened(array, 5)]).toEqual([1, 2, 3, 0, 0])
    letGo(array)
    expect([...array]).toEqual([1, 2, 3])
  })
})
