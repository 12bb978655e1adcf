import { printable } from '../explain/name'

/**
 * A line on the terminal that tells how far a command is: written over itself on stderr, at most five times a second,
 * and not at all where stderr is no terminal.
 */
export class Progress {
  private toldAtMs = 0
  private readonly startedAtMs = Date.now()
  private readonly isShown = process.stderr.isTTY && process.env['TERM'] !== 'dumb'

  constructor(private readonly unit: string) {}

  tell(done: number, detail = ''): void {
    if (!this.isShown) return
    const nowMs = Date.now()
    if (nowMs - this.toldAtMs < 200) return
    this.toldAtMs = nowMs
    const perSecond = Math.round((done / Math.max(1, nowMs - this.startedAtMs)) * 1000)
    process.stderr.write(`\r\u001b[K${number(done)} ${this.unit}, ${number(perSecond)} a second ${detail}`)
  }

  /** Clears the line. */
  end(): void {
    if (!this.isShown || this.toldAtMs === 0) return
    this.toldAtMs = 0
    process.stderr.write('\r\u001b[K')
  }
}

/** A number as people read it: 1,234,567. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** Columns of text, the first aligned left and the others right. */
export function table(cells: readonly (readonly string[])[]): string {
  // Whoever is named in a cell cannot act on a terminal, nor begin a row.
  const rows = cells.map((row) => row.map(printable))
  const widths = rows.reduce<number[]>((sofar, row) => {
    row.forEach((cell, column) => (sofar[column] = Math.max(sofar[column] ?? 0, cell.length)))
    return sofar
  }, [])
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd()
  return rows.map((row) => `${line(row)}\n`).join('')
}
