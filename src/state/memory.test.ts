import { giveBack, isLarge, roomFor } from './memory'

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
})
