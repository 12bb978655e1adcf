import { ReportBuffer } from './report-buffer'
import type { Report } from './report-buffer'

describe('a report buffer', () => {
  it('gives what all sources have passed, by epoch and then by source', () => {
    //  account   10  20  30  40        network   10  20
    const buffer = new ReportBuffer(['account', 'network'])
    expect(given(buffer, 'a10 a20 a30 a40')).toBe('')
    expect(given(buffer, 'n10')).toBe('a10 n10')
    expect(given(buffer, 'n20')).toBe('a20 n20')
    expect(given(buffer, 'n99')).toBe('a30 a40')
  })

  it('gives several of one epoch and source in the order of their numbers, once the last has come', () => {
    //  a10+ says that more of the epoch follows
    const buffer = new ReportBuffer(['network', 'account'])
    expect(given(buffer, 'n10 a10+ a10+')).toBe('')
    expect(given(buffer, 'a10')).toBe('n10 a10 a10 a10')
    expect(buffer.take()).toEqual([])
    // The beginning of an epoch does not take back that the one before was told.
    expect(given(buffer, 'a20 a30+ n20')).toBe('n20 a20')
  })

  it('passes over what came before', () => {
    const buffer = new ReportBuffer(['account'])
    const first: Report = { source: 'account', sequence: 5, endMs: 10, passedMs: 10 }
    for (const report of [first, first, { ...first, sequence: 4 }]) buffer.add(report)
    expect(buffer.take()).toEqual([first])
    buffer.add({ ...first, sequence: 6 })
    expect(buffer.take()).toHaveLength(1)
  })

  it('puts sources that it was not told of last, and waits for them once it has heard of them', () => {
    const buffer = new ReportBuffer(['account', 'network'])
    expect(given(buffer, 'o10 n10 a10')).toBe('a10 n10 o10')
    expect(given(buffer, 'a20 n20')).toBe('')
    expect(given(buffer, 'o20')).toBe('a20 n20 o20')
  })

  it('gives what comes before an end before what comes after it, when all have told their end', () => {
    //  account   10  20 end   15  25         network   10     20 end    15  25
    const buffer = new ReportBuffer(['account', 'network'])
    expect(given(buffer, 'a10 a20. a15 a25 n10')).toBe('a10 n10')
    expect(given(buffer, 'n20.')).toBe('a20 n20')
    expect(given(buffer, 'n15')).toBe('a15 n15')
    // One that is at its end holds up nothing.
    expect(given(buffer, 'n25.')).toBe('a25 n25')
    expect(given(buffer, 'a30.')).toBe('a30')
  })

  it('gives nothing of after an end while another source has not told its own', () => {
    const buffer = new ReportBuffer(['account', 'network'])
    expect(given(buffer, 'a10. n10')).toBe('a10 n10')
    expect(given(buffer, 'a5')).toBe('')
    expect(given(buffer, 'n20. n5')).toBe('n20 a5 n5')
  })

  it('is the same after its state was kept, at any moment', () => {
    const reports = 'a10 n10+ a20. n10 a15 o15 n20. n15 a25 n30. o30. a30. o40.'.split(' ')
    const told = (cut?: number): string[] => {
      let buffer = new ReportBuffer(['account', 'network'])
      sequence = 0
      return reports.map((report, index) => {
        if (index === cut) {
          const saved = JSON.parse(JSON.stringify(buffer.state())) as ReturnType<typeof buffer.state>
          buffer = new ReportBuffer(['account', 'network'])
          buffer.restore(saved)
          // What came last comes again.
          if (index > 0) {
            sequence--
            expect(given(buffer, reports[index - 1]!)).toBe('')
          }
        }
        return given(buffer, report)
      })
    }
    const unbroken = told()
    expect(
      unbroken
        .join(' ')
        .split(' ')
        .filter((one) => one !== ''),
    ).toHaveLength(reports.length)
    for (const cut of reports.keys()) expect(told(cut)).toEqual(unbroken)
  })
})

let sequence = 0

/** Adds reports like `a10`; a plus says that more of the epoch follows, a dot that it is the last of all. Gives what is due. */
function given(buffer: ReportBuffer<Report>, reports: string): string {
  for (const report of reports.split(' ')) {
    const source = { a: 'account', n: 'network', o: 'other' }[report[0]!]!
    const endMs = Number.parseInt(report.slice(1))
    const passedMs = report.endsWith('.') ? null : endMs
    buffer.add({ source, sequence: ++sequence, endMs, ...(report.endsWith('+') ? {} : { passedMs }) })
  }
  return buffer
    .take()
    .map((report) => `${report.source[0]!}${report.endMs}`)
    .join(' ')
}
