import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventsFile } from './data'
import { measure, workloads } from './measure'
import type { Measured, Workload } from './measure'

describe('the benchmark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-test-'))
  const measured: Partial<Record<Workload, Measured>> = {}

  beforeAll(async () => {
    const path = eventsFile(folder, { events: 20_000, accounts: 100, actors: 2_000, hours: 24 })
    for (const workload of workloads) measured[workload] = await measure(workload, path)
  }, 60_000)
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('measures every workload', () => {
    for (const workload of workloads) {
      expect(measured[workload]).toMatchObject({
        wallSeconds: expect.any(Number) as number,
        cpuSeconds: expect.any(Number) as number,
        peakMegabytes: expect.any(Number) as number,
      })
      expect(measured[workload]!.events).toBeGreaterThan(15_000)
    }
  })

  it('does the same work from lines, from blocks and with a stopwatch in between', () => {
    const { ndjson, blocks, hops } = measured
    expect(blocks).toMatchObject({ events: ndjson!.events, flagged: ndjson!.flagged })
    expect(hops).toMatchObject({ events: ndjson!.events, flagged: ndjson!.flagged })
    expect(Object.keys(hops!.hops)).toHaveLength(4)
  })

  it('packs every line that the reader counts, but for the repeats', () => {
    expect(measured.pack!.events).toBeLessThanOrEqual(measured.read!.events)
    expect(measured.pack!.events).toBeGreaterThanOrEqual(measured.ndjson!.events)
  })

  it('compares with a plain version that finds the loudest campaigns as well', () => {
    const { ndjson, idiomatic } = measured
    expect(idiomatic!.events).toBe(measured.read!.events)
    expect(ndjson!.flagged.some((account) => idiomatic!.flagged.includes(account))).toBe(true)
  })
})
