import type { EpochReport, Finding, HourCounts, Surge } from '../../src/model/finding'

/** A finding as a test writes it: 100 of 120 clicks of `x` in the hour from 14:00 on are in dispute. */
export function findingOf(described: Partial<Finding> = {}): Finding {
  return {
    detector: 'inflated-clicks',
    detectorVersion: 1,
    offence: 'inflated-clicks',
    accountId: 'x',
    kind: 'click',
    window: { start: hour(14), end: hour(15) },
    pValue: 1e-9,
    surprise: { observed: 120, expected: 18.2, pValue: 0.002 },
    evidence: [
      { family: 'devices', trait: 'shared-device', observed: 0.83, expected: 0.012, pValue: 1e-40 },
      { family: 'attention', trait: 'short-dwell', observed: 0.9, expected: 0.083, pValue: 1e-30 },
      { family: 'timing', trait: 'regular-gap', observed: 0.047, expected: 0.05, pValue: 0.6 },
    ],
    tellingTrait: 'shared-device',
    counts: disputed(100),
    operatorEvents: 0,
    control: [],
    eventIds: ['e1', 'e2'],
    ...described,
  }
}

/** The counts of 20 honest events and so many made ones. */
export function disputed(count: number): Finding['counts'] {
  return { raw: count + 20, authentic: 20, disputed: count, low: 17, high: 23 }
}

/** What the account view tells at the end of an epoch. */
export function reportOf(
  described: { findings?: Finding[]; hours?: HourCounts[]; surges?: Surge[] } & Pick<
    EpochReport,
    'sequence' | 'endMs'
  > &
    Partial<Pick<EpochReport, 'source' | 'rulings'>>,
): Uint8Array {
  const report: EpochReport = {
    source: 'account/0',
    passedMs: described.endMs,
    findings: [],
    hours: [],
    surges: [],
    ...described,
  }
  return new TextEncoder().encode(JSON.stringify(report))
}

/** An hour of the first day; hours beyond 24 are the days after. */
export function hour(of: number): number {
  return Date.UTC(2026, 0, 5) + of * 3_600_000
}
