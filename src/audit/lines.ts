import { createReadStream } from 'node:fs'
import { unreadable } from '../log/source-errors'

/** Verdicts or links in the order they were put out, in a file or a topic; can be read as often as one likes. */
export interface Lines {
  /** Hands over each, without its line break. */
  read(take: (line: Uint8Array) => void): Promise<void>
  /** Where a person finds the one with this index. */
  readonly placeOf: (index: number) => string
}

/** The lines of a file; what follows the last line break is one as well, for it should not be there. */
export function linesOf(path: string): Lines {
  return {
    read: async (take) => {
      try {
        await readFileLines(path, take)
      } catch (error) {
        throw unreadable(path, error)
      }
    },
    placeOf: (index) => `line ${index + 1} of ${path}`,
  }
}

async function readFileLines(path: string, take: (line: Uint8Array) => void): Promise<void> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer])
    let at = 0
    for (let end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, at)) {
      take(bytes.subarray(at, end))
      at = end + 1
    }
    rest = bytes.subarray(at)
  }
  if (rest.length > 0) take(rest)
}

const lineBreak = 10
