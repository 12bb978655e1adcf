import type { DeadLetter } from '../ingest/dead-letter'
import type { LineLog } from '../log/line-log'
import { deadLetterLine } from './dead-letter-line'

/** The file of dead letters: each source's letters in order and once, whatever was read again after a crash. */
export class LetterBox {
  private readonly onDisk = new Map<string, number>()
  private readonly taken = new Map<string, number>()
  private pending: string[] = []

  private constructor(private readonly lines: LineLog) {}

  /** Counts the letters that are there, by source. */
  static async open(lines: LineLog): Promise<LetterBox> {
    const box = new LetterBox(lines)
    for await (const line of lines.readLines(0)) {
      const { source } = Object(JSON.parse(line)) as { source?: unknown }
      if (typeof source !== 'string') throw new SyntaxError('a dead letter names its source')
      box.onDisk.set(source, (box.onDisk.get(source) ?? 0) + 1)
    }
    return box
  }

  take(letter: DeadLetter): void {
    const number = (this.taken.get(letter.source) ?? 0) + 1
    this.taken.set(letter.source, number)
    if (number <= (this.onDisk.get(letter.source) ?? 0)) return
    this.onDisk.set(letter.source, number)
    this.pending.push(deadLetterLine(letter))
  }

  async write(): Promise<void> {
    const { pending } = this
    this.pending = []
    if (pending.length > 0) await this.lines.append(pending)
  }

  /** How many letters each source has brought so far. */
  get counts(): Record<string, number> {
    return Object.fromEntries(this.taken)
  }

  /** Whether so many letters of each source are there. */
  holds(counts: Readonly<Record<string, number>>): boolean {
    return Object.entries(counts).every(([source, count]) => (this.onDisk.get(source) ?? 0) >= count)
  }

  restore(counts: Readonly<Record<string, number>>): void {
    for (const [source, count] of Object.entries(counts)) this.taken.set(source, count)
  }

  flush(): Promise<void> {
    return this.lines.flush()
  }

  close(): Promise<void> {
    return this.lines.close()
  }
}
