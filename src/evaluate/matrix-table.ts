import { quantile } from 'simple-statistics'
import type { CellScore } from './network-score'

/** The name of an attack that is a cell of the evasion matrix: copies, size, stagger and share of own content. */
const cellPattern = /^matrix-(.+)-(\d+)-(now|\d+h)-(\d+)$/

/**
 * The evasion matrix as rows of a table: a row for each kind of copies and size, a column for each stagger and share of
 * own content; in a cell the share of members found and the median time to the first verdict. Empty without such cells.
 */
export function matrixRows(byCell: Readonly<Record<string, CellScore>>): string[][] {
  const cells = Object.entries(byCell).flatMap(([name, cell]) => {
    const [, copies, size, stagger, own] = cellPattern.exec(name) ?? []
    if (copies === undefined) return []
    return [{ row: [copies, size!], column: `${stagger!} ${own!}%`, cell }]
  })
  if (cells.length === 0) return []
  const columns = distinct(cells.map(({ column }) => column)).sort(byNumbers)
  const rows = distinct(cells.map(({ row }) => row.join(' '))).sort(byNumbers)
  return [
    ['copies', 'accounts', ...columns],
    ...rows.map((row) => [
      ...row.split(' '),
      ...columns.map((column) => {
        const found = cells.find((one) => one.row.join(' ') === row && one.column === column)
        return found === undefined ? '' : shown(found.cell)
      }),
    ]),
  ]
}

function shown({ members, found, delaysMs }: CellScore): string {
  const recall = `${Math.round((100 * found) / members)}%`
  return delaysMs.length === 0 ? recall : `${recall} ${span(quantile([...delaysMs], 0.5))}`
}

function span(ms: number): string {
  const minutes = ms / 60_000
  return minutes < 100 ? `${Math.round(minutes)}min` : `${Math.round(minutes / 60)}h`
}

function distinct(list: readonly string[]): string[] {
  return [...new Set(list)]
}

// Words before numbers: "now" comes before "1h", and 5 before 15.
function byNumbers(left: string, right: string): number {
  const rank = (text: string): string => text.replace('now', '0h')
  return rank(left).localeCompare(rank(right), 'en', { numeric: true })
}
