import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a run leaves for others to read, as the bytes of its files. */
export type Outputs = Readonly<Record<OutputName, Buffer>>
export type OutputName = (typeof outputNames)[number]

export const outputNames = ['verdicts', 'corrections', 'surges', 'chain', 'dead-letters'] as const

/** The outputs in a folder; a file that is not there counts as empty. */
export function outputsIn(folder: string): Outputs {
  const read = (name: OutputName): Buffer => {
    const path = join(folder, `${name}.ndjson`)
    return existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
  }
  return Object.fromEntries(outputNames.map((name) => [name, read(name)])) as unknown as Outputs
}

/** Where two runs first differ, in words; empty when they left the same bytes. */
export function difference(a: Outputs, b: Outputs, names: readonly OutputName[] = outputNames): string {
  for (const name of names) {
    if (a[name].equals(b[name])) continue
    const [left, right] = [linesOf(a[name]), linesOf(b[name])]
    const at = left.findIndex((line, index) => line !== right[index])
    const line = at < 0 ? left.length : at
    const shown = (lines: readonly string[]): string => (lines[line] ?? 'nothing').slice(0, 200)
    return `${name}, line ${line + 1} of ${left.length} and ${right.length}: ${shown(left)} | ${shown(right)}`
  }
  return ''
}

/** The lines of a file, without their newlines. */
export function linesOfFile(path: string): string[] {
  return linesOf(readFileSync(path))
}

export function linesOf(bytes: Buffer): string[] {
  const text = bytes.toString('utf8')
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}
