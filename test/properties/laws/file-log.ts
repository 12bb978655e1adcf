import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { FileLog } from '../../../src/log/file-log'
import { LogDamagedError } from '../../../src/log/log-errors'
import { isSame } from './damage'
import { newFolder, removeFolder } from './formats'
import { anyLaw } from './law'

type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'flush' | 'reopen' }
  | { readonly do: 'read'; readonly from: number; readonly maxBytes: number }
  /** A crash that leaves so much of what was not flushed, of a thousand. */
  | { readonly do: 'crash'; readonly keep: number }
  | { readonly do: 'flip'; readonly at: number; readonly bits: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      sizes: fc.array(fc.nat(300), { maxLength: 4 }),
    }),
  },
  fc.record({ do: fc.constantFrom('flush' as const, 'reopen' as const) }),
  fc.record({ do: fc.constant('read' as const), from: fc.nat(), maxBytes: fc.nat(2000) }),
  fc.record({ do: fc.constant('crash' as const), keep: fc.nat(1000) }),
  fc.record({ do: fc.constant('flip' as const), at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) }),
)

const segmentBytes = 1200

export const fileLogLaw = anyLaw({
  name: 'file-log',
  runs: 50,
  arbitrary: fc.array(step, { maxLength: 12 }),
  /**
   * A log is a list of records through appends, closings and crashes; what was flushed stays. Damage to a byte is an error,
   * or is cut off as a torn end, and never another record.
   */
  async check(steps: readonly Step[]) {
    const folder = newFolder()
    let log = await FileLog.open(folder, { segmentBytes })
    let model: Uint8Array[] = []
    let flushed = 0
    let isFlipped = false
    try {
      for (const one of steps) {
        switch (one.do) {
          case 'append': {
            const records = one.sizes.map((size, index) =>
              new Uint8Array(size).fill(model.length + index + 1),
            )
            await log.append(records)
            model.push(...records)
            break
          }
          case 'flush':
            await log.flush()
            flushed = model.length
            break
          case 'read': {
            const from = one.from % (log.end + 1)
            const records = await log.read(from, one.maxBytes)
            records.forEach((record, index) => {
              expectSame(record, model[from + index]!)
            })
            break
          }
          case 'reopen':
          case 'crash':
          case 'flip': {
            await log.close()
            flushed = model.length
            const last = lastSegment(folder)
            if (one.do === 'crash') {
              // Behind the last flush a crash leaves anything; closing flushed, so that more is taken than a crash takes.
              const bytes = readFileSync(last).length
              truncateSync(last, Math.floor((bytes * one.keep) / 1000))
              flushed = 0
            }
            if (one.do === 'flip') {
              const bytes = readFileSync(last)
              if (bytes.length > 0) bytes[one.at % bytes.length]! ^= one.bits
              writeFileSync(last, bytes)
              isFlipped = true
              flushed = 0
            }
            log = await FileLog.open(folder, { segmentBytes })
            if (log.end < flushed || log.end > model.length)
              throw new Error(`has ${log.end} records of ${model.length}`)
            model = model.slice(0, log.end)
          }
        }
        await expectWhole(log, model)
      }
    } catch (error) {
      // A cut of what later frames know to be flushed is damage as well.
      const mayBeDamaged = isFlipped || steps.some((one) => one.do === 'crash')
      if (!(error instanceof LogDamagedError && mayBeDamaged)) throw error
    } finally {
      await log.close().catch(() => undefined)
      removeFolder(folder)
    }
  },
})

async function expectWhole(log: FileLog, model: readonly Uint8Array[]): Promise<void> {
  if (log.end !== model.length) throw new Error(`has ${log.end} records, ${model.length} were expected`)
  for (let position = 0; position < log.end;) {
    const records = await log.read(position, 1000)
    if (records.length === 0) throw new Error(`gives nothing at ${position} of ${log.end}`)
    for (const record of records) expectSame(record, model[position++]!)
  }
}

function expectSame(record: Uint8Array, expected: Uint8Array): void {
  if (!isSame(record, expected)) throw new Error('another record')
}

function lastSegment(folder: string): string {
  return join(folder, readdirSync(folder).sort().at(-1)!)
}
