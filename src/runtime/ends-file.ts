import type { LineLog } from '../log/line-log'
import type { SourceEnds } from './intake'

/** Where sources ended, as lines of a file: `{"source":"day.ndjson","position":8191}`. */
export class EndsFile implements SourceEnds {
  private readonly ends = new Map<string, number[]>()

  private constructor(private readonly lines: LineLog) {}

  static async open(lines: LineLog): Promise<EndsFile> {
    const file = new EndsFile(lines)
    for await (const line of lines.readLines(0)) file.add(endIn(line))
    return file
  }

  of(source: string): readonly number[] {
    return this.ends.get(source) ?? []
  }

  async note(source: string, position: number): Promise<void> {
    await this.lines.append([JSON.stringify({ source, position } satisfies End)])
    await this.lines.flush()
    this.add({ source, position })
  }

  close(): Promise<void> {
    return this.lines.close()
  }

  private add({ source, position }: End): void {
    this.ends.set(source, [...this.of(source), position])
  }
}

function endIn(line: string): End {
  const { source, position } = Object(JSON.parse(line)) as Partial<End>
  if (typeof source === 'string' && Number.isSafeInteger(position)) return { source, position: position! }
  throw new SyntaxError('an end names its source and a position in it')
}

interface End {
  readonly source: string
  readonly position: number
}
