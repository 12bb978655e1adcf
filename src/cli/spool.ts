import { openSync, statSync, writeSync } from 'node:fs'
import type { RecordChunk } from '../model/record'
import { readSource } from '../log/source'
import { cutLines } from '../log/source-lines'
import type { RawSource } from '../runtime/intake'
import type { Interrupt } from './interrupt'

/**
 * The standard input as a source that survives a crash: what comes through the pipe is written to a file before it is
 * processed, and after a restart that file is read on before the pipe is.
 */
export function spooled(source: RawSource, path: string, interrupt: Interrupt): RawSource {
  return {
    ...source,
    read: async function* (fromPosition: number): AsyncGenerator<RecordChunk> {
      const file = openSync(path, 'a')
      endLastLine(path, file)
      const kept = statSync(path).size
      if (fromPosition < kept) yield* readSource(path, { fromPosition })
      yield* cutLines(written(file, interrupt), kept)
    },
  }
}

async function* written(file: number, interrupt: Interrupt): AsyncGenerator<Uint8Array> {
  const pieces = process.stdin[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const stop = asked(interrupt)
  for (;;) {
    const piece = await Promise.race([pieces.next(), stop])
    if (piece === undefined || piece.done === true) break
    writeSync(file, piece.value)
    yield piece.value
  }
  process.stdin.destroy()
}

/** Resolves when the process is asked to stop, since a pipe may stay silent for ever. */
function asked(interrupt: Interrupt): Promise<undefined> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!interrupt.isAsked) return
      clearInterval(timer)
      resolve(undefined)
    }, 50)
    timer.unref()
  })
}

/** A producer that died in the middle of a line must not have it joined with the first line of the next one. */
function endLastLine(path: string, file: number): void {
  const { size } = statSync(path)
  if (size > 0) writeSync(file, '\n')
}
