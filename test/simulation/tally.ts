import type { FaultName } from './faults'
import type { RunReport } from './service-run'

/** What came of one fault, over all runs in which it was injected. */
export interface TallyRow {
  readonly fault: string
  injected: number
  runs: number
  lost: number
  doubled: number
  differing: number
  longestRecoveryMs: number
}

/** Adds up runs, by fault. */
export class Tally {
  runs = 0
  failed = 0
  private readonly byFault = new Map<string, TallyRow>()

  add(report: RunReport): void {
    this.runs++
    if (report.problems.length > 0) this.failed++
    const names = report.injected.map(({ fault }) => fault as string)
    for (const fault of new Set(names.length === 0 ? ['none'] : names)) {
      const row = this.rowOf(fault)
      row.runs++
      row.injected += names.filter((name) => name === fault).length
      row.lost += report.lost
      row.doubled += report.doubled
      row.differing += report.differing
      const recoveryMs = report.recoveryMsOf?.get(fault as FaultName) ?? report.recoveryMs
      row.longestRecoveryMs = Math.max(row.longestRecoveryMs, Math.round(recoveryMs))
    }
  }

  rows(): readonly TallyRow[] {
    return [...this.byFault.values()].sort((a, b) => (a.fault < b.fault ? -1 : 1))
  }

  /** The same as a table for people. */
  table(): string {
    const head = '| fault | injected | runs | lost | doubled | differing bytes | longest recovery |'
    const lines = this.rows().map(
      ({ fault, injected, runs, lost, doubled, differing, longestRecoveryMs }) =>
        `| ${fault} | ${injected} | ${runs} | ${lost} | ${doubled} | ${differing} | ${(longestRecoveryMs / 1_000).toFixed(1)} s |`,
    )
    return [head, '| --- | --: | --: | --: | --: | --: | --: |', ...lines, ''].join('\n')
  }

  private rowOf(fault: string): TallyRow {
    let row = this.byFault.get(fault)
    if (row === undefined) {
      row = { fault, injected: 0, runs: 0, lost: 0, doubled: 0, differing: 0, longestRecoveryMs: 0 }
      this.byFault.set(fault, row)
    }
    return row
  }
}
