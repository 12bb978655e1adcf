import { join } from 'node:path'
import type { Names } from '../ingest/names'
import { LogDamagedError, LogForgottenError } from '../log/log-errors'
import { readWholeLog } from '../log/file-log'
import type { Policy } from '../policy/policy'
import { replay } from '../runtime/replay'
import type { ReplayOptions } from '../runtime/replay'
import { innerLogs } from '../runtime/stages'
import { connectedPipeline, threadedPipeline } from '../runtime/threads'

/** Takes each verdict that follows from the log, in order; says when no more are wanted. */
export type TakeVerdict = (verdict: Uint8Array) => void

/** Folds the log again; resolves at its end, or once nothing more is wanted. */
export type Derive = (take: TakeVerdict, isEnough: () => boolean) => Promise<Derived>

export interface Derived {
  /** Records of the log that were read: blocks of a log, or raw records of files. */
  readonly records: number
  /** In a sentence each, where a log is not as it was written; what is derived then is what lies before that. */
  readonly damages: readonly string[]
}

export interface DeriveOptions {
  readonly policy: Policy
  /** The secret of all hashes. */
  readonly key: Uint8Array
  /** Whether the views share out the cores of the machine; it changes no byte. */
  readonly isThreaded: boolean
  /** Where verdicts were made with pseudonyms of raw events; a log has them in it. */
  readonly names?: Names
  readonly onProgress?: (records: number) => void
}

/** Derives verdicts from the event log of a state folder; the logs between the views are looked over for damage. */
export function deriveFromFolder(folder: string, options: DeriveOptions): Derive {
  return async (take, isEnough) => {
    const damages: string[] = []
    const noted = async <T>(read: Promise<T>): Promise<T | undefined> => {
      try {
        return await read
      } catch (error) {
        if (!(error instanceof LogDamagedError || error instanceof LogForgottenError)) throw error
        damages.push(error.message)
        return undefined
      }
    }
    const { records } = await deriveFromRecords(async (put) => {
      await noted(
        (async () => {
          for await (const batch of readWholeLog(join(folder, 'events'))) {
            for (const record of batch) if (!(await put(record))) return
          }
        })(),
      )
    }, options)(take, isEnough)
    for (const name of innerLogs) {
      await noted(
        (async () => {
          const log = readWholeLog(join(folder, name), { isRestEnough: true })
          for await (const batch of log) if (batch.length === 0) break
        })(),
      )
    }
    return { records, damages }
  }
}

/** Derives verdicts from the records of an event log, which `read` puts one by one until `put` says no. */
export function deriveFromRecords(
  read: (put: (record: Uint8Array) => Promise<boolean>) => Promise<void>,
  { policy, key, isThreaded, onProgress }: DeriveOptions,
): Derive {
  return async (take, isEnough) => {
    const pipeline = (isThreaded ? threadedPipeline : connectedPipeline)({
      policy,
      key,
      take: (log, record) => {
        if (log === 'verdicts') take(record)
      },
    })
    try {
      let records = 0
      await read(async (record) => {
        if (isEnough()) return false
        pipeline.put('events', record)
        records++
        onProgress?.(records)
        await pipeline.room()
        return true
      })
      await pipeline.drain()
      return { records, damages: [] }
    } finally {
      await pipeline.close()
    }
  }
}

/** Derives verdicts from files of raw events, as a replay does. */
export function deriveFromFiles(
  sources: ReplayOptions['sources'],
  { onProgress, ...options }: DeriveOptions,
): Derive {
  return async (take, isEnough) => {
    const { read } = await replay({
      ...options,
      sources,
      isStopping: isEnough,
      onVerdict: take,
      onCorrection: () => undefined,
      onProgress: (books) => onProgress?.(books.read),
    })
    return { records: read, damages: [] }
  }
}
