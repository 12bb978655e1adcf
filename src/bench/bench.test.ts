import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { builtCli } from '../../test/support/cli'
import { encodeAsAvro, eventsFile } from './data'
import { hops } from './hops'
import { measure, workloads } from './measure'
import type { Measured, Workload } from './measure'

describe('the benchmark', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-test-'))
  const measured: Partial<Record<Workload, Measured>> = {}

  beforeAll(async () => {
    const path = eventsFile(folder, { events: 20_000, accounts: 100, actors: 2_000, hours: 24 })
    expect(eventsFile(folder, { events: 20_000, accounts: 100, actors: 2_000, hours: 24 })).toBe(path)
    await encodeAsAvro(path)
    for (const workload of workloads) measured[workload] = await measure(workload, path, false)
  }, 60_000)
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('measures every workload', () => {
    for (const workload of workloads) {
      const { events, wallSeconds, cpuSeconds, peakMegabytes } = measured[workload]!
      expect(events).toBeGreaterThan(15_000)
      for (const figure of [wallSeconds, cpuSeconds, peakMegabytes]) expect(figure).toBeGreaterThan(0)
    }
  })

  it('does the same work from lines, from Avro, from blocks and with a profiler beside', () => {
    const { ndjson, avro, blocks, hops: profiled } = measured
    expect(avro).toMatchObject({ events: ndjson!.events, flagged: ndjson!.flagged })
    expect(blocks).toMatchObject({ events: ndjson!.events, flagged: ndjson!.flagged })
    expect(profiled).toMatchObject({ events: ndjson!.events, flagged: ndjson!.flagged })
    for (const intake of ['pack', 'intake', 'avro-intake'] as const) {
      expect(measured[intake]!.events).toBe(ndjson!.events)
    }
  })

  it('ends with what is wrong where there is no file, although threads were to fold it', async () => {
    const worker = join(dirname(builtCli()), '../bench/worker.js')
    const args = [worker, 'blocks', join(folder, 'missing.ndjson')]
    const failed = await promisify(execFile)(process.execPath, args, { timeout: 60_000 }).catch(
      (error: unknown) => error as { code: number; stderr: string },
    )
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('ENOENT') as string })
  })

  it('knows by its name every function that stands for a hop', () => {
    const { shares } = measured.hops!
    expect(Object.keys(shares!)).toEqual(hops)
    expect(hops.reduce((sum, hop) => sum + shares![hop], 0)).toBeCloseTo(1)
    for (const hop of ['decode, admit, pack', 'actor view: order, annotate'] as const) {
      expect(shares![hop]).toBeGreaterThan(0)
    }
    expect(shares!['account view: measure']).toBeGreaterThan(0)
    expect(shares!['account view: judge, learn']).toBeGreaterThan(0)
  })

  it('compares with a plain version that finds the loudest campaigns as well', () => {
    const { ndjson, idiomatic } = measured
    expect(idiomatic!.events).toBe(ndjson!.events)
    expect(ndjson!.flagged.some((account) => idiomatic!.flagged.includes(account))).toBe(true)
  })
})
